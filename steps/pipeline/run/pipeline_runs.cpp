#include "steps/pipeline/run/pipeline_runs.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>

#include "steps/error.hpp"
#include "steps/tracking/open_run.hpp"
#include "steps/tracking/requests.hpp"
#include "steps/tracking/run_context.hpp"
#include "steps/tracking/session.hpp"

namespace gradstep::pipeline {
namespace {

constexpr const char* program = "run-pipeline";
constexpr double last_words_seconds = 10;  // to say that the runs have ended otherwise

std::int64_t milliseconds_now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

const char* to_word(PipelineRuns::Status status) {
  switch (status) {
    case PipelineRuns::Status::finished:
      return "FINISHED";
    case PipelineRuns::Status::failed:
      return "FAILED";
    case PipelineRuns::Status::killed:
      return "KILLED";
  }
  return "FAILED";
}

/// The list `data.<kind>` of a run, as runs/get tells it: [{"key", "value"}].
std::vector<std::pair<std::string, Json>> list_in(const Json& answer, const char* kind) {
  const Json::json_pointer place(std::string("/run/data/") + kind);
  std::vector<std::pair<std::string, Json>> list;
  if (!answer.contains(place)) return list;
  for (const Json& entry : answer.at(place)) {
    if (!entry.is_object() || !entry.contains("key") || !entry.contains("value")) continue;
    if (entry["key"].is_string()) list.emplace_back(entry["key"], entry["value"]);
  }
  return list;
}

/// A metric's value: MLflow writes what JSON has no number for as a text.
double metric_value(const Json& value) {
  if (value.is_number()) return value.get<double>();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (value == "Infinity") return infinity;
  return value == "-Infinity" ? -infinity : std::nan("");
}

TrackingSettings with_experiment(TrackingSettings settings, const std::string& experiment) {
  if (settings.experiment_name.empty() && settings.experiment_id.empty()) {
    settings.experiment_name = experiment;
  }
  return settings;
}

}  // namespace

class PipelineRuns::State {
 public:
  State(const TrackingSettings& settings, const Log& log)
      : settings_(settings),
        log_(log),
        session_(settings_, log_),
        requests_(settings_.base_url, settings_.azure ? BatchLimits::azure() : BatchLimits{}) {}

  void open(const std::string& name, const Pairs& params);
  std::string start(const std::string& name, const Pairs& params, const std::string& parent);
  void end(const std::string& run_id, const char* status);
  void hurry() { session_.hurry(std::min(last_words_seconds, settings_.timeout)); }
  void finish(Status status);
  void abandon() noexcept;
  void tag(const std::string& run_id, const std::string& key, const std::string& value);
  std::optional<double> metric(const std::string& run_id, const std::string& name);

  [[nodiscard]] Pairs environment(const std::string& run_id) const;
  [[nodiscard]] bool is_finished() const { return parent_.id.empty(); }

 private:
  struct Child {
    std::string id;
    Pairs params;
  };

  [[nodiscard]] KeyValues tags(const std::string& name) const;
  Json run(const std::string& run_id);
  void log(const std::string& run_id, const Pairs& params, const Pairs& tags);
  void log_missing_params(const std::string& run_id, const Pairs& params);
  void end_all(const char* status);
  void say_where() const;
  template <class Telling>
  void tell(const Telling& telling);

