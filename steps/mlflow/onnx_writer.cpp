#include "steps/mlflow/onnx_writer.hpp"

#include <bit>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "steps/json_values.hpp"
#include "steps/mlflow/onnx_format.hpp"
#include "steps/version.hpp"

namespace gradstep {
namespace {

using Shape = std::vector<std::int64_t>;

/// A protobuf message in the making; source: protobuf.dev, "Encoding".
class Message {
 public:
  Message& number(int field, std::int64_t value) {
    varint(static_cast<std::uint64_t>(field) << 3);  // wire type 0
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  Message& bytes(int field, std::string_view value) {
    varint(static_cast<std::uint64_t>(field) << 3 | 2);
    varint(value.size());
    text_ += value;
    return *this;
  }
  Message& message(int field, const Message& value) { return bytes(field, value.text()); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  /// Seven bits a byte, the lowest first; the top bit says that more follow.
  void varint(std::uint64_t value) {
    for (; value > 0x7f; value >>= 7) text_ += static_cast<char>((value & 0x7f) | 0x80);
    text_ += static_cast<char>(value);
  }

  std::string text_;
};

std::string little_endian(std::uint64_t bits) {
  std::string text;
  for (int i = 0; i < 8; ++i) text += static_cast<char>(bits >> (8 * i) & 0xff);
  return text;
}

Message tensor(const char* name, int type, const Shape& shape) {
  Message message;
  for (const std::int64_t dim : shape) message.number(onnx::tensor::dims, dim);
  return message.number(onnx::tensor::data_type, type).bytes(onnx::tensor::name, name);
}

Message reals(const char* name, const Shape& shape, const std::vector<double>& values) {
  std::string raw;
  raw.reserve(values.size() * 8);
  for (const double value : values) raw += little_endian(std::bit_cast<std::uint64_t>(value));
  return tensor(name, onnx::type::float64, shape).bytes(onnx::tensor::raw_data, raw);
}

/// ONNX's code for the type of such labels.
int label_type(const ClassValue& value) {
  constexpr int codes[] = {onnx::type::boolean, onnx::type::int64, onnx::type::uint64,
                           onnx::type::float64, onnx::type::string};  // as in ClassValue
  static_assert(std::size(codes) == std::variant_size_v<ClassValue>);
  return codes[value.index()];
}

Message classes_tensor(const std::array<ClassValue, 2>& classes) {
  Message message = tensor(onnx::classes, label_type(classes[0]), {2});
  std::string raw;
  for (const ClassValue& value : classes) {
    std::visit(
        [&](const auto& held) {
          using Held = std::decay_t<decltype(held)>;
          if constexpr (std::is_same_v<Held, std::string>) {
            message.bytes(onnx::tensor::string_data, held);
          } else if constexpr (std::is_same_v<Held, bool>) {
            raw += held ? '\1' : '\0';
          } else {
            raw += little_endian(std::bit_cast<std::uint64_t>(held));
          }
        },
        value);
  }
  return raw.empty() ? message : message.bytes(onnx::tensor::raw_data, raw);
}

Message node(const char* operation, std::initializer_list<const char*> inputs, const char* output) {
  Message message;
  for (const char* input : inputs) message.bytes(onnx::node::input, input);
  return message.bytes(onnx::node::output, output)
      .bytes(onnx::node::name, output)
      .bytes(onnx::node::op_type, operation);
}

Message cast_node(const char* input, const char* output, int type) {
  Message to;
  to.bytes(onnx::attribute::name, "to")
      .number(onnx::attribute::i, type)
      .number(onnx::attribute::type, onnx::attribute::type_int);
  return node("Cast", {input}, output).message(onnx::node::attribute, to);
}

/// An input or output of N rows; `columns` 0: a vector.
Message value_info(const char* name, int type, std::int64_t columns = 0) {
  Message shape;
  shape.message(onnx::shape::dim, Message().bytes(onnx::dimension::param, "N"));
  if (columns > 0)
    shape.message(onnx::shape::dim, Message().number(onnx::dimension::value, columns));
  Message tensor_type;
  tensor_type.number(onnx::tensor_type::elem_type, type).message(onnx::tensor_type::shape, shape);
  Message type_proto;
  type_proto.message(onnx::type_proto::tensor_type, tensor_type);
  return Message().bytes(onnx::value_info::name, name).message(onnx::value_info::type, type_proto);
}

Message graph_of(const LinearClassifier& model) {
  namespace field = onnx::graph;
  const auto d = static_cast<std::int64_t>(model.coefficients.size());
  Message graph;
  const auto add = [&graph](int what, const Message& message) { graph.message(what, message); };

  if (model.scaler) {
    add(field::node, node("Mul", {"X", onnx::scale}, "X_times_scale"));
    add(field::node, node("Add", {"X_times_scale", onnx::min}, "X_scaled"));
  }
  const char* const x = model.scaler ? "X_scaled" : "X";
  add(field::node, node("MatMul", {x, onnx::coef}, "products"));
  add(field::node, node("Add", {"products", onnx::intercept}, "decision_column"));
  add(field::node, node("Reshape", {"decision_column", "flat"}, "decision"));
  add(field::node, node("Greater", {"decision", "zero"}, "positive"));
  add(field::node, cast_node("positive", "class_index", onnx::type::int64));
  add(field::node, node("Gather", {onnx::classes, "class_index"}, "label"));
  add(field::node, node("Sigmoid", {"decision"}, "probability_1"));
  add(field::node, node("Sub", {"one", "probability_1"}, "probability_0"));
  graph.bytes(field::name, "logistic_regression");

  if (model.scaler) {
    add(field::initializer, reals(onnx::scale, {d}, model.scaler->scale));
    add(field::initializer, reals(onnx::min, {d}, model.scaler->offset));
  }
  add(field::initializer, reals(onnx::coef, {d, 1}, model.coefficients));
  add(field::initializer, reals(onnx::intercept, {1}, {model.intercept}));
  add(field::initializer,
      tensor("flat", onnx::type::int64, {1})
          .bytes(onnx::tensor::raw_data, little_endian(static_cast<std::uint64_t>(-1))));
  add(field::initializer, reals("zero", {}, {0}));
  add(field::initializer, reals("one", {}, {1}));
  add(field::initializer, classes_tensor(model.classes));

  add(field::input, value_info("X", onnx::type::float64, d));
  add(field::output, value_info("label", label_type(model.classes[0])));
  add(field::output, value_info("probability_0", onnx::type::float64));
  add(field::output, value_info("probability_1", onnx::type::float64));
  return graph;
}

}  // namespace

std::string onnx_model(const LinearClassifier& model) {
  Message opset;
  opset.bytes(onnx::opset::domain, "").number(onnx::opset::version, 15);
  Message names;
  names.bytes(onnx::property::key, onnx::feature_names)
      .bytes(onnx::property::value, Json(model.feature_names).dump());
  Message file;
  file.number(onnx::model::ir_version, 8)
      .bytes(onnx::model::producer_name, "gradstep")
      .bytes(onnx::model::producer_version, version)
      .message(onnx::model::graph, graph_of(model))
      .message(onnx::model::opset_import, opset)
      .message(onnx::model::metadata_props, names);
  return file.text();
}

}  // namespace gradstep
