#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "steps/tracking/batches.hpp"
#include "steps/tracking/http_client.hpp"
#include "steps/tracking/record.hpp"

namespace gradstep {

/// MLflow's REST requests of one server. Pure: nothing is sent.
/// Source: mlflow 3.17, protos/service.proto, protos/model_registry.proto
class MlflowRequests {
 public:
  MlflowRequests(std::string base_url, const BatchLimits& limits)
      : base_url_(std::move(base_url)), limits_(limits) {}

  [[nodiscard]] HttpRequest experiment(const std::string& id) const;
  [[nodiscard]] HttpRequest find_experiment(const std::string& name) const;
  [[nodiscard]] HttpRequest create_experiment(const std::string& name) const;

  /// @param start_time  milliseconds since 1970, as are all times here
  [[nodiscard]] HttpRequest create_run(const std::string& experiment_id, const std::string& user,
                                       const KeyValues& tags, std::int64_t start_time) const;
  [[nodiscard]] HttpRequest find_run(const std::string& run_id) const;
  [[nodiscard]] HttpRequest resume_run(const std::string& run_id) const;
  /// @param status  FINISHED, FAILED or KILLED
  [[nodiscard]] HttpRequest end_run(const std::string& run_id, const char* status,
                                    std::int64_t end_time) const;

  /// As few requests as the limits allow; none when there is nothing to log.
  [[nodiscard]] std::vector<HttpRequest> log_batch(const BatchContent& content) const;
  [[nodiscard]] HttpRequest log_inputs(const std::string& run_id,
                                       std::span<const DatasetInput> datasets) const;

  /// A logged model of 3.x servers, pending, with the first 100 of `params`.
  [[nodiscard]] HttpRequest create_logged_model(const std::string& experiment_id,
                                                const std::string& run_id, const std::string& name,
                                                const KeyValues& params,
                                                const KeyValues& tags) const;
  /// The params that create_logged_model left out, 100 a request.
  [[nodiscard]] std::vector<HttpRequest> log_more_model_params(const std::string& model_id,
                                                               const KeyValues& params) const;
  [[nodiscard]] HttpRequest log_output(const std::string& run_id,
                                       const std::string& model_id) const;
  /// @param status  LOGGED_MODEL_READY or LOGGED_MODEL_UPLOAD_FAILED
  [[nodiscard]] HttpRequest finish_logged_model(const std::string& model_id,
                                                const char* status) const;
  /// What makes a 2.x server's pages show the folder `path` under a run's artifacts as a model.
  [[nodiscard]] HttpRequest log_run_model(const std::string& run_id, const std::string& path,
                                          std::span<const std::string> flavors,
                                          std::int64_t time) const;

  /// @throws TrackingError  when the server does not take artifacts for `artifact_uri`
  [[nodiscard]] HttpRequest upload(const std::string& artifact_uri, const std::string& path,
                                   std::string bytes) const;

  [[nodiscard]] HttpRequest create_registered_model(const std::string& name) const;
  /// @param model_id  may be empty
  [[nodiscard]] HttpRequest create_model_version(const std::string& name, const std::string& source,
                                                 const std::string& run_id,
                                                 const std::string& model_id) const;

 private:
  [[nodiscard]] HttpRequest post(const std::string& path, std::string body) const;
  [[nodiscard]] std::string api(const std::string& path) const;

  std::string base_url_;
  BatchLimits limits_;
};

/// Adds `more` at the end of `to`.
void append(std::vector<HttpRequest>& to, std::vector<HttpRequest> more);

/// "2026-11-23 16:33:31.946000": as Python prints a time of UTC.
[[nodiscard]] std::string python_utc_time(std::int64_t milliseconds);

}  // namespace gradstep
