#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gradstep {

enum class Tracking { automatic, required, off };

/// Azure ML's own API beside MLflow's, known inside a job only.
struct AzureJob {
  std::string token_url;          ///< GET gives a fresh token; empty: none can be had
  std::int64_t token_expiry = 0;  ///< seconds since 1970; 0: unknown
};

/// Where and how to reach an MLflow server: MLflow's environment variables, understood.
struct TrackingSettings {
  std::string base_url;  ///< http(s)://host[:port][/path], no user, no query, no '/' at the end
  std::string username;  ///< with password: basic authentication
  std::string password;
  std::string token;      ///< bearer authentication, when there is no user and password
  std::string user;       ///< whose run it is: the username, else the system's user
  std::string workspace;  ///< header X-MLFLOW-WORKSPACE
  std::string experiment_name;
  std::string experiment_id;
  std::string run_id;  ///< the run to resume; empty: create one
  std::vector<std::pair<std::string, std::string>> proxy_logins;  ///< user, password: secrets only
  bool verify_tls = true;
  std::string ca_bundle;           ///< file or folder; empty: the system's
  std::string client_certificate;  ///< PEM with the key
  double timeout = 120;            ///< seconds that one request may take, its retries included
  int max_retries = 7;
  double backoff_factor = 2;
  std::optional<AzureJob> azure;  ///< set for azureml:// URIs
  bool job_owns_run = false;      ///< the run is an Azure ML job's: never created or ended by us

  /// What no message may hold: passwords, tokens, and what they look like in a header or URL.
  [[nodiscard]] std::vector<std::string> secrets() const;
};

/// Looks up an environment variable; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const char* name)>;
[[nodiscard]] Environment process_environment();

/// What `--tracking` and the environment ask for; nullopt: do not track.
///
/// automatic tracks when MLFLOW_TRACKING_URI names a server (http, https, azureml); another URI (a
/// folder, sqlite:, databricks) is told to `warn` and not tracked. required refuses both.
/// @throws UsageError  naming the variable, for values that cannot be used or contradict each other
/// Source: mlflow 3.17, environment_variables.py, utils/credentials.py, utils/rest_utils.py
[[nodiscard]] std::optional<TrackingSettings> tracking_settings(
    Tracking tracking, const Environment& environment,
    const std::function<void(const std::string&)>& warn);

}  // namespace gradstep
