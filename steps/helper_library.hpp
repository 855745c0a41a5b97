#pragma once

namespace gradstep {

/// A function of a library of ours that is opened on first use, because linking what it brings
/// along would cost every start milliseconds. The library stays open.
///
/// @param library  its file's name; it lies beside the program, or in ../lib/gradstep
/// @throws IoError  "cannot <purpose>: …" when it is missing or broken
[[nodiscard]] void* function_of_library(const char* purpose, const char* library,
                                        const char* function);

}  // namespace gradstep
