#pragma once

namespace gradstep {

/// Whether MLflow's clients send a request again after this answer.
/// Source: mlflow 3.17, utils/request_utils.py, _TRANSIENT_FAILURE_RESPONSE_CODES
[[nodiscard]] constexpr bool is_transient(int status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
         status == 504;
}

/// Whether an answer with a Location is followed there.
[[nodiscard]] constexpr bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// How long to wait before retry number `retry` (from 0), in seconds: factor / 4, doubled each
/// time, times `jitter`; what the server asked for (0: nothing) when that is longer.
/// @param jitter  0.75 to 1.25, so that many clients do not come back at once
[[nodiscard]] double wait_before_retry(int retry, double factor, double jitter, double asked_for);

}  // namespace gradstep
