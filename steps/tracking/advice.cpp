#include "steps/tracking/advice.hpp"

namespace gradstep {
namespace {

std::string login_advice(const TrackingSettings& settings, bool with_credentials) {
  if (settings.azure) return " (the token in MLFLOW_TRACKING_TOKEN may have expired)";
  const bool basic = !settings.username.empty() && !settings.password.empty();
  if (!basic && settings.token.empty()) {
    return " (set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or "
           "MLFLOW_TRACKING_TOKEN)";
  }
  if (!with_credentials) return " (credentials are sent to " + settings.base_url + " only)";
  return basic ? " (check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD)"
               : " (check MLFLOW_TRACKING_TOKEN)";
}

bool contains(const std::string& text, const char* piece) {
  return text.find(piece) != std::string::npos;
}

}  // namespace

std::string advice(int status, const std::string& words, const TrackingSettings& settings,
                   bool with_credentials) {
  if (status == 403 && contains(words, "Host header")) {
    return " (start the MLflow server with --allowed-hosts)";
  }
  if (status == 401 || status == 403) return login_advice(settings, with_credentials);
  if (status >= 300 && status < 400) {
    return " (set MLFLOW_TRACKING_URI to the server's own address)";
  }
  if (status == 413) return " (what stands before the server limits the size of uploads)";
  return {};
}

std::string advice(http::Problem problem, const std::string& words) {
  if (problem == http::Problem::timed_out) return " (MLFLOW_HTTP_REQUEST_TIMEOUT sets the limit)";
  if (problem != http::Problem::tls) return {};
  if (contains(words, "wrong version number")) {
    return " (does the server speak http:// instead of https://?)";
  }
  return " (set MLFLOW_TRACKING_SERVER_CERT_PATH to the certificate that signed the server's)";
}

}  // namespace gradstep
