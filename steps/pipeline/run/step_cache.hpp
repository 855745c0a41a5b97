#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "steps/pipeline/run/backend.hpp"
#include "steps/pipeline/run/content_hash.hpp"

namespace gradstep::pipeline {

/// Everything that decides what a step makes, as it was when the key was made.
struct StepKey {
  std::string text;                 ///< "" when the step is not to be stored
  std::string code;                 ///< hashes
  std::string program;              ///< of the programs, or the image
  std::vector<std::string> inputs;  ///< in the step's order; "" of texts
};

/// What earlier runs have made, found again by everything that decides what a step makes: command,
/// code, variables, program or image, inputs (files by their bytes and name), backend, server.
/// An entry is a file `cache/<key>.json` that names folders of the run that made them.
class StepCache {
 public:
  /// @param tracking_uri  where runs are logged; "" when they are not
  StepCache(const std::filesystem::path& work_dir, TreeHash hash, std::string tracking_uri);

  /// The key of a step; of its outputs only names and types count.
  /// @throws IoError  when something cannot be hashed
  [[nodiscard]] StepKey key_of(const BoundStep& step, Backend& backend);

  /// The outputs that an earlier run has stored, when all are still there as they were.
  [[nodiscard]] std::optional<std::vector<BoundValue>> find(const StepKey& key);

  /// Whether the copy that a step runs in holds what the key says. @throws IoError
  [[nodiscard]] bool has_code_of(const StepKey& key, const BoundStep& step);
  /// The inputs that are no longer what the key says. @throws IoError
  [[nodiscard]] std::vector<std::string> changed_inputs(const StepKey& key, const BoundStep& step);

  /// Stores the outputs, unless the programs are no longer what the key says. @throws IoError
  void store(const StepKey& key, const BoundStep& step, Backend& backend);

 private:
  std::filesystem::path work_dir_;
  std::filesystem::path folder_;
  TreeHash hash_;
  std::string tracking_uri_;
};

}  // namespace gradstep::pipeline
