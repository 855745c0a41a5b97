#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/core/backend.hpp"
#include "kernels/solver.hpp"
#include "steps/split.hpp"
#include "steps/train_options.hpp"
#include "steps/training_data.hpp"

namespace gradstep {

/// A solver's answer, and the settings that options leave to it.
struct FittedModel {
  Fit fit;
  double tolerance = 0;
  std::string liblinear_kernel;  ///< skylakex or haswell; empty for the other solvers
  int max_iterations = 0;
  std::vector<double> variances;  ///< of the coefficients, the intercept's last; empty: none exist
  std::vector<CurvePoint>
      curve;  ///< by rising iteration, the start included; a GPU leaves out some
};

/// What options ask of a solver, whose own defaults are for what they leave open.
[[nodiscard]] SolverOptions solver_options(const TrainOptions& options, int threads,
                                           Backend backend);

/// Trains with the rows of split.train.
///
/// @param rows  data.row_blocks()
/// @throws DataError  when all of them are of one class, or those of one class weigh nothing
/// One read of X at the end is for the variances.
/// Memory beyond the data: a few vectors of n and a 16th of the training rows; liblinear copies the
/// training rows, and precision mixed keeps a float32 copy of the features.
[[nodiscard]] FittedModel fit_model(const TrainingData& data, const RowBlocks& rows,
                                    const Split& split, const TrainOptions& options, int threads,
                                    Backend backend);

}  // namespace gradstep
