#include "steps/class_weight.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
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
  const std::optional<double> weight = parse_real(text.substr(colon + 1));
  if (!weight || !(*weight > 0) || !std::isfinite(*weight))
    throw UsageError(flag + ("found '" + std::string(text.substr(colon + 1))) + "' for " + label +
                     ", expected a finite number above 0");
  return {label, *weight};
}

/// True for what a person may write for a class: its text, or another of the same value.
bool stands_for(const std::string& label, const ClassValue& value) {
  if (label == class_text(value)) return true;
  if (const bool* const held = std::get_if<bool>(&value)) return parse_boolean(label) == *held;
  if (const double* const held = std::get_if<double>(&value)) return parse_real(label) == *held;
  return false;
}

std::array<double, 2> weights_by_label(const ClassWeight& chosen, const Labels& labels) {
  std::array<std::optional<double>, 2> found;
  for (const auto& [label, weight] : chosen.by_label) {
    std::size_t k = 0;
    while (k < found.size() && !stands_for(label, labels.classes[k])) ++k;
    if (k == found.size())
      throw UsageError(flag + ("found '" + label) + "', but the classes are " +
                       class_text(labels.classes[0]) + " and " + class_text(labels.classes[1]));
    if (found[k]) throw UsageError(flag + ("'" + label) + "' is named twice");
    found[k] = weight;
  }
  return {found[0].value_or(1), found[1].value_or(1)};
}

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

std::array<double, 2> weight_by_class(const Labels& labels, std::span<const std::int64_t> rows,
                                      std::span<const double> row_weight) {
  std::array<double, 2> sums{};
  for (const std::int64_t row : rows) {
    const auto r = static_cast<std::size_t>(row);
    sums[static_cast<std::size_t>(labels.class_of_row[r])] +=
        row_weight.empty() ? 1 : row_weight[r];
  }
  return sums;
}

std::array<double, 2> class_weights(const ClassWeight& chosen, const Labels& labels,
                                    std::span<const std::int64_t> train,
                                    std::span<const double> row_weight) {
  if (chosen.weighting == ClassWeighting::none) return {1, 1};
  if (chosen.weighting == ClassWeighting::by_label) return weights_by_label(chosen, labels);
  const std::array<double, 2> sums = weight_by_class(labels, train, row_weight);
  const double all = sums[0] + sums[1];
  const auto balanced = [all](double sum) { return sum > 0 ? all / (2 * sum) : 1; };
  return {balanced(sums[0]), balanced(sums[1])};
}

void weigh_classes(const std::array<double, 2>& weights, const Labels& labels,
                   std::vector<double>& row_weight) {
  if (weights[0] == 1 && weights[1] == 1) return;
  if (row_weight.empty()) row_weight.assign(labels.class_of_row.size(), 1);
  for (std::size_t row = 0; row < row_weight.size(); ++row)
    row_weight[row] *= weights[static_cast<std::size_t>(labels.class_of_row[row])];
}

}  // namespace gradstep
