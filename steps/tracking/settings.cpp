#include "steps/tracking/settings.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "steps/error.hpp"
#include "steps/json_values.hpp"
#include "steps/tracking/azure.hpp"
#include "steps/tracking/credentials_file.hpp"
#include "steps/tracking/encoding.hpp"
#include "steps/tracking/url.hpp"

namespace gradstep {
namespace {

constexpr const char* uri_variable = "MLFLOW_TRACKING_URI";

/// The environment, with what MLflow makes of its texts. An empty variable is none.
class Variables {
 public:
  explicit Variables(const Environment& environment) : environment_(environment) {}

  [[nodiscard]] std::string text(const char* name) const {
    std::string value = environment_(name).value_or("");
    const auto blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    while (!value.empty() && blank(value.back())) value.pop_back();
    const bool clean = std::none_of(value.begin(), value.end(), [](char c) {
      return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    });
    if (!clean) throw UsageError(std::string(name) + " holds control characters");
    return value;
  }

  [[nodiscard]] std::string text(const char* name, const char* else_name) const {
    const std::string value = text(name);
    return value.empty() ? text(else_name) : value;
  }

  [[nodiscard]] bool is_true(const char* name) const {
    std::string value = text(name);
    std::transform(value.begin(), value.end(), value.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (value.empty() || value == "false" || value == "0") return false;
    if (value == "true" || value == "1") return true;
    throw UsageError(std::string(name) + " is '" + value + "'; it must be true, false, 1 or 0");
  }

  /// @param expected  what a value between least and most is, in words
  [[nodiscard]] double number(const char* name, double otherwise, double least, double most,
                              const char* expected) const {
    const std::string value = text(name);
    if (value.empty()) return otherwise;
    double number = 0;
    const char* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc() || stop != end || !(number >= least && number <= most)) {
      throw UsageError(std::string(name) + " is '" + value + "'; it must be " + expected);
    }
    return number;
  }

  /// A file or folder that must be there; "" when the variable is not set.
  [[nodiscard]] std::string path(const char* name) const {
    std::string value = text(name);
    std::error_code failed;
    if (!value.empty() && !std::filesystem::exists(value, failed)) {
      throw UsageError(std::string(name) + ": there is no '" + value + "'");
    }
    return value;
  }

