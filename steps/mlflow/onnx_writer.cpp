#include "steps/mlflow/onnx_writer.hpp"

#include <bit>
#include <cstdint>
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

Message tensor(std::string_view name, int type, const Shape& shape) {
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

Message classes_tensor(const std::vector<ClassValue>& classes) {
  Message message = tensor(onnx::classes, label_type(classes[0]), {std::ssize(classes)});
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

Message node(const char* operation, const std::vector<std::string>& inputs,
             const std::string& output) {
  Message message;
  for (const std::string& input : inputs) message.bytes(onnx::node::input, input);
  return message.bytes(onnx::node::output, output)
      .bytes(onnx::node::name, output)
      .bytes(onnx::node::op_type, operation);
}

Message attribute(const char* name, std::int64_t value) {
  return Message()
      .bytes(onnx::attribute::name, name)
      .number(onnx::attribute::i, value)
      .number(onnx::attribute::type, onnx::attribute::type_int);
}

Message cast_node(const char* input, const char* output, int type) {
  return node("Cast", {input}, output).message(onnx::node::attribute, attribute("to", type));
}

/// An input or output of N rows; `columns` 0: a vector.
Message value_info(const std::string& name, int type, std::int64_t columns = 0) {
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

Message integers(const std::string& name, const Shape& shape, std::int64_t value) {
  return tensor(name, onnx::type::int64, shape)
      .bytes(onnx::tensor::raw_data, little_endian(static_cast<std::uint64_t>(value)));
}

std::string probability_of(std::size_t k) { return "probability_" + std::to_string(k); }

/// From decision_column to the outputs: two classes.
void add_two_classes(Message& graph) {
  namespace field = onnx::graph;
  graph.message(field::node, node("Reshape", {"decision_column", "flat"}, "decision"))
      .message(field::node, node("Greater", {"decision", "zero"}, "positive"))
      .message(field::node, cast_node("positive", "class_index", onnx::type::int64))
      .message(field::node, node("Gather", {onnx::classes, "class_index"}, "label"))
      .message(field::node, node("Sigmoid", {"decision"}, probability_of(1)))
      .message(field::node, node("Sub", {"one", probability_of(1)}, probability_of(0)));
}

/// From decisions, [N, K], to the outputs: K classes, each against the others. Where every sigmoid
/// is 0, so that they cannot be divided by their sum, they are taken for ones.
void add_many_classes(Message& graph, std::size_t classes) {
  namespace field = onnx::graph;
  const auto with = [](const Message& node, const Message& what) {
    return Message(node).message(onnx::node::attribute, what);
  };
  const Message best = with(node("ArgMax", {"decisions"}, "class_index"), attribute("axis", 1));
  graph.message(field::node, with(best, attribute("keepdims", 0)))
      .message(field::node, node("Gather", {onnx::classes, "class_index"}, "label"))
      .message(field::node, node("Sigmoid", {"decisions"}, "sigmoids"))
      .message(field::node, node("ReduceSum", {"sigmoids", "class_axis"}, "sigmoid_sum"))
      .message(field::node, node("Equal", {"sigmoid_sum", "zero"}, "none"))
      .message(field::node, node("Where", {"none", "one", "sigmoids"}, "parts"))
      .message(field::node, node("ReduceSum", {"parts", "class_axis"}, "part_sum"))
      .message(field::node, node("Div", {"parts", "part_sum"}, "probabilities"));
  for (std::size_t k = 0; k < classes; ++k)
    graph.message(field::node, with(node("Gather", {"probabilities", "class_" + std::to_string(k)},
                                         probability_of(k)),
                                    attribute("axis", 1)));
}

/// The weights of all models, feature by feature, and their intercepts.
void add_models(Message& graph, const std::vector<ClassModel>& models) {
  const std::size_t d = models.front().weights.size();
  std::vector<double> weights;
  weights.reserve(d * models.size());
  for (std::size_t i = 0; i < d; ++i)
    for (const ClassModel& model : models) weights.push_back(model.weights[i]);
  std::vector<double> intercepts;
  intercepts.reserve(models.size());
  for (const ClassModel& model : models) intercepts.push_back(model.intercept);
  const std::int64_t count = std::ssize(models);
  graph
      .message(onnx::graph::initializer,
               reals(onnx::coef, {static_cast<std::int64_t>(d), count}, weights))
      .message(onnx::graph::initializer, reals(onnx::intercept, {count}, intercepts));
}

Message graph_of(const LinearClassifier& model) {
  namespace field = onnx::graph;
  const auto d = static_cast<std::int64_t>(model.models.front().weights.size());
  const std::size_t classes = model.classes.size();
  const bool two = classes == 2;
  Message graph;
  const auto add = [&graph](int what, const Message& message) { graph.message(what, message); };

  if (model.scaler) {
    add(field::node, node("Mul", {"X", onnx::scale}, "X_times_scale"));
    add(field::node, node("Add", {"X_times_scale", onnx::min}, "X_scaled"));
  }
  const char* const x = model.scaler ? "X_scaled" : "X";
  add(field::node, node("MatMul", {x, onnx::coef}, "products"));
  add(field::node,
      node("Add", {"products", onnx::intercept}, two ? "decision_column" : "decisions"));
  two ? add_two_classes(graph) : add_many_classes(graph, classes);
  graph.bytes(field::name, "logistic_regression");

  if (model.scaler) {
    add(field::initializer, reals(onnx::scale, {d}, model.scaler->scale));
    add(field::initializer, reals(onnx::min, {d}, model.scaler->offset));
  }
  add_models(graph, model.models);
  add(field::initializer, two ? integers("flat", {1}, -1) : integers("class_axis", {1}, 1));
  for (std::size_t k = 0; !two && k < classes; ++k)
    add(field::initializer,
        integers("class_" + std::to_string(k), {}, static_cast<std::int64_t>(k)));
  add(field::initializer, reals("zero", {}, {0}));
  add(field::initializer, reals("one", {}, {1}));
  add(field::initializer, classes_tensor(model.classes));

  add(field::input, value_info("X", onnx::type::float64, d));
  add(field::output, value_info("label", label_type(model.classes[0])));
  for (std::size_t k = 0; k < classes; ++k)
    add(field::output, value_info(probability_of(k), onnx::type::float64));
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
