#pragma once

#include <curl/curl.h>

#include <string_view>

#include "steps/tracking/transport.hpp"

namespace gradstep::http {

/// Whether a failed handshake is the other side's answer, and not a connection that broke: OpenSSL
/// names an error then.
inline bool handshake_refused(std::string_view words) {
  return words.find("error:") != std::string_view::npos &&
         words.find("unexpected eof") == std::string_view::npos;
}

/// What the caller of the library is told of libcurl's code and words.
inline Problem problem_of(CURLcode code, std::string_view words) {
  switch (code) {
    case CURLE_OK:
      return Problem::none;
    case CURLE_OPERATION_TIMEDOUT:
      return Problem::timed_out;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return Problem::broken;
    case CURLE_SSL_CONNECT_ERROR:
      return handshake_refused(words) ? Problem::tls : Problem::broken;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
      return Problem::tls;
    default:
      return Problem::refused;
  }
}

}  // namespace gradstep::http