 private:
  const Environment& environment_;
};

std::string system_user(const Variables& variables) {
  // The order of Python's getpass.getuser.
  for (const char* const name : {"LOGNAME", "USER", "LNAME", "USERNAME"}) {
    if (std::string user = variables.text(name); !user.empty()) return user;
  }
  const passwd* const entry = getpwuid(geteuid());  // NOLINT(concurrency-mt-unsafe)
  return entry == nullptr ? "unknown" : entry->pw_name;
}

void read_tls(const Variables& variables, TrackingSettings& settings) {
  settings.verify_tls = !variables.is_true("MLFLOW_TRACKING_INSECURE_TLS");
  settings.client_certificate = variables.path("MLFLOW_TRACKING_CLIENT_CERT_PATH");
  settings.ca_bundle = variables.path("MLFLOW_TRACKING_SERVER_CERT_PATH");
  if (!settings.verify_tls && !settings.ca_bundle.empty()) {
    throw UsageError(
        "MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH contradict each other: "
        "unset one");
  }
  if (!settings.verify_tls) return;
  for (const char* const name : {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}) {
    if (settings.ca_bundle.empty()) settings.ca_bundle = variables.path(name);
  }
}

void read_patience(const Variables& variables, TrackingSettings& settings) {
  settings.timeout = variables.number("MLFLOW_HTTP_REQUEST_TIMEOUT", settings.timeout, 0.001, 1e6,
                                      "a number of seconds above 0");
  const double retries = variables.number("MLFLOW_HTTP_REQUEST_MAX_RETRIES", settings.max_retries,
                                          0, 10, "a whole number from 0 to 10");
  if (retries != std::floor(retries)) {
    throw UsageError("MLFLOW_HTTP_REQUEST_MAX_RETRIES must be a whole number from 0 to 10");
  }
  settings.max_retries = static_cast<int>(retries);
  settings.backoff_factor =
      variables.number("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", settings.backoff_factor, 0, 120,
                       "a number of seconds from 0 to 120");
}

void read_login(const Variables& variables, const Url& url, TrackingSettings& settings) {
  const Credentials file = read_credentials(variables.text("HOME"));
  const auto first_of = [](const std::string& first, const std::string& second) {
    return first.empty() ? second : first;
  };
  settings.username = first_of(variables.text("MLFLOW_TRACKING_USERNAME"), file.username);
  settings.password = first_of(variables.text("MLFLOW_TRACKING_PASSWORD"), file.password);
  if (!url.user.empty() && !url.password.empty()) {
    settings.username = url.user;
    settings.password = url.password;
  }
  settings.token = variables.text("MLFLOW_TRACKING_TOKEN");
}

void read_experiment(const Variables& variables, TrackingSettings& settings) {
  settings.experiment_name = variables.text("MLFLOW_EXPERIMENT_NAME");
  settings.experiment_id = variables.text("MLFLOW_EXPERIMENT_ID");
  settings.run_id = variables.text("MLFLOW_RUN_ID");
  settings.workspace = variables.text("MLFLOW_WORKSPACE");
}

void read_server(const Variables& variables, const Url& url, TrackingSettings& settings) {
  std::string path = url.path;
  while (path.ends_with('/')) path.pop_back();
  settings.base_url = url.origin() + path;
  read_login(variables, url, settings);
  read_experiment(variables, settings);
  // In an Azure ML job that tracks elsewhere, these are Azure's own: no use there, nor its
  // business.
  const std::string job = variables.text("AZUREML_RUN_ID");
  if (!job.empty() && settings.run_id == job) {
    settings.run_id.clear();
    settings.experiment_id.clear();
  }
  if (!job.empty() && settings.token == variables.text("AZUREML_RUN_TOKEN")) settings.token.clear();
}

void read_proxies(const Environment& environment, TrackingSettings& settings) {
  for (const char* const name :
       {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    const std::string proxy = environment(name).value_or("");
    const bool scheme = proxy.find("://") != std::string::npos;
    const std::optional<Url> url = parse_url(scheme ? proxy : "http://" + proxy);
    if (url && !url->password.empty()) settings.proxy_logins.emplace_back(url->user, url->password);
  }
}

/// Seconds since 1970; 0: unknown. Azure ML's own variable: not the user's fault.
std::int64_t token_expiry(const Variables& variables, const std::string& token) {
  double expiry = 0;
  try {
    expiry = variables.number("AZUREML_RUN_TOKEN_EXPIRY", 0, 0, 1e12, "a time");
  } catch (const UsageError&) {
    expiry = 0;
  }
  return expiry == 0 ? expiry_of_token(token) : static_cast<std::int64_t>(expiry);
}

void read_azure(const Variables& variables, const Url& url, TrackingSettings& settings) {
  const std::optional<AzureAddress> address = azure_address(url);
  if (!address) {
    throw UsageError(
        "MLFLOW_TRACKING_URI is no address of an Azure ML workspace: expected "
        "azureml://<region>.api.azureml.ms/mlflow/v1.0/subscriptions/...");
  }
  settings.base_url = address->base_url;
  settings.token = variables.text("MLFLOW_TRACKING_TOKEN", "AZUREML_RUN_TOKEN");
  if (settings.token.empty()) {
    throw UsageError("MLFLOW_TRACKING_URI names an Azure ML workspace: set MLFLOW_TRACKING_TOKEN");
  }
  read_experiment(variables, settings);
  AzureJob& azure = settings.azure.emplace();
  const std::string job = variables.text("AZUREML_RUN_ID");
  const std::string experiment = variables.text("AZUREML_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_ID");
  if (!job.empty() && !experiment.empty()) {
    azure.token_url = address->history_url + "/experimentids/" + percent_encoded(experiment) +
                      "/runs/" + percent_encoded(job) + "/token";
  }
  azure.token_expiry = token_expiry(variables, settings.token);
  settings.job_owns_run = !job.empty();
  if (settings.run_id.empty()) settings.run_id = job;
}

/// Why there is no tracking to what MLFLOW_TRACKING_URI names.
std::string unusable(const std::string& uri) {
  const std::size_t colon = uri.find(':');
  std::string words = "MLFLOW_TRACKING_URI is ";
  if (colon == std::string::npos || uri.starts_with("file:")) {
    words += "a folder";
  } else {
    words += '\'' + uri.substr(0, colon) + ":...'";  // what follows may hold a password
  }
  return words +
         ", which only Python's mlflow can write to; track to a server (http://, https:// or "
         "azureml://): mlflow server --backend-store-uri ...";
}

/// How to log in, but only Python can.
std::string unusable_login(const Variables& variables) {
  if (variables.is_true("MLFLOW_TRACKING_AWS_SIGV4")) return "MLFLOW_TRACKING_AWS_SIGV4";
  return variables.text("MLFLOW_TRACKING_AUTH").empty() ? "" : "MLFLOW_TRACKING_AUTH";
}

}  // namespace

std::vector<std::string> TrackingSettings::secrets() const {
  std::vector<std::string> texts;
  const auto add_encoded = [&](const std::string& secret) {
    std::string encoded = base64(secret);
    encoded.resize(encoded.find_last_not_of('=') + 1);
    texts.push_back(encoded);
    std::replace(encoded.begin(), encoded.end(), '+', '-');
    std::replace(encoded.begin(), encoded.end(), '/', '_');
    texts.push_back(encoded);
  };
  const auto add = [&](const std::string& secret) {
    if (secret.empty()) return;
    texts.insert(texts.end(), {secret, percent_encoded(secret)});
    for (const bool ascii : {false, true}) {
      const std::string json = Json(secret).dump(-1, ' ', ascii, Json::error_handler_t::replace);
      texts.push_back(json.substr(1, json.size() - 2));
    }
    add_encoded(secret);
  };
  add(token);
  auto logins = proxy_logins;
  logins.emplace_back(username, password);
  for (const auto& [name, word] : logins) {
    add(word);
    if (word.empty()) continue;
    std::string login = name;
    login.append(":").append(word);
    add_encoded(login);
  }
  return texts;
}

Environment process_environment() {
  return [](const char* name) -> std::optional<std::string> {
    const char* const value = std::getenv(name);
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

std::optional<TrackingSettings> tracking_settings(
    Tracking tracking, const Environment& environment,
    const std::function<void(const std::string&)>& warn) {
  const Variables variables(environment);
  if (tracking == Tracking::off) return std::nullopt;
  const std::string uri = variables.text(uri_variable);
  const auto refuse = [&](const std::string& why) {
    if (tracking == Tracking::required) throw UsageError("--tracking required: " + why);
    if (!uri.empty()) warn(why + "; nothing is tracked");
    return std::nullopt;
  };
  if (uri.empty()) return refuse("MLFLOW_TRACKING_URI is not set");
  const std::optional<Url> url = parse_url(uri);
  const std::string scheme = url ? url->scheme : uri.substr(0, uri.find(':'));
  const bool azure = scheme == "azureml";
  if (!azure && scheme != "http" && scheme != "https") return refuse(unusable(uri));
  if (!url) throw UsageError("MLFLOW_TRACKING_URI is no address: expected " + scheme + "://host");
  if (const std::string login = unusable_login(variables); !login.empty()) {
    return refuse(login + " is set, a login that only Python's mlflow has");
  }
  TrackingSettings settings;
  if (azure) {
    read_azure(variables, *url, settings);
  } else {
    read_server(variables, *url, settings);
  }
  read_tls(variables, settings);
  read_patience(variables, settings);
  read_proxies(environment, settings);
  settings.user = settings.username.empty() ? system_user(variables) : settings.username;
  return settings;
}

}  // namespace gradstep
