#include "steps/mlflow/onnx_reader.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include "steps/csv/source.hpp"
#include "steps/error.hpp"
#include "steps/json_values.hpp"
#include "steps/mlflow/model_writer.hpp"
#include "steps/mlflow/onnx_format.hpp"
#include "steps/mlflow/onnx_writer.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& finding) {
  throw DataError(finding + "; expected a model that train-model wrote");
}

/// One field of a protobuf message.
struct ProtoField {
  int number = 0;
  std::uint64_t value = 0;  ///< of a varint
  std::string_view bytes;   ///< of a string, a message or an array
};

/// The fields of a message, one after the other; source: protobuf.dev, "Encoding".
class ProtoFields {
 public:
  explicit ProtoFields(std::string_view text) : rest_(text) {}

  /// False at the message's end. @throws DataError when the text is no message
  [[nodiscard]] bool next(ProtoField& field) {
    if (rest_.empty()) return false;
    const std::uint64_t tag = varint();
    field = {static_cast<int>(tag >> 3 & 0x1fffffff), 0, {}};
    switch (tag & 7) {
      case 0:
        field.value = varint();
        return true;
      case 1:
        field.bytes = take(8);
        return true;
      case 2:
        field.bytes = take(varint());
        return true;
      case 5:
        field.bytes = take(4);
        return true;
      default:
        refuse("the file is damaged, or no ONNX model");
    }
  }

 private:
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    refuse("the file is damaged, or no ONNX model");
  }

  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) refuse("the file ends too early, or is no ONNX model");
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view rest_;
};

/// The last field of that number, as protobuf has it; nothing when there is none.
std::string_view bytes_of(std::string_view message, int number) {
  std::string_view found;
  ProtoField field;
  for (ProtoFields fields(message); fields.next(field);)
    if (field.number == number) found = field.bytes;
  return found;
}

/// What a tensor of the graph holds.
struct Tensor {
  std::string_view name;
  std::uint64_t type = 0;
  std::string_view raw;
  std::vector<std::string> texts;
};

std::vector<Tensor> tensors_of(std::string_view graph) {
  std::vector<Tensor> tensors;
  ProtoField field;
  for (ProtoFields fields(graph); fields.next(field);) {
    if (field.number != onnx::graph::initializer) continue;
    Tensor& tensor = tensors.emplace_back();
    ProtoField part;
    for (ProtoFields parts(field.bytes); parts.next(part);) {
      if (part.number == onnx::tensor::name) tensor.name = part.bytes;
      if (part.number == onnx::tensor::data_type) tensor.type = part.value;
      if (part.number == onnx::tensor::raw_data) tensor.raw = part.bytes;
      if (part.number == onnx::tensor::string_data) tensor.texts.emplace_back(part.bytes);
    }
  }
  return tensors;
}

std::uint64_t word_at(std::string_view raw, std::size_t index) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i)
    word |= std::uint64_t{static_cast<unsigned char>(raw[8 * index + i])} << (8 * i);
  return word;
}

/// The values of a tensor of float64; nothing when there is no such tensor.
std::optional<std::vector<double>> reals(const std::vector<Tensor>& tensors, const char* name) {
  const auto tensor = std::ranges::find(tensors, std::string_view(name), &Tensor::name);
  if (tensor == tensors.end()) return std::nullopt;
  if (tensor->type != onnx::type::float64 || tensor->raw.size() % 8 != 0)
    refuse(std::string("the tensor '") + name + "' holds no float64");
  std::vector<double> values(tensor->raw.size() / 8);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::bit_cast<double>(word_at(tensor->raw, i));
    if (!std::isfinite(values[i]))
      refuse(std::string("the tensor '") + name + "' holds a number that is not finite");
  }
  return values;
}

