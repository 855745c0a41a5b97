#include "steps/pipeline/check/port_names.hpp"

#include <regex>
#include <set>
#include <string>

namespace gradstep::pipeline {

void PortNames::check(const YamlNode& key) {
  static const std::regex pattern("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*");
  static const std::set<std::string> reserved = {
      "path", "ld_library_path", "user", "logname", "home", "pwd", "shell"};
  const std::string& name = key.text;
  if (!key.is_scalar() || key.type != ScalarType::text) return;  // reported
  if (name.size() > 255 || !std::regex_match(name, pattern)) {
    report_.error(key.at, "the name '" + name +
                              "' of a port must consist of letters, digits and '_', with no "
                              "digit in front");
  } else if (reserved.count(lower_case(name)) > 0) {
    report_.error(
        key.at, "the name '" + name + "' is an environment variable of the system: choose another");
  }
  const auto [twin, is_new] = known_.emplace(lower_case(name), name);
  if (!is_new && twin->second != name)
    report_.error(key.at, "the names '" + twin->second + "' and '" + name +
                              "' differ in the size of letters only: choose another");
}

}  // namespace gradstep::pipeline
