#pragma once

#include "steps/pipeline/check/shape.hpp"
#include "steps/pipeline/check/signature.hpp"

namespace gradstep::pipeline {

/// The keys that make something a sweep: search_space, objective, limits and the like.
[[nodiscard]] const Fields& sweep_key_fields();

/// Checks what these keys hold and how they go together.
/// @param trial  what is searched over; nullptr: its inputs are unknown
void check_sweep(const Report& report, const YamlNode& sweep, const Signature* trial);

}  // namespace gradstep::pipeline
