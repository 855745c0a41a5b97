#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "steps/log.hpp"
#include "steps/tracking/settings.hpp"
#include "steps/tracking/transport.hpp"

namespace gradstep {

[[nodiscard]] inline bool is_success(int status) { return status >= 200 && status < 300; }

struct HttpRequest {
  const char* method = "GET";
  std::string url = {};
  std::string body = {};
  std::string content_type = "application/json";
  std::function<bool(int status)> accepts = is_success;  ///< what is not, is tried again or throws
};

struct HttpResponse {
  int status = 0;
  std::string url;  ///< where it came from, after redirects
  std::string body;
};

/// Sends requests to one server, with its credentials, up to four at a time over kept-alive
/// connections.
///
/// Answers 408, 429, 500, 502, 503, 504 and broken connections are tried again with exponential
/// backoff, or when the server says (Retry-After). A request and its retries take at most
/// settings.timeout. Redirects are followed with method and body, never from https to http.
/// Credentials go to the server of settings.base_url only.
class HttpClient {
 public:
  /// Opens the library of the transport. @throws IoError  when it is missing
  HttpClient(const TrackingSettings& settings, const Log& log);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient() = default;

  /// The answers, in the requests' order.
  /// @throws TrackingError  for the first request that failed or was answered otherwise than it
  ///                        accepts; the others are given up
  std::vector<HttpResponse> send(std::span<const HttpRequest> requests);
  HttpResponse send(const HttpRequest& request) { return send({&request, 1}).front(); }

  /// Everything ends within `seconds` from now, retries included.
  void hurry(double seconds);
  /// Another bearer token.
  void renew_token(const std::string& token);

  /// A text from the server for a message: one line, without secrets.
  [[nodiscard]] std::string plain(const std::string& text) const;

  /// "POST https://…: HTTP 403: the server's words (advice)", without secrets.
  [[nodiscard]] std::string refusal(const HttpRequest& request, const HttpResponse& response) const;
  /// "POST https://…: <words>"; `words` must be plain.
  [[nodiscard]] std::string complaint(const HttpRequest& request, const std::string& url,
                                      const std::string& words) const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Exchange;
  struct Ended;

  /// Starts what is due and waits until something ends or becomes due.
  void step(std::span<Exchange> exchanges);
  void start(Exchange& exchange, std::size_t id);
  static void take(void* to, const http::Outcome* outcome) noexcept;
  void finish(Exchange& exchange, Ended&& ended);
  void follow(Exchange& exchange, const std::string& redirect);
  void retry(Exchange& exchange, double asked_for, const std::string& words);
  [[nodiscard]] static std::string tries(const Exchange& exchange);
  [[nodiscard]] std::vector<std::string> headers(const HttpRequest& request,
                                                 const std::string& url) const;
  [[nodiscard]] bool has_credentials_for(const std::string& url) const;

  TrackingSettings settings_;
  std::vector<std::string> secrets_;  ///< those of replaced tokens too
  const Log& log_;
  const http::TransportFunctions* functions_;
  std::unique_ptr<http::Transport, void (*)(http::Transport*)> transport_;
  std::minstd_rand random_;
  Clock::time_point end_ = Clock::time_point::max();
};

}  // namespace gradstep
