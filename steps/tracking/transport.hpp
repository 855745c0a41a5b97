#pragma once

#include <cstdint>

/// HTTP attempts in parallel, as plain data: it crosses into the library gradstep_http.so, which is
/// opened at run time because libcurl costs more than starting the program. Nothing throws.
namespace gradstep::http {

struct TransportOptions {
  const char* user_agent;
  const char* ca_file;             ///< nullptr: the system's
  const char* ca_folder;           ///< nullptr: the system's
  const char* client_certificate;  ///< PEM with the key; nullptr: none
  bool verify_tls;
};

/// One request on its way. Redirects are not followed.
struct Attempt {
  std::uint64_t id;            ///< the caller's
  const char* method;          ///< GET, POST, PUT, PATCH
  const char* url;             ///< http or https
  const char* const* headers;  ///< "Name: value", ended by nullptr
  const char* body;            ///< must live until the outcome is taken
  std::int64_t body_size;
  double seconds;         ///< how long it may take, > 0
  bool with_certificate;  ///< whether the other side may see the client's
};

enum class Problem : std::int32_t {
  none,       ///< the server has answered, with whatever status
  broken,     ///< no connection, or one that broke: trying again may help
  timed_out,  ///< its seconds are over
  tls,        ///< the certificate or the handshake: trying again does not help
  refused,    ///< anything else: trying again does not help
};

/// How an attempt ended. The texts are gone when the callback returns.
struct Outcome {
  std::uint64_t id;
  Problem problem;
  const char* words;  ///< of the problem
  int status;         ///< HTTP's
  const char* body;
  std::int64_t body_size;    ///< at most most_bytes
  const char* redirect;      ///< the absolute address that the answer points to, or ""
  std::int64_t retry_after;  ///< seconds; 0: the server did not say
};

inline constexpr std::int64_t most_bytes = 16 << 20;  ///< of an answer
inline constexpr int most_connections = 4;            ///< kept alive between attempts

using Take = void (*)(void* to, const Outcome* outcome);

struct Transport;

/// All that the library can do.
struct TransportFunctions {
  /// nullptr when memory ran out.
  Transport* (*open)(const TransportOptions* options);
  /// Copies all but the body. At most most_connections attempts may be under way.
  void (*start)(Transport* transport, const Attempt* attempt);
  /// Until an attempt has ended or `seconds` have passed; hands what ended to `take`.
  void (*wait)(Transport* transport, double seconds, Take take, void* to);
  /// Drops the attempts under way.
  void (*cancel)(Transport* transport);
  void (*close)(Transport* transport);
};

/// The one function of the library, and its name.
using Functions = const TransportFunctions* (*)();
inline constexpr const char* functions_symbol = "gradstep_http_transport";

}  // namespace gradstep::http
