#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "steps/pipeline/run/backend.hpp"

namespace gradstep::pipeline {

/// A new folder `<time>_<name>` for a run in `work_dir`, which is created where it is missing.
/// @throws IoError
[[nodiscard]] std::filesystem::path new_run_folder(const std::filesystem::path& work_dir,
                                                   const std::string& name);

/// Makes `folder` with wd/, a copy of the step's code, and outputs/, an empty folder each; returns
/// the outputs. That of a uri_file is a file's name in its folder.
/// @param except  left out of the copy: the folder that all runs lie in
/// @throws IoError, std::filesystem::filesystem_error
[[nodiscard]] std::vector<BoundValue> make_step_folder(const std::filesystem::path& folder,
                                                       const Step& step,
                                                       const std::filesystem::path& except);

/// Copies an output of a pipeline: a folder's files into the folder `target`, which may exist; a
/// file into that folder, or to that name where it is none. Each file appears whole, with its mode.
/// @throws IoError, std::filesystem::filesystem_error
void copy_output(const std::filesystem::path& output, const std::filesystem::path& target);

}  // namespace gradstep::pipeline
