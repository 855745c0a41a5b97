// A step that only tracks, for tests of what a server gets: track_driver RECORD.json
//
// RECORD.json: {"params": {}, "tags": {}, "metrics": [[key, value, step, dataset?]],
// "datasets": [{…}], "artifacts": {path: text}, "model": {"name", "folder", "files",
// "register_as"}, "children": [{"name", "params", "metrics", "of_model"}], "failed": true}; values
// that JSON has no word for are the texts "NaN", "Infinity", "-Infinity".

#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <string>

#include "steps/exit_code.hpp"
#include "steps/json_values.hpp"
#include "steps/tracking/track.hpp"

namespace gradstep {
namespace {

double number(const Json& json) {
  if (json.is_number()) return json.get<double>();
  if (json == "NaN") return std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  return json == "Infinity" ? infinity : -infinity;
}

KeyValues key_values(const Json& json) {
  KeyValues pairs;
  for (const auto& [key, value] : json.items()) pairs.emplace_back(key, value);
  return pairs;
}

std::vector<LoggedMetric> metrics(const Json& json) {
  std::vector<LoggedMetric> list;
  for (const Json& row : json) {
    list.push_back({row[0], number(row[1]), row[2]});
    if (row.size() > 3) list.back().dataset = row[3];
  }
  return list;
}

ModelRecord model(const Json& json) {
  return {.name = json["name"],
          .folder = json["folder"].get<std::string>(),
          .files = json["files"],
          .mlmodel =
              [](const ModelOrigin& origin) {
                return "run_id: " + origin.run_id + "\nartifact_path: " + origin.artifact_path +
                       "\nmodel_id: " + origin.model_id + "\n";
              },
          .register_as = json.value("register_as", "")};
}

RunRecord record(const Json& json) {
  RunRecord made;
  made.program = "track_driver";
  made.start_time = 1700000000000;
  made.params = key_values(json.value("params", Json::object()));
  made.tags = key_values(json.value("tags", Json::object()));
  made.metrics = metrics(json.value("metrics", Json::array()));
  const Json datasets = json.value("datasets", Json::array());
  for (const Json& each : datasets) {
    made.datasets.push_back({.name = each["name"],
                             .digest = each["digest"],
                             .context = each["context"],
                             .source_type = "code",
                             .source = "{}",
                             .schema = "{}",
                             .profile = "{}"});
  }
  for (const auto& [path, text] : key_values(json.value("artifacts", Json::object()))) {
    made.artifacts.push_back({path, text});
  }
  if (json.contains("model")) made.model = model(json["model"]);
  const Json children = json.value("children", Json::array());
  for (const Json& each : children) {
    made.children.push_back({.name = each["name"],
                             .params = key_values(each["params"]),
                             .metrics = metrics(each["metrics"]),
                             .of_model = each.value("of_model", false)});
  }
  return made;
}

void run(const char* path) {
  std::ifstream file(path);
  const Json json = Json::parse(file);
  const Log log(false);
  const auto settings =
      tracking_settings(json.value("required", false) ? Tracking::required : Tracking::automatic,
                        process_environment(), [&](const std::string& line) { log.warn(line); });
  if (!settings) return;
  if (json.value("failed", false)) return track_failure(*settings, record(json), log);
  track(*settings, record(json), log);
}

}  // namespace
}  // namespace gradstep

int main(int argc, char** argv) {
  try {
    if (argc == 2) gradstep::run(argv[1]);
    return argc == 2 ? 0 : 2;
  } catch (...) {
    const auto code = gradstep::exit_code_of_current_exception();
    std::fprintf(stderr, "%s\n", gradstep::message_of_current_exception().c_str());
    return static_cast<int>(code);
  }
}
