#include <CLI/CLI.hpp>

#include <iostream>
#include <string>

#include "steps/command_line.hpp"
#include "steps/log.hpp"
#include "steps/score_model.hpp"

int main(int argc, char** argv) {
  gradstep::ScoreModelOptions options;
  std::string model;
  std::string output_data;

  CLI::App app{"Says for every row of CSV files what a model of train-model predicts.",
               "score-model"};
  gradstep::add_text(app, "--model", "FOLDER", model, "The model folder that train-model wrote")
      ->required();
  gradstep::add_text(app, "--input_data", "FILE|FOLDER|-", options.input_data,
                     "The CSV file, a folder of *.csv, or - for standard input; raw rows where the "
                     "model includes the scaler")
      ->required();
  gradstep::add_text(app, "--output_data", "FOLDER", output_data,
                     "Where the CSV of labels and probabilities and score_report.json go; made if "
                     "missing")
      ->required();
  gradstep::add_common(app, options.common,
                       "score-model --model model --input_data patients.csv --output_data scores");

  return gradstep::run_program(app, argc, argv, [&] {
    options.model = model;
    options.output_data = output_data;
    const auto result = gradstep::score_model(options, gradstep::Log(options.common.quiet));
    std::cout << "rows: " << result.rows << "\nwrote: " << result.file.string() << '\n';
  });
}
