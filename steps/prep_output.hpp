#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "steps/csv/source.hpp"

namespace gradstep {

/// The name of the prepared file: that of the input file, ".csv" appended if it ends otherwise;
/// `<folder>.csv` for a folder; "stdin.csv" for "-".
[[nodiscard]] std::string prepared_name(const std::string& input_data);

/// The *.csv files of a folder other than `ours`, sorted; none when the folder does not exist.
/// train-model would read them together with ours.
/// @throws IoError when the folder cannot be read, or is a file
[[nodiscard]] std::vector<std::filesystem::path> other_csv(const std::filesystem::path& folder,
                                                           const std::string& ours);

/// Refuses files that are to be replaced or deleted when one of them is an input.
/// @throws DataError saying which
void expect_inputs_kept(const std::vector<std::filesystem::path>& replaced,
                        const std::vector<std::shared_ptr<const csv::Source>>& inputs);

/// Refuses an output folder that prep-data must not write to: one in which an input would be
/// replaced or deleted, and, unless `overwrite`, one that holds other *.csv files.
/// @throws DataError saying which file; IoError when the folder cannot be read, or is a file
void check_output(const std::filesystem::path& folder, const std::string& ours, bool overwrite,
                  const std::vector<std::shared_ptr<const csv::Source>>& inputs);

}  // namespace gradstep
