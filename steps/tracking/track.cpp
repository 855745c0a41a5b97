#include "steps/tracking/track.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include "steps/error.hpp"
#include "steps/exit_code.hpp"
#include "steps/tracking/child_runs.hpp"
#include "steps/tracking/open_run.hpp"
#include "steps/tracking/requests.hpp"
#include "steps/tracking/run_context.hpp"
#include "steps/tracking/session.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;

constexpr double last_words_seconds = 10;  // to say that a run has failed

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes;
  std::array<char, 65536> piece{};
  while (file.read(piece.data(), piece.size()) || file.gcount() > 0) {
    bytes.append(piece.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof()) throw IoError("read", path, errno);
  return bytes;
}

/// Where the server keeps the model.
struct LoggedModel {
  std::string id;  ///< empty on 2.x servers
  std::string artifact_uri;
};

/// One step's conversation with the server, request by request.
class Tracker {
 public:
  Tracker(const TrackingSettings& settings, const RunRecord& record, const Log& log)
      : settings_(settings),
        record_(record),
        log_(log),
        session_(settings, log),
        requests_(settings.base_url, settings.azure ? BatchLimits::azure() : BatchLimits{}),
        children_(requests_, record),
        model_(record.model && !settings.azure ? &*record.model : nullptr) {}

  void track_job_run();
  void track_own_run();
  void report_failure();

 private:
  Run opened_run();
  void log_everything(const Run& run);
  std::optional<LoggedModel> log_inputs_and_create_model(const Run& run);
  void log_and_upload(const Run& run, const std::optional<LoggedModel>& model);
  void add_uploads(const Run& run, const LoggedModel& model, std::vector<HttpRequest>& to) const;
  void finish(const Run& run, const std::optional<LoggedModel>& model);
  void register_model(const Run& run, const LoggedModel& model);
  void end_failed(const std::string& run_id) noexcept;
  void try_to_log_inputs(const std::string& run_id);
  [[nodiscard]] KeyValues origin_tags() const;
  [[nodiscard]] std::string named(const Run& run) const;
  [[nodiscard]] std::vector<HttpRequest> batches(const std::string& run_id,
                                                 const std::string& model_id) const;

  const TrackingSettings& settings_;
  const RunRecord& record_;
  const Log& log_;
  Session session_;
  MlflowRequests requests_;
  ChildRuns children_;
  std::string pending_model_;  ///< the id of a logged model without all its files
  const ModelRecord* model_;   ///< nullptr: nothing to upload, or Azure ML, which takes none
};

KeyValues Tracker::origin_tags() const {
  return {{"mlflow.user", settings_.user},
          {"mlflow.source.name", record_.program},
          {"mlflow.source.type", "LOCAL"}};
}

std::vector<HttpRequest> Tracker::batches(const std::string& run_id,
                                          const std::string& model_id) const {
  return requests_.log_batch({.run_id = run_id,
                              .params = record_.params,
                              .tags = record_.tags,
                              .metrics = record_.metrics,
                              .datasets = record_.datasets,
                              .model_id = model_id,
                              .time = milliseconds_now()});
}

Run Tracker::opened_run() {
  Run run;
  try {
    open_run(session_, requests_, settings_, origin_tags(), record_.start_time, run);
  } catch (...) {
    if (!run.id.empty()) end_failed(run.id);
    throw;
  }
  return run;
}

std::optional<LoggedModel> Tracker::log_inputs_and_create_model(const Run& run) {
  std::vector<HttpRequest> requests;
  if (model_ != nullptr) {
    requests.push_back(requests_.create_logged_model(run.experiment_id, run.id, model_->name,
                                                     record_.params, origin_tags()));
  }
  if (!record_.datasets.empty() && !settings_.azure) {
    requests.push_back(requests_.log_inputs(run.id, record_.datasets));
  }
  const std::vector<HttpResponse> responses = session_.send(requests);
  if (model_ == nullptr) return std::nullopt;
  const HttpRequest& request = requests.front();
  const HttpResponse& response = responses.front();
  if (response.status == 404) {
    if (Session::error_code(response) == does_not_exist) session_.refuse(request, response);
    return LoggedModel{};  // a 2.x server knows no logged models
  }
  return LoggedModel{
      .id = session_.text_in(request, response, {"model", "info", "model_id"}),
      .artifact_uri = session_.text_in(request, response, {"model", "info", "artifact_uri"})};
}

void Tracker::add_uploads(const Run& run, const LoggedModel& model,
                          std::vector<HttpRequest>& to) const {
  const bool logged = !model.id.empty();
  const std::string& folder = logged ? model.artifact_uri : run.artifact_uri;
  const std::string prefix = logged ? "" : model_->name + "/";
  const ModelOrigin origin{.run_id = run.id,
                           .artifact_path = logged ? model.artifact_uri : model_->name,
                           .model_id = model.id};
  for (const std::string& file : model_->files) {
    to.push_back(requests_.upload(folder, prefix + file, bytes_of(model_->folder / file)));
  }
  to.push_back(requests_.upload(folder, prefix + "MLmodel", model_->mlmodel(origin)));
}

void Tracker::log_and_upload(const Run& run, const std::optional<LoggedModel>& model) {
  const std::string model_id = model ? model->id : "";
  std::vector<HttpRequest> requests = batches(run.id, model_id);
  append(requests, children_.log(model_id, milliseconds_now()));
  if (model && !model->id.empty()) {
    requests.push_back(requests_.log_output(run.id, model->id));
    append(requests, requests_.log_more_model_params(model->id, record_.params));
  } else if (model) {
    requests.push_back(
        requests_.log_run_model(run.id, model_->name, model_->flavors, milliseconds_now()));
  }
  try {
    if (model) add_uploads(run, *model, requests);
    if (!settings_.azure) {
      for (const RunArtifact& artifact : record_.artifacts) {
        requests.push_back(requests_.upload(run.artifact_uri, artifact.path, artifact.bytes));
      }
    }
  } catch (const TrackingError&) {  // no place for files; the numbers are worth having all the same
    (void)session_.send(requests);
    throw;
  }
  (void)session_.send(requests);
}

