#include "steps/tracking/http_client.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "steps/error.hpp"
#include "steps/helper_library.hpp"
#include "steps/tracking/advice.hpp"
#include "steps/tracking/encoding.hpp"
#include "steps/tracking/retry.hpp"
#include "steps/tracking/server_words.hpp"
#include "steps/tracking/url.hpp"
#include "steps/version.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;

constexpr int most_redirects = 10;

const http::TransportFunctions* transport_functions() {
  static const auto* const functions = reinterpret_cast<http::Functions>(
      function_of_library("reach the MLflow server", "gradstep_http.so", http::functions_symbol))();
  return functions;
}

http::Transport* open_transport(const http::TransportFunctions& functions,
                                const TrackingSettings& settings) {
  const std::string user_agent = std::string("gradstep/") + version;
  const char* const authorities = settings.ca_bundle.empty() ? nullptr : settings.ca_bundle.c_str();
  const bool folder = authorities != nullptr && fs::is_directory(settings.ca_bundle);
  const http::TransportOptions options{
      .user_agent = user_agent.c_str(),
      .ca_file = folder ? nullptr : authorities,
      .ca_folder = folder ? authorities : nullptr,
      .client_certificate =
          settings.client_certificate.empty() ? nullptr : settings.client_certificate.c_str(),
      .verify_tls = settings.verify_tls,
  };
  http::Transport* const transport = functions.open(&options);
  if (transport == nullptr) throw TrackingError("cannot start libcurl");
  return transport;
}

double seconds_between(std::chrono::steady_clock::time_point from,
                       std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

bool is_page(std::string_view body) {
  const std::size_t start = body.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && body[start] == '<';
}

}  // namespace

/// An outcome that outlives the transport's callback.
struct HttpClient::Ended {
  std::size_t id;
  http::Problem problem;
  std::string words;
  HttpResponse response;
  std::string redirect;
  double retry_after;
};

struct HttpClient::Exchange {
  enum class State { waiting, active, done };
  const HttpRequest* request = nullptr;
  std::string url;  ///< after redirects
  State state = State::waiting;
  Clock::time_point not_before;
  bool started = false;
  Clock::time_point deadline;  ///< known once it has been started
  int retries = 0;
  int redirects = 0;
  HttpResponse response;
};

void HttpClient::take(void* to, const http::Outcome* outcome) noexcept {
  static_cast<std::vector<Ended>*>(to)->push_back(
      {.id = outcome->id,
       .problem = outcome->problem,
       .words = outcome->words,
       .response = {.status = outcome->status,
                    .url = {},
                    .body =
                        std::string(outcome->body, static_cast<std::size_t>(outcome->body_size))},
       .redirect = outcome->redirect,
       .retry_after = static_cast<double>(outcome->retry_after)});
}

HttpClient::HttpClient(const TrackingSettings& settings, const Log& log)
    : settings_(settings),
      secrets_(settings.secrets()),
      log_(log),
      functions_(transport_functions()),
      transport_(open_transport(*functions_, settings), functions_->close),
      random_(std::random_device{}()) {}

