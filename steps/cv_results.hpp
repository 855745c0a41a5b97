#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "steps/cross_validation.hpp"
#include "steps/plot/draw_path_pictures.hpp"

namespace gradstep {

inline constexpr const char* cv_results_name = "cv_results.csv";

/// The table of a cross-validation: a row a rate, with the columns that scikit-learn 1.9's
/// `DataFrame(GridSearchCV(scoring=["roc_auc", "accuracy", "neg_log_loss"]).cv_results_)` has, in
/// their order, but for those of time: nothing is fitted alone, so that no rate has a time.
[[nodiscard]] std::string cv_results_csv(const CrossValidation& found);

/// A rate's line of that table, without its folds: mean_test_roc_auc, std_test_roc_auc,
/// rank_test_roc_auc, and so on.
struct CvResult {
  std::size_t rate = 0;  ///< an index of CrossValidation::rates
  std::vector<std::pair<std::string, double>> numbers;
};

/// The `most` rates of the best ranks by `selection`, the best first, equals in their order.
[[nodiscard]] std::vector<CvResult> best_cv_results(const CrossValidation& found,
                                                    Criterion selection, std::size_t most);

/// The mean of the best rate as GridSearchCV's best_score_ has it: greater is better.
[[nodiscard]] double best_cv_score(const CrossValidation& found, Criterion selection);

/// What a cross-validation leaves beside the model.
struct CrossValidationFiles {
  std::string table;
  PathPictureFiles pictures;
};

/// @throws IoError  as draw_path_pictures()
[[nodiscard]] CrossValidationFiles cross_validation_files(
    const CrossValidation& found, const PathOptions& path,
    const std::vector<std::string>& feature_names);

/// Writes cv_results.csv into one folder and the pictures into the other. @throws IoError
void write_cross_validation(const CrossValidationFiles& files, const std::filesystem::path& model,
                            const std::filesystem::path& plots);

/// Removes what an earlier training may have written there. @throws IoError
void remove_cross_validation(const std::filesystem::path& model,
                             const std::filesystem::path& plots);

}  // namespace gradstep