void Tracker::register_model(const Run& run, const LoggedModel& model) {
  const std::string& name = model_->register_as;
  const std::string source =
      model.id.empty() ? run.artifact_uri + "/" + model_->name : "models:/" + model.id;
  // First the name, new or not: asking for it only when it is missing would be one more at worst.
  const HttpRequest create = requests_.create_registered_model(name);
  const HttpResponse created = session_.send(create);
  const bool there = is_success(created.status) || Session::error_code(created) == already_exists;
  if (!there) session_.refuse(create, created);
  const HttpRequest request = requests_.create_model_version(name, source, run.id, model.id);
  const HttpResponse response = session_.send(request);
  if (!is_success(response.status)) session_.refuse(request, response);
  log_.say("registered: " + name + " version " +
           session_.plain(session_.text_in(request, response, {"model_version", "version"})));
}

void Tracker::finish(const Run& run, const std::optional<LoggedModel>& model) {
  std::vector<HttpRequest> requests;
  if (const std::string id = std::exchange(pending_model_, {}); !id.empty()) {
    requests.push_back(requests_.finish_logged_model(id, "LOGGED_MODEL_READY"));
  }
  if (model && !model_->register_as.empty()) {
    (void)session_.send(std::exchange(requests, {}));
    register_model(run, *model);
  }
  const std::int64_t now = milliseconds_now();
  append(requests, children_.end("FINISHED", now));
  requests.push_back(requests_.end_run(run.id, "FINISHED", now));
  (void)session_.send(requests);
}

void Tracker::end_failed(const std::string& run_id) noexcept {
  try {
    session_.hurry(std::min(last_words_seconds, settings_.timeout));
    const std::int64_t now = milliseconds_now();
    (void)session_.send(requests_.end_run(run_id, "FAILED", now));
    std::vector<HttpRequest> rest = children_.end("FAILED", now);
    if (!pending_model_.empty())
      rest.push_back(requests_.finish_logged_model(pending_model_, "LOGGED_MODEL_UPLOAD_FAILED"));
    (void)session_.send(rest);
  } catch (...) {  // the reason why it failed says more
    return;
  }
}

void Tracker::log_everything(const Run& run) {
  const std::optional<LoggedModel> model = log_inputs_and_create_model(run);
  if (model) pending_model_ = model->id;
  children_.create(session_, run, settings_.user, origin_tags());
  log_and_upload(run, model);
  finish(run, model);
  if (settings_.azure) try_to_log_inputs(run.id);
}

void Tracker::track_own_run() {
  const Run run = opened_run();
  try {
    log_everything(run);
  } catch (...) {
    end_failed(run.id);
    throw;
  }
  const std::string page = settings_.azure ? settings_.base_url
                                           : settings_.base_url + "/#/experiments/" +
                                                 session_.plain(run.experiment_id) + "/runs/" +
                                                 session_.plain(run.id);
  log_.say("tracked: " + named(run) + ": " + page);
}

std::string Tracker::named(const Run& run) const {
  return "run " + session_.plain(run.id) + " of experiment " + session_.plain(run.experiment_id);
}

/// Whether Azure ML knows it is not documented, and nothing else depends on it.
void Tracker::try_to_log_inputs(const std::string& run_id) {
  if (record_.datasets.empty()) return;
  HttpRequest inputs = requests_.log_inputs(run_id, record_.datasets);
  inputs.accepts = [](int) { return true; };
  try {
    (void)session_.send(inputs);
  } catch (const TrackingError&) {  // everything else is there
    return;
  }
}

void Tracker::track_job_run() {
  (void)session_.send(batches(settings_.run_id, {}));
  try_to_log_inputs(settings_.run_id);
  log_.say("tracked: Azure ML's run " + settings_.run_id);
}

void Tracker::report_failure() {
  session_.hurry(std::min(last_words_seconds, settings_.timeout));
  const Run run = opened_run();
  (void)session_.send(requests_.end_run(run.id, "FAILED", milliseconds_now()));
  (void)session_.send(batches(run.id, {}));
  log_.say("tracked: " + named(run) + " as failed");
}

}  // namespace

void track(const TrackingSettings& settings, const RunRecord& record, const Log& log) {
  if (settings.azure && !settings.job_owns_run && (record.model || !record.artifacts.empty())) {
    log.warn("Azure ML takes no uploads outside a job: the model and the pictures stay here");
  }
  Tracker tracker(settings, record, log);
  if (settings.job_owns_run) {
    tracker.track_job_run();
  } else {
    tracker.track_own_run();
  }
  const std::string name = record.model ? record.model->register_as : "";
  if (settings.azure && !name.empty()) {
    throw TrackingError("'" + name +
                        "' is not registered: Azure ML registers models from a job's output "
                        "(az ml model create --type mlflow_model)");
  }
}

void track_failure(const TrackingSettings& settings, const RunRecord& record, const Log& log) {
  if (settings.job_owns_run) return;
  try {
    Tracker(settings, record, log).report_failure();
  } catch (...) {
    log.warn("MLflow could not be told of the failure: " + message_of_current_exception());
  }
}

}  // namespace gradstep
