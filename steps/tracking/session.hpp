#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "steps/json_values.hpp"
#include "steps/tracking/http_client.hpp"

namespace gradstep {

/// Error codes of MLflow that are no failure where they are expected.
inline constexpr const char* does_not_exist = "RESOURCE_DOES_NOT_EXIST";
inline constexpr const char* already_exists = "RESOURCE_ALREADY_EXISTS";

/// A conversation with one MLflow server: answers as JSON, and Azure ML's tokens kept fresh.
class Session {
 public:
  /// @throws IoError  when the library that speaks HTTP is missing
  Session(const TrackingSettings& settings, const Log& log);

  /// Sends them in parallel. An Azure ML token is renewed when it is about to expire, and once more
  /// when the server refuses it. @throws TrackingError  as HttpClient::send
  std::vector<HttpResponse> send(std::span<const HttpRequest> requests);
  HttpResponse send(const HttpRequest& request) { return send({&request, 1}).front(); }

  /// The answer as a JSON object; {} for an empty one. @throws TrackingError  when it is none
  [[nodiscard]] Json json_of(const HttpRequest& request, const HttpResponse& response) const;

  /// A text deep in an answer, such as {"run", "info", "run_id"}; numbers as they are printed.
  /// @throws TrackingError  when it is not there
  [[nodiscard]] std::string text_in(const HttpRequest& request, const HttpResponse& response,
                                    std::initializer_list<const char*> path) const;

  /// error_code of a refusal; "" where the server has no such endpoint, or what answers is no
  /// MLflow.
  [[nodiscard]] static std::string error_code(const HttpResponse& response);
  [[noreturn]] void refuse(const HttpRequest& request, const HttpResponse& response) const;

  /// A text from the server for a message: one line, without secrets.
  [[nodiscard]] std::string plain(const std::string& text) const { return client_.plain(text); }

  /// Everything ends within `seconds` from now, retries included.
  void hurry(double seconds) { client_.hurry(seconds); }

 private:
  bool renew_token();

  AzureJob azure_;
  HttpClient client_;
  bool renewed_early_ = false;
  bool renewed_late_ = false;
};

}  // namespace gradstep
