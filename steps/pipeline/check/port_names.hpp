#pragma once

#include <map>
#include <string>

#include "steps/pipeline/check/report.hpp"

namespace gradstep::pipeline {

/// Checks the names of inputs, or of outputs, one after the other.
class PortNames {
 public:
  explicit PortNames(const Report& report) : report_(report) {}

  void check(const YamlNode& key);

 private:
  const Report& report_;
  std::map<std::string, std::string> known_;  ///< in small letters -> as written
};

}  // namespace gradstep::pipeline
