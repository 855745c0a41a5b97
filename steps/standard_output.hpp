#pragma once

namespace gradstep {

/// Hands what std::cout and stdout hold to whoever reads it. A reader that has closed the pipe has
/// what it wanted; anything else is an error like any disk's. May be called again.
/// @throws IoError
void flush_standard_output();

}  // namespace gradstep
