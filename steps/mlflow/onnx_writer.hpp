#pragma once

#include <string>

#include "steps/mlflow/trained_model.hpp"

namespace gradstep {

/// model.onnx: input X [N, d] of float64; outputs label [N] in the labels' own type, probability_0,
/// probability_1 and so on for each class [N]. All arithmetic is float64 and uses ONNX's main
/// operators only, because ai.onnx.ml computes in float32. IR version 8, opset 15: ONNX 1.12 and
/// later.
///
/// Agreement: with scikit-learn to the rounding of the sum x.w, since runtimes choose its order.
/// Source: ONNX 1.12, onnx/onnx.proto; the names are in onnx_format.hpp.
[[nodiscard]] std::string onnx_model(const LinearClassifier& model);

}  // namespace gradstep
