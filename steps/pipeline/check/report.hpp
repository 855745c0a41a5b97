#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "steps/pipeline/findings.hpp"
#include "steps/pipeline/yaml.hpp"

namespace gradstep::pipeline {

/// Where the mistakes of one file go.
class Report {
 public:
  Report(const YamlFile& file, Findings& findings) : file_(&file), findings_(&findings) {}

  void error(Position at, std::string message) const {
    findings_->error(*file_, at, std::move(message));
  }
  void warning(Position at, std::string message) const {
    findings_->warning(*file_, at, std::move(message));
  }
  void add(Severity severity, Position at, std::string message) const {
    severity == Severity::error ? error(at, std::move(message)) : warning(at, std::move(message));
  }

  [[nodiscard]] const YamlFile& file() const { return *file_; }
  [[nodiscard]] Findings& findings() const { return *findings_; }
  [[nodiscard]] Position in(const YamlNode& scalar, std::size_t offset) const {
    return file_->position_in(scalar, offset);
  }
  /// The file's first key, where what is missing at the top is reported.
  [[nodiscard]] Position top() const { return file_->root->at; }

 private:
  const YamlFile* file_;
  Findings* findings_;
};

/// What owns a mapping: where it stands, and what to call it in a message.
struct Owner {
  Position at;
  std::string name;  ///< "a component", "'resources'"
};

/// What a value is, in a message: "the number 5", "a list", "nothing".
[[nodiscard]] std::string describe(const YamlNode& node);

[[nodiscard]] inline std::string in_quotes(const std::string& text) { return '\'' + text + '\''; }

[[nodiscard]] std::string lower_case(std::string text);

/// ", did you mean 'a'?", or what there is: ": there is a, b".
[[nodiscard]] std::string suggestion(const std::string& word,
                                     const std::vector<std::string>& candidates);

/// How to write a scalar that YAML 1.1 takes for something else, so that it is a text.
[[nodiscard]] inline std::string write_in_quotes(const YamlNode& scalar) {
  return ": write \"" + scalar.text + '"';
}

/// "a, b or c"
[[nodiscard]] std::string one_of(const std::vector<std::string>& words);

}  // namespace gradstep::pipeline
