#include "steps/scored_rows.hpp"

#include <algorithm>
#include <cstddef>

namespace gradstep {
namespace {

/// The values of `rows`.
template <class T>
std::vector<T> taken(const std::vector<std::int64_t>& rows, const std::vector<T>& values) {
  std::vector<T> result(rows.size());
  std::ranges::transform(rows, result.begin(),
                         [&](std::int64_t row) { return values[static_cast<std::size_t>(row)]; });
  return result;
}

}  // namespace

ScoredRows::ScoredRows(const std::vector<std::int64_t>& rows, const Labels& labels,
                       const ClassColumns& decisions)
    : truth(taken(rows, labels.class_of_row)) {
  decision.reserve(decisions.size());
  for (const std::vector<double>& column : decisions) decision.push_back(taken(rows, column));
  probability = probabilities(decision);
}

PictureFiles draw_pictures(const ScoredRows& rows, const std::vector<RocCurve>& roc,
                           const Labels& labels) {
  const Scores scores = rows.scores();
  std::vector<std::string> names(labels.classes.size());
  std::ranges::transform(labels.classes, names.begin(), class_text);
  return draw_pictures({.roc = roc,
                        .confusion = confusion_matrix(scores),
                        .class_names = names,
                        .precision_recall = precision_recall_curves(scores)});
}

}  // namespace gradstep
