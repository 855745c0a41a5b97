#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "steps/common_options.hpp"
#include "steps/tracking/settings.hpp"

namespace gradstep {

/// What prep-data is asked to do.
struct PrepDataOptions {
  std::string input_data;             ///< a file, a folder of *.csv, or "-"
  std::filesystem::path output_data;  ///< a folder
  std::vector<std::string> columns = {///< to be scaled; the lab's by default
                                      "Pregnancies",      "PlasmaGlucose", "DiastolicBloodPressure",
                                      "TricepsThickness", "SerumInsulin",  "BMI",
                                      "DiabetesPedigree"};
  bool dropna = true;
  bool overwrite = false;  ///< delete other *.csv of the output folder
  Tracking tracking = Tracking::automatic;
  CommonOptions common;
};

/// Reads CSV, drops the rows with a missing value, min-max scales columns, writes CSV and
/// prep_report.json: the bytes of
///
///     df = pd.read_csv(input_data).dropna()
///     df[columns] = MinMaxScaler().fit_transform(df[columns])
///     df.to_csv(output_data / name, index=False)
///
/// with pandas' types inferred over the whole file. Prints rows read, rows dropped and the file;
/// tells an MLflow server of the run, last of all, when it is to be tracked.
///
/// @throws UsageError          a column is named twice, or a path is empty
/// @throws DataError           pandas or scikit-learn would refuse the input, or the output folder
///                             holds CSV that train-model would read too
/// @throws BackendUnavailable  --device cuda without a usable GPU
/// @throws IoError             cannot read or write
/// @throws TrackingError       the output is whole, but the run could not be logged
///
/// Memory: on the CPU some megabytes a thread, where the input is ordinary (steps/csv/survey.hpp)
/// and not tracked: it is read twice. Else 9 bytes a cell at most.
/// Result: the same for any number of threads and any device.
/// Source: the lab's prep-data.py; pandas 3.1, scikit-learn 1.9.
void prep_data(const PrepDataOptions& options);

}  // namespace gradstep
