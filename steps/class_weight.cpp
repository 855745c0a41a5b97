#include "steps/class_weight.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string_view>
#include <variant>

#include "steps/error.hpp"
#include "steps/flag_values.hpp"

namespace gradstep {
namespace {

constexpr const char* flag = "--class_weight: ";

std::pair<std::string, double> parse_pair(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0)
    throw UsageError(flag + ("found '" + std::string(text)) +
                     "', expected none, balanced or LABEL:WEIGHT,LABEL:WEIGHT");
  const std::string label(text.substr(0, colon));
  const std::string_view number = trimmed(text.substr(colon + 1));
  const std::optional<double> weight = parse_real(number);
  if (!weight || !(*weight > 0) || !std::isfinite(*weight))
    throw UsageError(flag + ("found '" + std::string(number)) + "' for " +
                     std::string(trimmed(label)) + ", expected a finite number above 0");
  return {label, *weight};
}

/// True for what a person may write for a class: its text, or another of the same value, with
/// blanks around it or without.
bool stands_for(const std::string& given, const ClassValue& value) {
  const std::string label(trimmed(given));
  if (given == class_text(value) || label == class_text(value)) return true;
  if (const bool* const held = std::get_if<bool>(&value)) return parse_boolean(label) == *held;
  if (const std::int64_t* const held = std::get_if<std::int64_t>(&value))
    return parse_integer(label) == *held;
  if (const double* const held = std::get_if<double>(&value)) return parse_real(label) == *held;
  return false;
}

/// 0 and 1; no, maybe and yes.
std::string names_of(const std::vector<ClassValue>& classes) {
  std::string text;
  for (std::size_t k = 0; k < classes.size(); ++k)
    text += (k == 0 ? "" : k + 1 < classes.size() ? ", " : " and ") + class_text(classes[k]);
  return text;
}

std::vector<double> weights_by_label(const ClassWeight& chosen, const Labels& labels) {
  std::vector<std::optional<double>> found(labels.classes.size());
  for (const auto& [label, weight] : chosen.by_label) {
    std::size_t k = 0;
    while (k < found.size() && !stands_for(label, labels.classes[k])) ++k;
    if (k == found.size())
      throw UsageError(flag + ("found '" + label) + "', but the classes are " +
                       names_of(labels.classes));
    if (found[k]) throw UsageError(flag + ("'" + label) + "' is named twice");
    found[k] = weight;
  }
  std::vector<double> weights;
  weights.reserve(found.size());
  for (const std::optional<double>& weight : found) weights.push_back(weight.value_or(1));
  return weights;
}

/// As weight_by_class(), of class `k` and of the others.
struct TwoSums {
  double own = 0;
  double others = 0;
};

TwoSums weight_of_class(std::int32_t k, const Labels& labels, std::span<const std::int64_t> rows,
                        std::span<const double> row_weight) {
  TwoSums sums;
  for (const std::int64_t row : rows) {
    const auto r = static_cast<std::size_t>(row);
    (labels.class_of_row[r] == k ? sums.own : sums.others) +=
        row_weight.empty() ? 1 : row_weight[r];
  }
  return sums;
}

double balanced(double all, double sum) { return sum > 0 ? all / (2 * sum) : 1; }

}  // namespace

ClassWeight parse_class_weight(const std::string& text) {
  if (text.empty() || text == "none") return {};
  if (text == "balanced") return {ClassWeighting::balanced, {}};
  ClassWeight chosen{ClassWeighting::by_label, {}};
  for (std::size_t first = 0; first <= text.size();) {
    const std::size_t end = std::min(text.find(',', first), text.size());
    chosen.by_label.push_back(parse_pair(std::string_view(text).substr(first, end - first)));
    first = end + 1;
  }
  return chosen;
}

std::vector<double> weight_by_class(const Labels& labels, std::span<const std::int64_t> rows,
                                    std::span<const double> row_weight) {
  std::vector<double> sums(labels.classes.size());
  for (const std::int64_t row : rows) {
    const auto r = static_cast<std::size_t>(row);
    sums[static_cast<std::size_t>(labels.class_of_row[r])] +=
        row_weight.empty() ? 1 : row_weight[r];
  }
  return sums;
}

void expect_weights(const std::vector<double>& sums, const Labels& labels,
                    const std::string& which) {
  if (!std::isfinite(std::accumulate(sums.begin(), sums.end(), 0.0)))
    throw DataError("the weights of the training rows are too large to add up; divide them all");
  for (std::size_t k = 0; k < sums.size(); ++k)
    if (sums[k] == 0)
      throw DataError(which + "the training rows of class " + class_text(labels.classes[k]) +
                      " weigh nothing");
}

ClassWeights class_weights(const ClassWeight& chosen, const Labels& labels,
                           std::span<const std::int64_t> train,
                           std::span<const double> row_weight) {
  const std::size_t classes = labels.classes.size();
  if (chosen.weighting == ClassWeighting::none) return {std::vector<double>(classes, 1)};
  if (chosen.weighting == ClassWeighting::by_label) return {weights_by_label(chosen, labels)};
  ClassWeights weights;
  for (std::size_t k = 0; k < classes; ++k) {
    const TwoSums sums = weight_of_class(static_cast<std::int32_t>(k), labels, train, row_weight);
    weights.of_class.push_back(balanced(sums.own + sums.others, sums.own));
    if (classes > 2) weights.of_others.push_back(balanced(sums.own + sums.others, sums.others));
  }
  return weights;
}

void weigh_classes(const ClassWeights& weights, const Labels& labels,
                   std::vector<double>& row_weight) {
  const auto is_one = [](double weight) { return weight == 1; };
  if (!weights.of_others.empty() || std::ranges::all_of(weights.of_class, is_one)) return;
  if (row_weight.empty()) row_weight.assign(labels.class_of_row.size(), 1);
  for (std::size_t row = 0; row < row_weight.size(); ++row)
    row_weight[row] *= weights.of_class[static_cast<std::size_t>(labels.class_of_row[row])];
}

}  // namespace gradstep
