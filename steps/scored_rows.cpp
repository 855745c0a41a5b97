#include "steps/scored_rows.hpp"

namespace gradstep {

ScoredRows::ScoredRows(const std::vector<std::int64_t>& rows, const Labels& labels,
                       const std::vector<double>& decisions) {
  truth.reserve(rows.size());
  decision.reserve(rows.size());
  for (const std::int64_t row : rows) {
    truth.push_back(labels.class_of_row[static_cast<std::size_t>(row)]);
    decision.push_back(decisions[static_cast<std::size_t>(row)]);
  }
  probability = probabilities(decision);
}

PictureFiles draw_pictures(const ScoredRows& rows, const RocCurve& roc, const Labels& labels) {
  return draw_pictures(
      {.roc = roc,
       .auc = area_under(roc),
       .confusion = confusion_matrix(rows.scores()),
       .class_names = {class_text(labels.classes[0]), class_text(labels.classes[1])},
       .precision_recall = precision_recall_curve(rows.truth, rows.probability)});
}

}  // namespace gradstep
