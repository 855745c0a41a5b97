#include <limits>

#include "steps/command_line.hpp"
#include "steps/error.hpp"
#include "steps/reg_rates.hpp"
#include "steps/train_model.hpp"

namespace {

using namespace gradstep;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Values whose flags have no plain variable in TrainOptions.
struct Given {
  std::string model_output;
  std::string metrics_output;
  std::string plots_output;
  std::string class_weight = "none";
  std::string reg_rates;
  PathOptions path;
  std::int64_t folds = 5;
  std::int64_t random_state = 0;
  double tolerance = 1e-8;
  std::int64_t max_iterations = 1000;
  CLI::Option* reg_rate_flag = nullptr;
  CLI::Option* reg_rates_flag = nullptr;
  std::vector<const CLI::Option*> path_flags;
  CLI::Option* tolerance_flag = nullptr;
  CLI::Option* max_iterations_flag = nullptr;
};

void add_files(CLI::App& app, TrainOptions& options, Given& given) {
  add_text(app, "--training_data", "PATH", options.training_data,
           "A CSV file, a folder of *.csv, or - for standard input")
      ->required();
  add_text(app, "--model_output", "FOLDER", given.model_output,
           "Where the model goes, with coefficients.csv and, of --reg_rates, cv_results.csv")
      ->required();
  add_text(app, "--metrics_output", "FILE", given.metrics_output,
           "Where the metrics go; default: MODEL_OUTPUT/metrics.json");
  add_boolean(app, "--include_scaler", options.include_scaler,
              "Put prep-data's scaling into the model, which then takes raw rows; needs the "
              "prep_report.json beside the training data");
  add_text(app, "--python_version", "X.Y.Z", options.python_version,
           "The Python that the model's environment asks for");
  add_text(app, "--register_model", "NAME", options.register_model,
           "Register the logged model's version under this name; needs --tracking");
  add_tracking(app, options.tracking);
  add_text(app, "--plots_output", "FOLDER", given.plots_output,
           "Where the pictures go; default: ./outputs within Azure ML, else MODEL_OUTPUT/plots");
}

void add_model(CLI::App& app, TrainOptions& options, Given& given) {
  given.reg_rate_flag = add_real(app, "--reg_rate", options.reg_rate, 0, infinity,
                                 "L2 regularisation rate, 1/C of scikit-learn");
  add_names(app, "--features", options.features, "The columns to learn from");
  add_text(app, "--label", "NAME", options.label,
           "The column to predict: whole numbers, True and False, or texts, of 2 to 100 kinds; of "
           "three or more each is told from all others");
  add_text(app, "--class_weight", "WEIGHTS", given.class_weight,
           "How much the rows of each class count in training: none, balanced, or "
           "LABEL:WEIGHT,LABEL:WEIGHT with 1 for a class not named; the metrics are unweighted");
  add_text(app, "--weight_column", "NAME", options.weight_column,
           "A column that is no feature, but how much each row counts in training, times its "
           "class's weight: a number from 0 on; the metrics are unweighted");
  add_boolean(app, "--penalize_intercept", options.penalize_intercept,
              "Regularise the intercept, too, as liblinear does; lbfgs does not");
  add_real(app, "--test_size", options.test_size, 0, 1, "Share of the rows to test with");
  add_integer(app, "--random_state", given.random_state, 0,
              std::numeric_limits<std::uint32_t>::max(), "Seed of the split, and of --folds");
}

void add_path(CLI::App& app, Given& given) {
  given.reg_rates_flag =
      add_text(app, "--reg_rates", "RATES", given.reg_rates,
               "Choose the rate by cross-validation from these, such as 0.01,0.1,1 or "
               "logspace(-4,4,32), in place of --reg_rate");
  PathOptions& path = given.path;
  given.path_flags = {
      add_integer(app, "--folds", given.folds, 2, 100,
                  "Parts of the training rows, each tested with models trained on the others"),
      add_choice<Criterion>(app, "--selection", path.selection,
                            {{"auc", Criterion::auc},
                             {"accuracy", Criterion::accuracy},
                             {"log_loss", Criterion::log_loss}},
                            "Whose mean over the folds is to be the best"),
      add_boolean(app, "--one_standard_error", path.one_standard_error,
                  "Take the greatest rate whose mean is within one standard error of the best"),
      add_boolean(app, "--stratified", path.stratified,
                  "Give every fold about the same share of each class")};
}

void add_solver(CLI::App& app, TrainOptions& options, Given& given) {
  // The second spelling is for those who know it from Python.
  add_choice<Solver>(app, "--solver", options.solver,
                     {{"gradient_descent", Solver::gradient_descent},
                      {"gradient-descent", Solver::gradient_descent},
                      {"newton", Solver::newton},
                      {"liblinear", Solver::liblinear}},
                     "Two that find the optimum, and one that repeats scikit-learn's digits")
      ->type_name("gradient-descent|newton|liblinear");
  add_choice<std::optional<BlasKernel>>(
      app, "--liblinear_kernel", options.liblinear_kernel,
      {{"auto", std::nullopt},
       {"skylakex", BlasKernel::skylakex},
       {"haswell", BlasKernel::haswell}},
      "Whose last bits liblinear repeats: OpenBLAS on AVX-512, on AVX2; auto: "
      "as OpenBLAS here");
  given.tolerance_flag = add_real(app, "--tolerance", given.tolerance, 0, infinity,
                                  "When to stop, relative to the largest coefficient; liblinear's "
                                  "own rule: 1e-4 when not given");
  given.max_iterations_flag = add_integer(
      app, "--max_iterations", given.max_iterations, 1, std::numeric_limits<std::int32_t>::max(),
      "When to give up, with a warning; liblinear: 100 when not given");
  add_choice<Precision>(app, "--precision", options.precision,
                        {{"float64", Precision::float64}, {"mixed", Precision::mixed}},
                        "How the features are kept; mixed: as float32, computed with in float64");
  add_size(
      app, "--memory_limit", options.memory_limit,
      "Memory of the whole process, such as 1GB: the columns are kept in unnamed files in "
      "$TMPDIR, else /tmp, and read from there as often as needed, by the CPU; 0: they are kept in "
      "memory");
}

void take_path(const Given& given, TrainOptions& options) {
  if (given.reg_rates_flag->count() == 0) {
    for (const CLI::Option* flag : given.path_flags)
      if (flag->count() > 0)
        throw UsageError("--" + flag->get_lnames().front() + " needs --reg_rates");
    return;
  }
  if (given.reg_rate_flag->count() > 0)
    throw UsageError("--reg_rates chooses the rate; --reg_rate does not go with it");
  PathOptions path = given.path;
  path.reg_rates = parse_reg_rates(given.reg_rates);
  path.folds = static_cast<int>(given.folds);
  options.path = path;
}

void take(const Given& given, TrainOptions& options) {
  options.model_output = given.model_output;
  if (!given.metrics_output.empty()) options.metrics_output = given.metrics_output;
  options.class_weight = parse_class_weight(given.class_weight);
  if (!given.plots_output.empty()) options.plots_output = given.plots_output;
  take_path(given, options);
  options.random_state = static_cast<std::uint32_t>(given.random_state);
  if (given.tolerance_flag->count() > 0) options.tolerance = given.tolerance;
  if (given.max_iterations_flag->count() > 0) {
    options.max_iterations = static_cast<int>(given.max_iterations);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Splits the rows of a CSV file, trains a logistic regression, tests it on the rows held back "
      "and writes the model, its metrics and pictures.",
      "train-model");
  TrainOptions options;
  Given given;
  add_files(app, options, given);
  add_model(app, options, given);
  add_path(app, given);
  add_solver(app, options, given);
  add_common(app, options.common,
             "train-model --training_data prepared --model_output model --reg_rate 0.01");
  return run_program(app, argc, argv, [&] {
    take(given, options);
    train_model(options);
  });
}
