#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "steps/pipeline/run/backend.hpp"
#include "steps/pipeline/run/content_hash.hpp"

namespace gradstep::pipeline {

/// What earlier runs have made, found again by everything that decides what a step makes: command,
/// code, variables, program or image, inputs (files by their bytes and name), backend, server.
/// An entry is a file `cache/<key>.json` that names folders of the run that made them.
class StepCache {
 public:
  /// @param tracking_uri  where runs are logged; "" when they are not
  StepCache(const std::filesystem::path& work_dir, TreeHash hash, std::string tracking_uri);

  /// The key of a step; of its outputs only names and types count.
  [[nodiscard]] std::string key_of(const BoundStep& step, Backend& backend);

  /// The outputs that an earlier run has stored, when all are still there as they were.
  [[nodiscard]] std::optional<std::vector<BoundValue>> find(const std::string& key);

  /// @throws IoError
  void store(const std::string& key, const BoundStep& step);

 private:
  /// Of a file or folder, which is read once.
  [[nodiscard]] const std::string& hash_of(const std::filesystem::path& path);

  std::filesystem::path work_dir_;
  std::filesystem::path folder_;
  TreeHash hash_;
  std::string tracking_uri_;
  std::map<std::filesystem::path, std::string> hashes_;
};

}  // namespace gradstep::pipeline
