#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "steps/labels.hpp"
#include "steps/metrics.hpp"
#include "steps/plot/draw_pictures.hpp"

namespace gradstep {

/// What a model says about some of the rows, and what is true of them.
struct ScoredRows {
  std::vector<std::int32_t> truth;
  ClassColumns decision;
  ClassColumns probability;

  /// @param decisions  of all rows, of which `rows` are taken
  ScoredRows(const std::vector<std::int64_t>& rows, const Labels& labels,
             const ClassColumns& decisions);
  [[nodiscard]] Scores scores() const { return {truth, decision, probability}; }
};

/// The three pictures of how well `rows` are told apart. @param roc  roc_curves() of them
[[nodiscard]] PictureFiles draw_pictures(const ScoredRows& rows, const std::vector<RocCurve>& roc,
                                         const Labels& labels);

}  // namespace gradstep
