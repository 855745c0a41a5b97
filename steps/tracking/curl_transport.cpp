// The library gradstep_http: the only file that knows libcurl, opened when the first request is
// made.

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "steps/tracking/curl_problem.hpp"
#include "steps/tracking/transport.hpp"

namespace gradstep::http {
namespace {

struct CloseEasy {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct CloseMulti {
  void operator()(CURLM* multi) const noexcept { (void)curl_multi_cleanup(multi); }
};
struct FreeList {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

/// An attempt that cannot even be started.
struct SetupError : std::exception {
  explicit SetupError(CURLcode error) : code(error) {}
  CURLcode code;
};

/// An attempt under way, at an address that stays: libcurl writes to it.
struct Exchange {
  std::uint64_t id = 0;
  std::unique_ptr<curl_slist, FreeList> headers;
  std::string body;
  std::array<char, CURL_ERROR_SIZE> words{};
  bool too_large = false;
  std::unique_ptr<CURL, CloseEasy> easy;  // last: it goes first
};

std::size_t take_body(char* bytes, std::size_t one, std::size_t count, void* to) noexcept {
  auto& exchange = *static_cast<Exchange*>(to);
  const std::size_t size = one * count;
  exchange.too_large = exchange.body.size() + size > std::size_t{most_bytes};
  if (exchange.too_large) return 0;
  try {
    exchange.body.append(bytes, size);
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return size;
}

std::string owned(const char* text) { return text == nullptr ? std::string() : text; }

/// The problem of an attempt, in libcurl's words.
Outcome failed(std::uint64_t id, CURLcode code, const char* words) {
  Outcome outcome{};
  outcome.id = id;
  outcome.words = *words == '\0' ? curl_easy_strerror(code) : words;
  outcome.problem = problem_of(code, outcome.words);
  outcome.body = outcome.redirect = "";
  return outcome;
}

Outcome answered(const Exchange& exchange) {
  CURL* const easy = exchange.easy.get();
  long status = 0;
  char* redirect = nullptr;
  curl_off_t retry_after = 0;
  (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  (void)curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &redirect);
  (void)curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
  return {.id = exchange.id,
          .problem = Problem::none,
          .words = "",
          .status = static_cast<int>(status),
          .body = exchange.body.data(),
          .body_size = std::ssize(exchange.body),
          .redirect = redirect == nullptr ? "" : redirect,
          .retry_after = retry_after};
}

}  // namespace

struct Transport {
  explicit Transport(const TransportOptions& options)
      : user_agent(owned(options.user_agent)),
        ca_file(owned(options.ca_file)),
        ca_folder(owned(options.ca_folder)),
        client_certificate(owned(options.client_certificate)),
        verify_tls(options.verify_tls),
        multi(curl_multi_init()) {
    if (multi == nullptr) throw std::bad_alloc();
    (void)curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, long{most_connections});
    exchanges.reserve(most_connections);
    unstarted.reserve(most_connections);
  }
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  ~Transport() { cancel(); }

  void start(const Attempt& attempt);
  void wait(double seconds, Take take, void* to);
  void cancel() {
    for (const auto& exchange : exchanges) {
      (void)curl_multi_remove_handle(multi.get(), exchange->easy.get());
    }
    exchanges.clear();
    unstarted.clear();
  }

  std::string user_agent;
  std::string ca_file;
  std::string ca_folder;
  std::string client_certificate;
  bool verify_tls;
  std::unique_ptr<CURLM, CloseMulti> multi;
  std::vector<std::unique_ptr<Exchange>> exchanges;
  /// Attempts that never started; reported by the next wait().
  std::vector<std::pair<std::uint64_t, CURLcode>> unstarted;

