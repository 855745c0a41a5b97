#include "steps/tracking/open_run.hpp"

#include "steps/error.hpp"

namespace gradstep {
namespace {

std::string created_experiment(Session& session, const MlflowRequests& requests,
                               const std::string& name) {
  const HttpRequest request = requests.create_experiment(name);
  const HttpResponse response = session.send(request);
  if (is_success(response.status)) return session.text_in(request, response, {"experiment_id"});
  if (Session::error_code(response) != already_exists) session.refuse(request, response);
  // Another process was faster.
  const HttpRequest again = requests.find_experiment(name);
  return session.text_in(again, session.send(again), {"experiment", "experiment_id"});
}

std::string experiment_id(Session& session, const MlflowRequests& requests,
                          const TrackingSettings& settings) {
  const std::string& name = settings.experiment_name;
  if (name.empty()) return settings.experiment_id.empty() ? "0" : settings.experiment_id;
  const HttpRequest request = requests.find_experiment(name);
  const HttpResponse response = session.send(request);
  if (response.status == 404) {
    if (Session::error_code(response) != does_not_exist) session.refuse(request, response);
    return created_experiment(session, requests, name);
  }
  std::string id = session.text_in(request, response, {"experiment", "experiment_id"});
  if (!settings.experiment_id.empty() && settings.experiment_id != id) {
    throw TrackingError(settings.base_url + ": the experiment '" + name + "' has the id " +
                        session.plain(id) + ", but MLFLOW_EXPERIMENT_ID is " +
                        settings.experiment_id +
                        ": unset MLFLOW_EXPERIMENT_ID or MLFLOW_EXPERIMENT_NAME");
  }
  return id;
}

void resume_run(Session& session, const MlflowRequests& requests, const std::string& id, Run& run) {
  const HttpRequest request = requests.find_run(id);
  const HttpResponse response = session.send(request);
  run.id = id;
  run.experiment_id = session.text_in(request, response, {"run", "info", "experiment_id"});
  run.artifact_uri = session.text_in(request, response, {"run", "info", "artifact_uri"});
  (void)session.send(requests.resume_run(id));
}

}  // namespace

void open_run(Session& session, const MlflowRequests& requests, const TrackingSettings& settings,
              const KeyValues& tags, std::int64_t start_time, Run& run) {
  if (!settings.run_id.empty()) return resume_run(session, requests, settings.run_id, run);
  run.experiment_id = experiment_id(session, requests, settings);
  const HttpRequest request =
      requests.create_run(run.experiment_id, settings.user, tags, start_time);
  const HttpResponse response = session.send(request);
  run.id = session.text_in(request, response, {"run", "info", "run_id"});
  run.artifact_uri = session.text_in(request, response, {"run", "info", "artifact_uri"});
}

}  // namespace gradstep
