#include "steps/cv_results.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "steps/output_folder.hpp"
#include "steps/python_repr.hpp"

namespace gradstep {
namespace {

/// A scorer of scikit-learn: greater is better.
struct Scorer {
  const char* name;
  Criterion criterion;
  double sign;
};

constexpr std::array<Scorer, 3> scorers{{{"roc_auc", Criterion::auc, 1},
                                         {"accuracy", Criterion::accuracy, 1},
                                         {"neg_log_loss", Criterion::log_loss, -1}}};

// As pandas writes it.
std::string cell(double value) { return std::isnan(value) ? "" : python_repr(value); }

std::string header(std::size_t folds) {
  std::string line = "param_C,params";
  for (const Scorer& scorer : scorers) {
    const std::string name = std::string("_test_") + scorer.name;
    for (std::size_t fold = 0; fold < folds; ++fold) line += ",split" + std::to_string(fold) + name;
    for (const char* what : {",mean", ",std", ",rank"}) line += what + name;
  }
  return line;
}

std::vector<std::int64_t> ranks_by(const CrossValidation& found, const Scorer& scorer) {
  std::vector<double> means(found.rates.size());
  std::ranges::transform(found.rates, means.begin(), [&](const RateScores& rate) {
    return scorer.sign * scores_by(rate, scorer.criterion).mean;
  });
  return ranks(means);
}

/// The ranks of all rates, by each scorer.
std::array<std::vector<std::int64_t>, scorers.size()> all_ranks(const CrossValidation& found) {
  std::array<std::vector<std::int64_t>, scorers.size()> places;
  std::ranges::transform(scorers, places.begin(),
                         [&](const Scorer& scorer) { return ranks_by(found, scorer); });
  return places;
}

const Scorer& scorer_of(Criterion criterion) {
  return *std::ranges::find(scorers, criterion, &Scorer::criterion);
}

std::string cells(const FoldScores& scores, double sign, std::int64_t rank) {
  std::string text;
  for (const double score : scores.of_fold) text += ',' + cell(sign * score);
  return text + ',' + cell(sign * scores.mean) + ',' + cell(scores.deviation) + ',' +
         std::to_string(rank);
}

const char* title_of(Criterion criterion) {
  if (criterion == Criterion::auc) return "AUC";
  return criterion == Criterion::accuracy ? "accuracy" : "log loss";
}

PathPictureContent picture_content(const CrossValidation& found, const PathOptions& path,
                                   const std::vector<std::string>& feature_names) {
  std::vector<std::size_t> rising(found.rates.size());
  std::iota(rising.begin(), rising.end(), std::size_t{0});
  std::ranges::sort(rising, {}, [&](std::size_t r) { return found.rates[r].reg_rate; });
  PathPictureContent content;
  content.score = title_of(path.selection);
  content.folds = path.folds;
  content.feature_names = feature_names;
  content.rates.reserve(rising.size());
  content.means.reserve(rising.size());
  content.standard_errors.reserve(rising.size());
  for (const std::size_t r : rising) {
    const FoldScores& scores = scores_by(found.rates[r], path.selection);
    if (r == found.choice.chosen) content.chosen = content.rates.size();
    content.rates.push_back(found.rates[r].reg_rate);
    content.means.push_back(scores.mean);
    content.standard_errors.push_back(scores.standard_error);
  }
  content.coefficients.reserve(feature_names.size() * rising.size());
  for (std::size_t feature = 0; feature < feature_names.size(); ++feature)
    for (const std::size_t r : rising)
      content.coefficients.push_back(found.rates[r].coefficients[feature]);
  return content;
}

}  // namespace

std::string cv_results_csv(const CrossValidation& found) {
  const auto places = all_ranks(found);
  std::string text = header(found.rates.front().auc.of_fold.size()) + '\n';
  for (std::size_t r = 0; r < found.rates.size(); ++r) {
    const RateScores& rate = found.rates[r];
    const std::string c = python_repr(1 / rate.reg_rate);
    text.append(c).append(",{'C': ").append(c).append("}");
    for (std::size_t k = 0; k < scorers.size(); ++k)
      text += cells(scores_by(rate, scorers[k].criterion), scorers[k].sign, places[k][r]);
    text += '\n';
  }
  return text;
}

std::vector<CvResult> best_cv_results(const CrossValidation& found, Criterion selection,
                                      std::size_t most) {
  const std::vector<std::int64_t> selected = ranks_by(found, scorer_of(selection));
  std::vector<std::size_t> best_first(found.rates.size());
  std::iota(best_first.begin(), best_first.end(), std::size_t{0});
  std::ranges::stable_sort(best_first, {}, [&](std::size_t r) { return selected[r]; });
  best_first.resize(std::min(most, best_first.size()));
  const auto places = all_ranks(found);
  std::vector<CvResult> results;
  results.reserve(best_first.size());
  for (const std::size_t r : best_first) {
    CvResult& result = results.emplace_back(CvResult{.rate = r, .numbers = {}});
    for (std::size_t k = 0; k < scorers.size(); ++k) {
      const FoldScores& scores = scores_by(found.rates[r], scorers[k].criterion);
      const std::string name = std::string("_test_") + scorers[k].name;
      result.numbers.emplace_back("mean" + name, scorers[k].sign * scores.mean);
      result.numbers.emplace_back("std" + name, scores.deviation);
      result.numbers.emplace_back("rank" + name, static_cast<double>(places[k][r]));
    }
  }
  return results;
}

double best_cv_score(const CrossValidation& found, Criterion selection) {
  return scorer_of(selection).sign * scores_by(found.rates[found.choice.best], selection).mean;
}

CrossValidationFiles cross_validation_files(const CrossValidation& found, const PathOptions& path,
                                            const std::vector<std::string>& feature_names) {
  return {.table = cv_results_csv(found),
          .pictures = draw_path_pictures(picture_content(found, path, feature_names))};
}

void write_cross_validation(const CrossValidationFiles& files, const std::filesystem::path& model,
                            const std::filesystem::path& plots) {
  write_whole(model / cv_results_name, files.table);
  write_path_pictures(files.pictures, plots);
}

void remove_cross_validation(const std::filesystem::path& model,
                             const std::filesystem::path& plots) {
  remove_if_there(model / cv_results_name);
  remove_if_there(plots / cross_validation_name);
  remove_if_there(plots / coefficient_path_name);
}

}  // namespace gradstep
