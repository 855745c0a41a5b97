// Makes MLflow's runs of a pipeline on demand, for tests of what a server gets: a command a line on
// stdin, {"do": "start", "name": "a", …}, an answer a line on stdout, {"answer": …} or
// {"error": "…"}. The end of stdin destroys what was opened.

#include <iostream>
#include <memory>
#include <string>

#include "steps/error.hpp"
#include "steps/exit_code.hpp"
#include "steps/json_values.hpp"
#include "steps/pipeline/run/pipeline_runs.hpp"

namespace gradstep::pipeline {
namespace {

PipelineRuns::Pairs pairs(const Json& json) {
  if (json.is_array()) return json;  // where a name stands twice
  PipelineRuns::Pairs list;
  for (const auto& [key, value] : json.items()) list.emplace_back(key, value);
  return list;
}

PipelineRuns::Status status(const std::string& word) {
  if (word == "finished") return PipelineRuns::Status::finished;
  return word == "killed" ? PipelineRuns::Status::killed : PipelineRuns::Status::failed;
}

std::unique_ptr<PipelineRuns> opened(const Json& command) {
  const Log log(false);
  const auto settings = tracking_settings(Tracking::automatic, process_environment(),
                                          [&](const std::string& line) { log.warn(line); });
  return std::make_unique<PipelineRuns>(settings, command["experiment"], command["name"],
                                        pairs(command["params"]), log);
}

Json answer(const Json& command, std::unique_ptr<PipelineRuns>& runs) {
  const std::string what = command["do"];
  if (what == "open") {
    runs = opened(command);
  } else if (what == "start") {
    return runs->start(command["name"], pairs(command["params"]), command["parent"]);
  } else if (what == "environment") {
    Json variables = Json::object();
    for (const auto& [name, value] : runs->environment(command["run"])) variables[name] = value;
    return variables;
  } else if (what == "end") {
    runs->end(command["run"], status(command["status"]));
  } else if (what == "set_tag") {
    runs->set_tag(command["run"], command["key"], command["value"]);
  } else if (what == "metric") {
    const std::optional<double> value = runs->metric(command["run"], command["name"]);
    return value ? Json(std::to_string(*value)) : Json();
  } else if (what == "finish") {
    runs->finish(status(command["status"]));
  }
  return {};
}

void serve() {
  std::unique_ptr<PipelineRuns> runs;
  for (std::string line; std::getline(std::cin, line);) {
    Json reply;
    try {
      reply["answer"] = answer(Json::parse(line), runs);
    } catch (const TrackingError& error) {
      reply["error"] = error.what();
    }
    std::cout << reply.dump()
              << std::endl;  // NOLINT(performance-avoid-endl): the test waits for it
  }
}

}  // namespace
}  // namespace gradstep::pipeline

int main() {
  try {
    gradstep::pipeline::serve();
    return 0;
  } catch (...) {
    std::cerr << gradstep::message_of_current_exception() << '\n';
    return static_cast<int>(gradstep::exit_code_of_current_exception());
  }
}