  const TrackingSettings settings_;
  const Log log_;
  Session session_;
  MlflowRequests requests_;
  Run parent_;
  std::string experiment_name_;  ///< "" where only the id is known
  std::vector<Child> open_;      ///< children that have not ended
  std::string first_failure_;    ///< to tell the server something; "" for none
};

KeyValues PipelineRuns::State::tags(const std::string& name) const {
  KeyValues tags{{"mlflow.runName", name},
                 {"mlflow.user", settings_.user},
                 {"mlflow.source.name", program},
                 {"mlflow.source.type", "LOCAL"}};
  const KeyValues versions = started_run(program).tags;
  tags.insert(tags.end(), versions.begin(), versions.end());
  return tags;
}

Json PipelineRuns::State::run(const std::string& run_id) {
  const HttpRequest request = requests_.find_run(run_id);
  return session_.json_of(request, session_.send(request));
}

void PipelineRuns::State::log(const std::string& run_id, const Pairs& params, const Pairs& tags) {
  (void)session_.send(requests_.log_batch({.run_id = run_id,
                                           .params = params,
                                           .tags = tags,
                                           .metrics = {},
                                           .datasets = {},
                                           .model_id = {},
                                           .time = milliseconds_now()}));
}

void PipelineRuns::State::log_missing_params(const std::string& run_id, const Pairs& params) {
  // Backwards: of those that stand there twice the last one counts.
  std::map<std::string, std::string> missing(params.rbegin(), params.rend());
  if (missing.empty()) return;
  for (const auto& [key, value] : list_in(run(run_id), "params")) missing.erase(key);
  log(run_id, Pairs(missing.begin(), missing.end()), {});
}

/// Tells the server something that the pipeline can go on without.
template <class Telling>
void PipelineRuns::State::tell(const Telling& telling) {
  try {
    telling();
  } catch (const TrackingError& error) {
    log_.warn(error.what());
    if (first_failure_.empty()) first_failure_ = error.what();
  }
}

void PipelineRuns::State::open(const std::string& name, const Pairs& params) {
  open_run(session_, requests_, settings_, tags(name), milliseconds_now(), parent_);
  experiment_name_ = settings_.experiment_name;
  if (!settings_.run_id.empty() && !experiment_name_.empty()) {  // a run has an experiment already
    const HttpRequest request = requests_.experiment(parent_.experiment_id);
    experiment_name_ = session_.text_in(request, session_.send(request), {"experiment", "name"});
  }
  log_missing_params(parent_.id, params);
}

std::string PipelineRuns::State::start(const std::string& name, const Pairs& params,
                                       const std::string& parent) {
  KeyValues all = tags(name);
  all.emplace_back("mlflow.parentRunId", parent.empty() ? parent_.id : parent);
  const HttpRequest request =
      requests_.create_run(parent_.experiment_id, settings_.user, all, milliseconds_now());
  std::string id = session_.text_in(request, session_.send(request), {"run", "info", "run_id"});
  open_.push_back({id, params});
  return id;
}

PipelineRuns::Pairs PipelineRuns::State::environment(const std::string& run_id) const {
  Pairs variables{{"MLFLOW_RUN_ID", run_id}, {"MLFLOW_EXPERIMENT_ID", parent_.experiment_id}};
  if (!experiment_name_.empty()) variables.emplace_back("MLFLOW_EXPERIMENT_NAME", experiment_name_);
  return variables;
}

void PipelineRuns::State::end(const std::string& run_id, const char* status) {
  const auto found = std::find_if(open_.begin(), open_.end(),
                                  [&run_id](const Child& child) { return child.id == run_id; });
  Pairs params;
  if (found != open_.end()) {
    params = std::move(found->params);
    open_.erase(found);
  }
  tell([&] {
    (void)session_.send(requests_.end_run(run_id, status, milliseconds_now()));
    log_missing_params(run_id, params);
  });
}

void PipelineRuns::State::end_all(const char* status) {
  while (!open_.empty()) end(std::string(open_.back().id), status);  // which removes it
  end(std::exchange(parent_.id, {}), status);
}

void PipelineRuns::State::finish(Status status) {
  if (is_finished()) return;
  if (status != Status::finished) hurry();
  say_where();
  end_all(to_word(status));
  if (status == Status::finished && !first_failure_.empty()) throw TrackingError(first_failure_);
}

void PipelineRuns::State::abandon() noexcept {
  if (is_finished()) return;
  try {
    hurry();
    end_all(to_word(Status::failed));
  } catch (...) {  // the reason why nobody has called finish() says more
    return;
  }
}

void PipelineRuns::State::tag(const std::string& run_id, const std::string& key,
                              const std::string& value) {
  tell([&] { log(run_id, {}, {{key, value}}); });
}

std::optional<double> PipelineRuns::State::metric(const std::string& run_id,
                                                  const std::string& name) {
  for (const auto& [key, value] : list_in(run(run_id), "metrics")) {
    if (key == name) return metric_value(value);
  }
  return std::nullopt;
}

void PipelineRuns::State::say_where() const {
  const std::string experiment = session_.plain(parent_.experiment_id);
  const std::string id = session_.plain(parent_.id);
  const std::string page =
      settings_.azure ? settings_.base_url
                      : settings_.base_url + "/#/experiments/" + experiment + "/runs/" + id;
  log_.say("tracked: run " + id + " of experiment " + experiment + ": " + page);
}

PipelineRuns::PipelineRuns(const std::optional<TrackingSettings>& settings,
                           const std::string& experiment, const std::string& display_name,
                           const Pairs& params, const Log& log) {
  if (!settings) return;
  if (settings->job_owns_run) {
    log.say("tracking: the steps log to Azure ML's run of this job; they get none of their own");
    return;
  }
  state_ = std::make_unique<State>(with_experiment(*settings, experiment), log);
  try {
    state_->open(display_name, params);
  } catch (...) {
    state_->abandon();  // no destructor is called for what was never made
    throw;
  }
}

PipelineRuns::~PipelineRuns() {
  if (state_) state_->abandon();
}

std::string PipelineRuns::start(const std::string& name, const Pairs& params,
                                const std::string& parent) {
  return state_ ? state_->start(name, params, parent) : "";
}

PipelineRuns::Pairs PipelineRuns::environment(const std::string& run_id) const {
  if (!state_) return {};
  return run_id.empty() ? Pairs{{"MLFLOW_TRACKING_URI", ""}} : state_->environment(run_id);
}

void PipelineRuns::end(const std::string& run_id, Status status) {
  if (state_ && !run_id.empty()) state_->end(run_id, to_word(status));
}

void PipelineRuns::set_tag(const std::string& run_id, const std::string& key,
                           const std::string& value) {
  if (state_ && !run_id.empty()) state_->tag(run_id, key, value);
}

std::optional<double> PipelineRuns::metric(const std::string& run_id, const std::string& name) {
  return state_ && !run_id.empty() ? state_->metric(run_id, name) : std::nullopt;
}

void PipelineRuns::hurry() {
  if (state_) state_->hurry();
}

void PipelineRuns::finish(Status status) {
  if (state_) state_->finish(status);
}

}  // namespace gradstep::pipeline
