#include "steps/model_writer.hpp"

#include "steps/json_values.hpp"
#include "steps/version.hpp"

namespace gradstep {

ModelWriter::ModelWriter(const std::filesystem::path& folder) : folder_(folder, marker) {}

void ModelWriter::write(const TrainedModel& model) {
  marker_text_ = to_text({
      {"version", version},
      {"solver", model.solver},
      {"reg_rate", model.reg_rate},
      {"classes", to_json_value(model.classes)},
      {"feature_names", model.feature_names},
      {"coefficients", model.coefficients},
      {"intercept", model.intercept},
  });
}

void ModelWriter::finish() const { folder_.finish(marker_text_); }

}  // namespace gradstep