std::vector<ClassValue> classes_in(const std::vector<Tensor>& tensors) {
  const auto tensor = std::ranges::find(tensors, std::string_view(onnx::classes), &Tensor::name);
  if (tensor == tensors.end()) refuse("the graph has no tensor 'classes'");
  const std::size_t size = tensor->type == onnx::type::boolean ? 1 : 8;
  const bool texts = tensor->type == onnx::type::string;
  const std::size_t count = texts ? tensor->texts.size() : tensor->raw.size() / size;
  if (count < 2 || count > most_classes || (!texts && tensor->raw.size() % size != 0))
    refuse("the graph does not tell 2 to " + std::to_string(most_classes) + " classes apart");
  const auto value = [&](std::size_t k) -> ClassValue {
    switch (tensor->type) {
      case onnx::type::boolean:
        return tensor->raw[k] != 0;
      case onnx::type::int64:
        return std::bit_cast<std::int64_t>(word_at(tensor->raw, k));
      case onnx::type::uint64:
        return word_at(tensor->raw, k);
      case onnx::type::float64:
        return std::bit_cast<double>(word_at(tensor->raw, k));
      case onnx::type::string:
        return tensor->texts[k];
      default:
        refuse("the classes are of ONNX's type " + std::to_string(tensor->type));
    }
  };
  std::vector<ClassValue> classes;
  classes.reserve(count);
  for (std::size_t k = 0; k < count; ++k) classes.push_back(value(k));
  return classes;
}

/// The models of the classes; their weights lie side by side, feature by feature.
std::vector<ClassModel> models_in(const std::vector<Tensor>& tensors, std::size_t classes) {
  const std::size_t count = classes == 2 ? 1 : classes;
  const std::vector<double> weights = reals(tensors, onnx::coef).value_or(std::vector<double>{});
  const std::optional<std::vector<double>> intercepts = reals(tensors, onnx::intercept);
  if (weights.empty() || weights.size() % count != 0 || !intercepts || intercepts->size() != count)
    refuse("the graph is none of a logistic regression of ours");
  std::vector<ClassModel> models(count);
  for (std::size_t k = 0; k < count; ++k) {
    models[k].intercept = (*intercepts)[k];
    for (std::size_t i = k; i < weights.size(); i += count) models[k].weights.push_back(weights[i]);
  }
  return models;
}

std::vector<std::string> feature_names_in(std::string_view model) {
  std::string_view text;
  ProtoField field;
  for (ProtoFields fields(model); fields.next(field);) {
    if (field.number == onnx::model::metadata_props &&
        bytes_of(field.bytes, onnx::property::key) == onnx::feature_names)
      text = bytes_of(field.bytes, onnx::property::value);
  }
  try {
    return Json::parse(text).get<std::vector<std::string>>();
  } catch (const Json::exception&) {
    refuse("the metadata hold no 'feature_names'");
  }
}

}  // namespace

LinearClassifier parse_onnx_model(std::string_view bytes) {
  const std::vector<Tensor> tensors = tensors_of(bytes_of(bytes, onnx::model::graph));
  LinearClassifier model;
  model.feature_names = feature_names_in(bytes);
  model.classes = classes_in(tensors);
  model.models = models_in(tensors, model.classes.size());
  const std::size_t d = model.models.front().weights.size();
  if (auto scale = reals(tensors, onnx::scale)) {
    model.scaler.emplace().scale = std::move(*scale);
    model.scaler->offset = reals(tensors, onnx::min).value_or(std::vector<double>{});
    for (const auto* values : {&model.scaler->scale, &model.scaler->offset})
      if (values->size() != d) refuse("the scaler and the coefficients differ in length");
  }
  if (model.feature_names.size() != d)
    refuse("there are " + std::to_string(model.feature_names.size()) + " feature names and " +
           std::to_string(d) + " coefficients");
  // Whatever else the graph may do, it is not ours unless we write the same.
  const std::string ours = onnx_model(model);
  for (const int part : {onnx::model::graph, onnx::model::opset_import})
    if (bytes_of(ours, part) != bytes_of(bytes, part))
      refuse("the graph is none of a logistic regression of ours");
  return model;
}

LinearClassifier read_model(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    throw IoError("read model folder", folder, error ? error.value() : ENOTDIR);
  const fs::path path = folder / "model.onnx";
  if (!fs::exists(folder / ModelWriter::marker, error))
    throw DataError(folder.string() + ": found no " + ModelWriter::marker +
                    ", expected the folder of a model; is it still being written?");
  if (!fs::exists(path, error))
    throw DataError(folder.string() +
                    ": found no model.onnx, expected a model that train-model wrote");
  const csv::Source file(path);
  constexpr std::int64_t largest = std::int64_t{1} << 28;
  std::string bytes(static_cast<std::size_t>(std::min(file.size(), largest)), '\0');
  bytes.resize(static_cast<std::size_t>(file.read(0, bytes)));
  try {
    return parse_onnx_model(bytes);
  } catch (const DataError& finding) {
    throw DataError(path.string() + ": " + finding.what());
  }
}

}  // namespace gradstep
