#pragma once

/// Field numbers and type codes of the ONNX messages that a linear classifier needs.
/// Source: ONNX 1.12, onnx/onnx.proto (IR version 8).
namespace gradstep::onnx {

/// The names of the graph's tensors that hold the model.
inline constexpr const char* scale = "scale";                  ///< [d], with a scaler only
inline constexpr const char* min = "min";                      ///< [d], with a scaler only
inline constexpr const char* coef = "coef";                    ///< [d, 1]; of K > 2 classes [d, K]
inline constexpr const char* intercept = "intercept";          ///< [1]; [K]
inline constexpr const char* classes = "classes";              ///< [2], the positive one last; [K]
inline constexpr const char* feature_names = "feature_names";  ///< in metadata_props: a JSON array

namespace type {
enum { int64 = 7, string = 8, boolean = 9, float64 = 11, uint64 = 13 };
}
namespace model {
enum {
  ir_version = 1,
  producer_name = 2,
  producer_version = 3,
  graph = 7,
  opset_import = 8,
  metadata_props = 14
};
}
namespace opset {
enum { domain = 1, version = 2 };
}
namespace property {
enum { key = 1, value = 2 };
}
namespace graph {
enum { node = 1, name = 2, initializer = 5, input = 11, output = 12 };
}
namespace node {
enum { input = 1, output = 2, name = 3, op_type = 4, attribute = 5 };
}
namespace attribute {
enum { name = 1, i = 3, type = 20 };
inline constexpr int type_int = 2;
}  // namespace attribute
namespace tensor {
enum { dims = 1, data_type = 2, string_data = 6, name = 8, raw_data = 9 };
}
namespace value_info {
enum { name = 1, type = 2 };
}
namespace type_proto {
enum { tensor_type = 1 };
}
namespace tensor_type {
enum { elem_type = 1, shape = 2 };
}
namespace shape {
enum { dim = 1 };
}
namespace dimension {
enum { value = 1, param = 2 };
}

}  // namespace gradstep::onnx
