#pragma once

#include <filesystem>
#include <string_view>

#include "steps/mlflow/trained_model.hpp"

namespace gradstep {

/// Reads the model of a folder that ModelWriter wrote, from its model.onnx.
///
/// @return the scaler, when there is one, with scale and offset only: the graph holds no more
/// @throws DataError  when the folder is not whole, or model.onnx is damaged or another tool's
/// @throws IoError    when the folder or model.onnx cannot be read
[[nodiscard]] LinearClassifier read_model(const std::filesystem::path& folder);

/// The same from the bytes of model.onnx: onnx_model() of the result gives the same graph, bit by
/// bit. @throws DataError
[[nodiscard]] LinearClassifier parse_onnx_model(std::string_view bytes);

}  // namespace gradstep