void HttpClient::hurry(double seconds) {
  end_ = Clock::now() +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

void HttpClient::renew_token(const std::string& token) {
  settings_.token = token;
  const std::vector<std::string> more = settings_.secrets();
  secrets_.insert(secrets_.end(), more.begin(), more.end());
}

std::string HttpClient::plain(const std::string& text) const { return plain_words(text, secrets_); }

std::vector<HttpResponse> HttpClient::send(std::span<const HttpRequest> requests) {
  const auto is_done = [](const Exchange& each) { return each.state == Exchange::State::done; };
  std::vector<Exchange> exchanges(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    exchanges[i].request = &requests[i];
    exchanges[i].url = requests[i].url;
  }
  try {
    while (!std::all_of(exchanges.begin(), exchanges.end(), is_done)) step(exchanges);
  } catch (...) {
    functions_->cancel(transport_.get());
    throw;
  }
  std::vector<HttpResponse> responses;
  responses.reserve(exchanges.size());
  for (Exchange& exchange : exchanges) responses.push_back(std::move(exchange.response));
  return responses;
}

void HttpClient::step(std::span<Exchange> exchanges) {
  using State = Exchange::State;
  const auto active = [](const Exchange& each) { return each.state == State::active; };
  auto under_way = std::count_if(exchanges.begin(), exchanges.end(), active);
  const auto now = Clock::now();
  auto wake = now + std::chrono::minutes(1);
  for (std::size_t i = 0; i < exchanges.size(); ++i) {
    Exchange& exchange = exchanges[i];
    if (exchange.state != State::waiting) continue;
    if (exchange.not_before > now) {
      wake = std::min(wake, exchange.not_before);
    } else if (under_way < http::most_connections) {
      start(exchange, i);
      ++under_way;
    }
  }
  std::vector<Ended> ended;
  functions_->wait(transport_.get(), seconds_between(now, wake), &take, &ended);
  for (Ended& each : ended) finish(exchanges[each.id], std::move(each));
}

std::vector<std::string> HttpClient::headers(const HttpRequest& request,
                                             const std::string& url) const {
  // No "Expect: 100-continue": it costs a second where a proxy does not know it.
  std::vector<std::string> headers{"Accept: */*", "Expect:"};
  if (request.method != std::string_view("GET")) {
    headers.push_back("Content-Type: " + request.content_type);
  }
  if (!has_credentials_for(url)) return headers;
  if (!settings_.workspace.empty()) headers.push_back("X-MLFLOW-WORKSPACE: " + settings_.workspace);
  if (!settings_.username.empty() && !settings_.password.empty()) {
    headers.push_back("Authorization: Basic " +
                      base64(settings_.username + ":" + settings_.password));
  } else if (!settings_.token.empty()) {
    headers.push_back("Authorization: Bearer " + settings_.token);
  }
  return headers;
}

bool HttpClient::has_credentials_for(const std::string& url) const {
  const std::optional<Url> server = parse_url(settings_.base_url);
  const std::optional<Url> asked = parse_url(url);
  return server && asked && may_share_secrets(*server, *asked);
}

void HttpClient::start(Exchange& exchange, std::size_t id) {
  const auto now = Clock::now();
  if (!std::exchange(exchange.started, true)) {
    const auto timeout = std::chrono::duration<double>(settings_.timeout);
    exchange.deadline = std::min(end_, now + std::chrono::duration_cast<Clock::duration>(timeout));
  }
  const std::vector<std::string> lines = headers(*exchange.request, exchange.url);
  std::vector<const char*> pointers;
  pointers.reserve(lines.size() + 1);
  for (const std::string& line : lines) pointers.push_back(line.c_str());
  pointers.push_back(nullptr);
  const http::Attempt attempt{
      .id = id,
      .method = exchange.request->method,
      .url = exchange.url.c_str(),
      .headers = pointers.data(),
      .body = exchange.request->body.data(),
      .body_size = std::ssize(exchange.request->body),
      .seconds = std::max(0.001, seconds_between(now, exchange.deadline)),
      .with_certificate = has_credentials_for(exchange.url),
  };
  functions_->start(transport_.get(), &attempt);
  exchange.state = Exchange::State::active;
}

void HttpClient::finish(Exchange& exchange, Ended&& ended) {
  const HttpRequest& request = *exchange.request;
  if (ended.problem != http::Problem::none) {
    const std::string words =
        complaint(request, exchange.url, plain(ended.words) + advice(ended.problem, ended.words));
    if (ended.problem == http::Problem::broken) return retry(exchange, 0, words);
    throw TrackingError(words + tries(exchange));
  }
  exchange.response = std::move(ended.response);
  exchange.response.url = exchange.url;
  const int status = exchange.response.status;
  if (is_redirect(status) && !ended.redirect.empty()) return follow(exchange, ended.redirect);
  const bool accepted = request.accepts(status);
  if (!accepted && is_transient(status)) {
    return retry(exchange, ended.retry_after, refusal(request, exchange.response));
  }
  if (!accepted || (is_success(status) && is_page(exchange.response.body))) {
    throw TrackingError(refusal(request, exchange.response));
  }
  exchange.state = Exchange::State::done;
}

void HttpClient::follow(Exchange& exchange, const std::string& redirect) {
  const HttpRequest& request = *exchange.request;
  const std::optional<Url> from = parse_url(exchange.url);
  const std::optional<Url> to = parse_url(redirect);
  std::string objection;
  if (!to || (to->scheme != "http" && to->scheme != "https")) {
    objection = ", which is no web address";
  } else if (from && from->scheme == "https" && to->scheme == "http") {
    objection = ", which is not encrypted: not followed";
  } else if (++exchange.redirects > most_redirects) {
    objection = " and so on, more than 10 times";
  }
  if (!objection.empty()) {
    const int status = exchange.response.status;
    throw TrackingError(complaint(request, exchange.url,
                                  "HTTP " + std::to_string(status) + ": redirected to " +
                                      plain_url(redirect, settings_.base_url, secrets_) +
                                      objection + advice(status, "", settings_, true)));
  }
  exchange.url = redirect;
  exchange.state = Exchange::State::waiting;
}

std::string HttpClient::tries(const Exchange& exchange) {
  const std::string attempts = std::to_string(exchange.retries + 1);
  return exchange.retries == 0 ? "" : " (after " + attempts + " attempts)";
}

void HttpClient::retry(Exchange& exchange, double asked_for, const std::string& words) {
  std::uniform_real_distribution<double> jitter(0.75, 1.25);
  const double seconds =
      wait_before_retry(exchange.retries, settings_.backoff_factor, jitter(random_), asked_for);
  const auto now = Clock::now();
  // In double: what the server asks for may be longer than a Clock::duration.
  const bool too_late = !(seconds < seconds_between(now, exchange.deadline));
  if (exchange.retries >= settings_.max_retries || too_late) {
    throw TrackingError(words + tries(exchange));
  }
  if (seconds >= 1) {
    log_.say(words + "; trying again in " + std::to_string(std::lround(seconds)) + " s");
  }
  ++exchange.retries;
  exchange.not_before =
      now + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  exchange.state = Exchange::State::waiting;
}

std::string HttpClient::refusal(const HttpRequest& request, const HttpResponse& response) const {
  const std::string words = server_words(response.body, secrets_);
  std::string said = "HTTP " + std::to_string(response.status);
  if (is_success(response.status)) {
    said += is_page(response.body)
                ? ", but a web page instead of an answer of MLflow; is it a login?"
                : ", but no answer of MLflow";
  }
  if (!words.empty()) said += ": " + words;
  return complaint(
      request, response.url,
      said + advice(response.status, words, settings_, has_credentials_for(response.url)));
}

std::string HttpClient::complaint(const HttpRequest& request, const std::string& url,
                                  const std::string& words) const {
  const auto shown = [&](const std::string& address) {
    return plain_url(address, settings_.base_url, secrets_);
  };
  const std::string via = url == request.url ? "" : " (redirected to " + shown(url) + ")";
  return request.method + (' ' + shown(request.url)) + via + ": " + words;
}

}  // namespace gradstep
