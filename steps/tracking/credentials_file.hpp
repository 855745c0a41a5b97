#pragma once

#include <filesystem>
#include <string>

namespace gradstep {

struct Credentials {
  std::string username;
  std::string password;
};

/// What the section [mlflow] of <home>/.mlflow/credentials says, as Python's configparser reads it;
/// empty where there is no such file, section or key.
[[nodiscard]] Credentials read_credentials(const std::filesystem::path& home);

}  // namespace gradstep
