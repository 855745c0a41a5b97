#pragma once

#include <string>

#include "steps/tracking/settings.hpp"
#include "steps/tracking/transport.hpp"

namespace gradstep {

/// What the user can do about an answer, as " (…)"; "" when nothing is known.
/// @param with_credentials  whether the request carried the settings' credentials
[[nodiscard]] std::string advice(int status, const std::string& words,
                                 const TrackingSettings& settings, bool with_credentials);

/// What the user can do about an attempt without an answer, as " (…)"; "" when nothing is known.
[[nodiscard]] std::string advice(http::Problem problem, const std::string& words);

}  // namespace gradstep
