#pragma once

#include <string>

namespace gradstep {

/// The programs' exit codes. A signal's is 128 + its number.
enum class ExitCode {
  success = 0,
  usage = 2,        ///< the command line
  data = 3,         ///< the user's file
  unavailable = 4,  ///< the machine: no GPU, driver too old, CPU too old, built without CUDA
  internal = 5,     ///< ours, or the device, or memory ran out
  io = 6,           ///< cannot read, disk full, no permission
  tracking = 7,     ///< the MLflow server; the step's results are on disk by then
  step = 8,         ///< a step of a pipeline failed
};

/// The code of the exception being handled; call it in a catch block.
[[nodiscard]] ExitCode exit_code_of_current_exception();

/// What the exception being handled says, in words a user can act on; call it in a catch block.
[[nodiscard]] std::string message_of_current_exception();

}  // namespace gradstep
