#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/core/backend.hpp"
#include "kernels/solver.hpp"
#include "steps/class_weight.hpp"
#include "steps/split.hpp"
#include "steps/train_options.hpp"
#include "steps/training_data.hpp"

namespace gradstep {

/// What was found for a class against the others.
struct FittedClass {
  Fit fit;
  std::vector<double> variances;  ///< of the coefficients, the intercept's last; empty: none exist,
                                  ///< or the solver stopped early: they are those of the optimum
  std::vector<CurvePoint>
      curve;  ///< by rising iteration, the start included; a GPU leaves out some
};

/// A solver's answers, and the settings that options leave to it.
struct FittedModel {
  std::vector<FittedClass> classes;  ///< the second of two, else each: see LinearClassifier
  double tolerance = 0;
  std::string liblinear_kernel;  ///< skylakex or haswell; empty for the other solvers
  int max_iterations = 0;
};

/// Where the fits of all classes stood together after each number of steps, those that had ended
/// at their end: the sum of the objectives, and the gradients as one.
[[nodiscard]] std::vector<CurvePoint> joint_curve(const FittedModel& fitted);

/// What options ask of a solver, whose own defaults are for what they leave open.
[[nodiscard]] SolverOptions solver_options(const TrainOptions& options, int threads,
                                           Backend backend);

/// @throws DataError  when a class has no rows among the training rows, or only such as weigh
///                    nothing
void expect_trainable(const TrainingData& data, const Split& split);

/// Trains with the rows of split.train: the second class of two against the first, or each of more
/// against all others.
///
/// @param rows     data.row_blocks()
/// @param weights  data.row_weight holds them already where they are the same in every problem
/// @throws DataError  as expect_trainable() does
/// One read of X at the end is for the variances of a class.
/// Memory beyond the data: a few vectors of n and a 16th of the training rows; liblinear copies the
/// training rows, and precision mixed keeps a float32 copy of the features.
/// Source: scikit-learn 1.9, OneVsRestClassifier(LogisticRegression(...)) for more than two.
[[nodiscard]] FittedModel fit_model(const TrainingData& data, const RowBlocks& rows,
                                    const Split& split, const ClassWeights& weights,
                                    const TrainOptions& options, int threads, Backend backend);

}  // namespace gradstep
