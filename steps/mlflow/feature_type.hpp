#pragma once

#include <string_view>

#include "steps/csv/table.hpp"
#include "steps/mlflow/trained_model.hpp"

namespace gradstep {

/// What a column holds as read, before it is made float64.
[[nodiscard]] FeatureType feature_type(const csv::Column& column);

/// As a signature names it: boolean, long, double.
[[nodiscard]] const char* name_of(FeatureType type);
/// The inverse. @throws DataError  for any other text
[[nodiscard]] FeatureType feature_type_named(std::string_view name);

}  // namespace gradstep
