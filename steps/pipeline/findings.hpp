#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "steps/pipeline/yaml.hpp"

namespace gradstep::pipeline {

/// error: Azure ML refuses it, fails later, or does something else than is written.
/// warning: it runs as written, but hardly as meant.
enum class Severity { error, warning };

/// A mistake in a YAML file, and what to write instead.
struct Finding {
  std::filesystem::path file;
  Position at;  ///< {0, 0} for values that came from --set
  Severity severity = Severity::error;
  std::string message;
};

/// "components/pipeline.yml:12:7: error: …", as compilers print it.
[[nodiscard]] std::string to_string(const Finding& finding);

/// What a check has found so far.
class Findings {
 public:
  void error(const YamlFile& file, Position at, std::string message);
  void warning(const YamlFile& file, Position at, std::string message);

  /// Sorted by file and position, each once.
  [[nodiscard]] std::vector<Finding> sorted() const;
  [[nodiscard]] bool has_errors() const;
  [[nodiscard]] std::size_t count() const { return all_.size(); }

 private:
  std::vector<Finding> all_;
};

/// The candidate that `word` may be a slip of; "" when none is close.
[[nodiscard]] std::string closest(std::string_view word,
                                  const std::vector<std::string>& candidates);

/// ", did you mean 'reg_rate'?" for the candidate closest to `word`; "" when none is close.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       const std::vector<std::string>& candidates);

}  // namespace gradstep::pipeline
