#include "steps/exit_code.hpp"

#include <exception>
#include <filesystem>
#include <new>
#include <string>

#include "steps/error.hpp"

namespace gradstep {

ExitCode exit_code_of_current_exception() {
  try {
    throw;
  } catch (const UsageError&) {
    return ExitCode::usage;
  } catch (const DataError&) {
    return ExitCode::data;
  } catch (const BackendUnavailable&) {
    return ExitCode::unavailable;
  } catch (const IoError&) {
    return ExitCode::io;
  } catch (const TrackingError&) {
    return ExitCode::tracking;
  } catch (const StepFailed&) {
    return ExitCode::step;
  } catch (const std::filesystem::filesystem_error&) {
    return ExitCode::io;
  } catch (...) {
    return ExitCode::internal;
  }
}

std::string message_of_current_exception() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return "out of memory: the data do not fit into what this process may use";
  } catch (const Error& error) {
    return error.what();
  } catch (const std::filesystem::filesystem_error& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("internal error: ") + error.what();
  } catch (...) {
    return "internal error: an exception of unknown type";
  }
}

}  // namespace gradstep
