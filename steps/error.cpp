#include "steps/error.hpp"

#include <system_error>

namespace gradstep {

IoError::IoError(const std::string& action, const std::filesystem::path& path, int error)
    : Error("cannot " + action + " '" + path.string() +
            "': " + std::generic_category().message(error)) {}

}  // namespace gradstep
