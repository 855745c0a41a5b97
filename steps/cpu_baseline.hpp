#pragma once

namespace gradstep {

/// Linked into every program by run_program(). A CPU below the baseline this build was made for
/// ends the program with ExitCode::unavailable and a sentence, instead of with SIGILL: before main
/// and before any other static initialiser.
void check_cpu_baseline();

}  // namespace gradstep
