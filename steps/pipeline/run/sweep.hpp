#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "steps/pipeline/plan.hpp"

namespace gradstep::pipeline {

/// The values of one trial: input, value as text.
using TrialValues = std::vector<std::pair<std::string, std::string>>;

/// The trials of a sweep, in order: of a grid every combination, the last parameter fastest; of
/// random sampling as many as max_total_trials, the same ones for the same seed on every machine.
/// Never more than max_total_trials. `seed` counts when the sweep names none itself.
///
/// Numbers are Python's repr, those of randint integers; with q as documented round(x / q) * q,
/// which may lie up to q / 2 outside of the bounds.
/// @throws InvalidArgument  for what the checker refuses: no space, no values, no such
///                          distribution, numbers that are missing, a grid of anything but choices
/// Source: Azure ML's "CLI (v2) sweep job YAML schema" and "Hyperparameter tuning a model (v2)"
[[nodiscard]] std::vector<TrialValues> draw_trials(const Sweep& sweep, std::uint64_t seed);

/// The metric that `metrics.json` in one of the folders names under "metrics"; nullopt when no
/// folder has that file, or the file no such metric, or it is null.
/// @throws DataError  when a metrics.json is no JSON
/// @throws IoError    when it cannot be read
[[nodiscard]] std::optional<double> metric_in(const std::vector<std::filesystem::path>& folders,
                                              const std::string& metric);

/// The index of the best; nullopt when no trial has a value, as which NaN does not count. Of equal
/// ones the first.
[[nodiscard]] std::optional<std::size_t> best_trial(
    const std::vector<std::optional<double>>& values, bool maximize);

}  // namespace gradstep::pipeline
