#include "steps/mlflow/feature_type.hpp"

#include <algorithm>
#include <string>

#include "kernels/core/error.hpp"

namespace gradstep {

FeatureType feature_type(const csv::Column& column) {
  const auto holds_only = [&column](csv::CellType type) {
    return std::ranges::all_of(column.segments,
                               [type](const csv::Segment& part) { return part.type == type; });
  };
  if (holds_only(csv::CellType::int64)) return FeatureType::integer;
  return holds_only(csv::CellType::boolean) ? FeatureType::boolean : FeatureType::real;
}

const char* name_of(FeatureType type) {
  switch (type) {
    case FeatureType::boolean:
      return "boolean";
    case FeatureType::integer:
      return "long";
    case FeatureType::real:
      break;
  }
  return "double";
}

FeatureType feature_type_named(std::string_view name) {
  for (const FeatureType type : {FeatureType::boolean, FeatureType::integer, FeatureType::real})
    if (name == name_of(type)) return type;
  throw DataError("found the type '" + std::string(name) + "', expected boolean, long or double");
}

}  // namespace gradstep