 private:
  void set_options(Exchange& exchange, const Attempt& attempt) const;
  void hand_over(const CURLMsg& message, Take take, void* to);
  /// Ends all attempts with libcurl's words.
  void give_up(CURLMcode code, Take take, void* to);
};

void Transport::set_options(Exchange& exchange, const Attempt& attempt) const {
  CURL* const easy = exchange.easy.get();
  const auto set = [easy](CURLoption option, auto value) {
    if (const CURLcode code = curl_easy_setopt(easy, option, value)) throw SetupError(code);
  };
  for (const char* const* header = attempt.headers; *header != nullptr; ++header) {
    curl_slist* const longer = curl_slist_append(exchange.headers.get(), *header);
    if (longer == nullptr) throw SetupError(CURLE_OUT_OF_MEMORY);
    if (exchange.headers == nullptr) exchange.headers.reset(longer);  // later it stays the same
  }
  set(CURLOPT_URL, attempt.url);
  set(CURLOPT_HTTPHEADER, exchange.headers.get());
  set(CURLOPT_USERAGENT, user_agent.c_str());
  set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  if (std::string_view(attempt.method) != "GET") {
    set(CURLOPT_POSTFIELDS, attempt.body);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(attempt.body_size));
    set(CURLOPT_CUSTOMREQUEST, attempt.method);
  }
  set(CURLOPT_WRITEFUNCTION, &take_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
  set(CURLOPT_ERRORBUFFER, exchange.words.data());
  set(CURLOPT_TIMEOUT_MS, std::max(1L, std::lround(attempt.seconds * 1000)));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a name server that hangs must not outlast the timeout
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_SSL_VERIFYPEER, verify_tls ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, verify_tls ? 2L : 0L);
  if (!ca_file.empty() || !ca_folder.empty()) {  // and nobody else
    set(CURLOPT_CAINFO, ca_file.empty() ? nullptr : ca_file.c_str());
    set(CURLOPT_CAPATH, ca_folder.empty() ? nullptr : ca_folder.c_str());
  }
  if (attempt.with_certificate && !client_certificate.empty())
    set(CURLOPT_SSLCERT, client_certificate.c_str());
}

void Transport::start(const Attempt& attempt) {
  try {
    auto exchange = std::make_unique<Exchange>();
    exchange->id = attempt.id;
    exchange->easy.reset(curl_easy_init());
    if (exchange->easy == nullptr) throw SetupError(CURLE_OUT_OF_MEMORY);
    set_options(*exchange, attempt);
    if (curl_multi_add_handle(multi.get(), exchange->easy.get()) != CURLM_OK) {
      throw SetupError(CURLE_OUT_OF_MEMORY);
    }
    exchanges.push_back(std::move(exchange));
  } catch (const SetupError& error) {
    unstarted.emplace_back(attempt.id, error.code);
  } catch (const std::bad_alloc&) {
    unstarted.emplace_back(attempt.id, CURLE_OUT_OF_MEMORY);
  }
}

void Transport::hand_over(const CURLMsg& message, Take take, void* to) {
  const auto found = std::find_if(exchanges.begin(), exchanges.end(), [&](const auto& each) {
    return each->easy.get() == message.easy_handle;
  });
  const std::unique_ptr<Exchange> exchange = std::move(*found);
  exchanges.erase(found);
  const CURLcode code = message.data.result;  // the message goes with the handle
  (void)curl_multi_remove_handle(multi.get(), exchange->easy.get());
  Outcome outcome =
      code == CURLE_OK ? answered(*exchange) : failed(exchange->id, code, exchange->words.data());
  if (exchange->too_large) outcome.words = "the answer is longer than 16 MB";
  take(to, &outcome);
}

void Transport::give_up(CURLMcode code, Take take, void* to) {
  for (const auto& exchange : exchanges) {
    const Outcome outcome = failed(exchange->id, CURLE_FAILED_INIT, curl_multi_strerror(code));
    take(to, &outcome);
  }
  cancel();
}

void Transport::wait(double seconds, Take take, void* to) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + std::chrono::duration<double>(seconds);
  bool ended = !unstarted.empty();
  for (const auto& [id, code] : std::exchange(unstarted, {})) {
    const Outcome outcome = failed(id, code, "");
    take(to, &outcome);
  }
  while (true) {
    int running = 0;
    if (const CURLMcode code = curl_multi_perform(multi.get(), &running)) {
      return give_up(code, take, to);
    }
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      ended = true;
      hand_over(*message, take, to);
    }
    const double rest = std::chrono::duration<double>(until - Clock::now()).count();
    if (ended || rest <= 0) return;
    const double milliseconds = std::min(std::ceil(rest * 1000), 60'000.0);
    const CURLMcode code =
        curl_multi_poll(multi.get(), nullptr, 0, static_cast<int>(milliseconds), nullptr);
    if (code != CURLM_OK) return give_up(code, take, to);
  }
}

namespace {

Transport* open(const TransportOptions* options) noexcept {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return nullptr;
  try {
    return new Transport(*options);
  } catch (const std::bad_alloc&) {
    curl_global_cleanup();
    return nullptr;
  }
}

void start(Transport* transport, const Attempt* attempt) noexcept { transport->start(*attempt); }

void wait(Transport* transport, double seconds, Take take, void* to) noexcept {
  transport->wait(seconds, take, to);
}

void cancel(Transport* transport) noexcept { transport->cancel(); }

void close(Transport* transport) noexcept {
  delete transport;
  curl_global_cleanup();
}

}  // namespace
}  // namespace gradstep::http

extern "C" __attribute__((visibility("default"))) const gradstep::http::TransportFunctions*
gradstep_http_transport() {
  using namespace gradstep::http;
  static constexpr TransportFunctions functions{&open, &start, &wait, &cancel, &close};
  return &functions;
}
