#include "steps/tracking/run_context.hpp"

#include <chrono>

#include "steps/exit_code.hpp"
#include "steps/tracking/request_json.hpp"
#include "steps/tracking/track.hpp"
#include "steps/version.hpp"

namespace gradstep {

std::int64_t milliseconds_now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

RunRecord started_run(const std::string& program) {
  RunRecord record;
  record.program = program;
  record.start_time = milliseconds_now();
  record.tags = {{"gradstep.version", version}, {"gradstep.commit", commit}};
  return record;
}

std::string code_source(const std::string& program, const std::string& user) {
  const Json tags{
      {"mlflow.user", user}, {"mlflow.source.name", program}, {"mlflow.source.type", "LOCAL"}};
  return compact_text({{"tags", tags}});
}

std::string file_source(const std::string& path) { return compact_text({{"uri", path}}); }

void tell_failure(const std::optional<TrackingSettings>& settings, const RunRecord& record,
                  const Log& log) {
  if (!settings) return;
  RunRecord failed = record;
  failed.tags.emplace_back("gradstep.error", message_of_current_exception());
  track_failure(*settings, failed, log);
}

}  // namespace gradstep
