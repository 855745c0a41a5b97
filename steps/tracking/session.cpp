#include "steps/tracking/session.hpp"

#include <cstdint>
#include <ctime>
#include <utility>

#include "steps/error.hpp"
#include "steps/tracking/azure.hpp"
#include "steps/tracking/retry.hpp"

namespace gradstep {
namespace {

constexpr std::int64_t soon = 300;  // seconds: more than a request and its retries take

}  // namespace

Session::Session(const TrackingSettings& settings, const Log& log)
    : azure_(settings.azure.value_or(AzureJob{})), client_(settings, log) {}

bool Session::renew_token() {
  const HttpRequest request{.url = azure_.token_url,
                            .accepts = [](int status) { return !is_transient(status); }};
  const std::string token = renewed_token(client_.send(request).body);
  if (token.empty()) return false;
  client_.renew_token(token);
  azure_.token_expiry = expiry_of_token(token);
  return true;
}

std::vector<HttpResponse> Session::send(std::span<const HttpRequest> requests) {
  if (azure_.token_url.empty()) return client_.send(requests);
  if (!renewed_early_ && azure_.token_expiry != 0 &&
      azure_.token_expiry - std::time(nullptr) < soon) {
    renewed_early_ = true;
    try {
      (void)renew_token();
    } catch (const TrackingError&) {  // NOLINT(bugprone-empty-catch)
      // The old one may still do; if not, it is renewed below.
    }
  }
  if (renewed_late_) return client_.send(requests);
  std::vector<HttpRequest> lenient(requests.begin(), requests.end());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    lenient[i].accepts = [&request = requests[i]](int status) {
      return status == 401 || request.accepts(status);
    };
  }
  std::vector<HttpResponse> responses = client_.send(lenient);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (responses[i].status != 401) continue;
    if (!std::exchange(renewed_late_, true)) (void)renew_token();
    responses[i] = client_.send(requests[i]);
  }
  return responses;
}

Json Session::json_of(const HttpRequest& request, const HttpResponse& response) const {
  if (response.body.empty()) return Json::object();
  Json json = Json::parse(response.body, nullptr, false);
  if (!json.is_object()) refuse(request, response);
  return json;
}

std::string Session::text_in(const HttpRequest& request, const HttpResponse& response,
                             std::initializer_list<const char*> path) const {
  Json json = json_of(request, response);
  for (const char* const key : path) {
    const auto found = json.is_object() ? json.find(key) : json.end();
    if (found == json.end()) refuse(request, response);
    json = Json(*found);
  }
  return json.is_string() ? json.get<std::string>() : json.dump();
}

std::string Session::error_code(const HttpResponse& response) {
  const Json json = Json::parse(response.body, nullptr, false);
  if (!json.is_object()) return {};
  const auto code = json.find("error_code");
  return code != json.end() && code->is_string() ? code->get<std::string>() : std::string();
}

void Session::refuse(const HttpRequest& request, const HttpResponse& response) const {
  throw TrackingError(client_.refusal(request, response));
}

}  // namespace gradstep
