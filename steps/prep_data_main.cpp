#include <CLI/CLI.hpp>

#include <string>

#include "steps/command_line.hpp"
#include "steps/prep_data.hpp"

int main(int argc, char** argv) {
  gradstep::PrepDataOptions options;
  std::string output_data;

  CLI::App app{"Reads CSV, drops rows with a missing value, scales columns to 0..1, writes CSV.",
               "prep-data"};
  gradstep::add_text(app, "--input_data", "FILE|FOLDER|-", options.input_data,
                     "The CSV file, a folder of *.csv, or - for standard input")
      ->required();
  gradstep::add_text(app, "--output_data", "FOLDER", output_data,
                     "Where the prepared CSV and prep_report.json go; made if missing")
      ->required();
  gradstep::add_names(app, "--columns", options.columns, "The columns to scale; '' scales none");
  gradstep::add_boolean(app, "--dropna", options.dropna, "Drop rows with a missing value");
  gradstep::add_boolean(app, "--overwrite", options.overwrite,
                        "Delete other *.csv of the output folder instead of stopping");
  gradstep::add_tracking(app, options.tracking);
  gradstep::add_common(app, options.common,
                       "prep-data --input_data diabetes.csv --output_data prepared");

  return gradstep::run_program(app, argc, argv, [&] {
    options.output_data = output_data;
    gradstep::prep_data(options);
  });
}
