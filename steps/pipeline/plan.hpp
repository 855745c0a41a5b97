#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "steps/pipeline/command_template.hpp"
#include "steps/pipeline/ports.hpp"
#include "steps/pipeline/project.hpp"

namespace gradstep::pipeline {

/// The output of another step.
struct OutputOf {
  std::size_t step = 0;  ///< index in Plan::steps
  std::string output;
};

/// What an input gets: a value as text, a file or folder here, or what another step makes.
struct StepInput {
  std::string name;
  PortType type = PortType::string;
  std::variant<std::string, std::filesystem::path, OutputOf> source;
};

struct StepOutput {
  std::string name;
  PortType type = PortType::uri_folder;
};

/// How a hyperparameter's values are drawn.
struct SearchParameter {
  std::string input;
  std::string distribution;         ///< choice, uniform, loguniform, randint, …
  std::vector<std::string> values;  ///< of choice, as Azure ML hands them over
  std::vector<double> numbers;      ///< min_value, max_value | mu, sigma | upper; then q
};

/// What makes a step a sweep over its component.
struct Sweep {
  enum class Sampling { grid, random };
  Sampling sampling = Sampling::random;
  std::optional<std::uint64_t> seed;
  std::vector<SearchParameter> space;
  bool maximize = true;
  std::string primary_metric;
  int max_total_trials = 1;
  int max_concurrent_trials = 1;
  double trial_timeout = 0;  ///< seconds; 0: none
  double timeout = 0;        ///< of the whole sweep
};

/// One step: a command component with everything bound.
struct Step {
  std::string name;  ///< "train_model"; within a nested pipeline "outer.train_model"
  std::string component;
  CommandTemplate command;
  std::string command_text;
  std::filesystem::path code;                                  ///< folder or file; empty: none
  std::string environment;                                     ///< its name, "" when it has none
  std::string image;                                           ///< "" when it is not known here
  std::vector<std::pair<std::string, std::string>> variables;  ///< environment_variables
  std::vector<StepInput> inputs;                               ///< optional ones only when set
  std::vector<StepOutput> outputs;
  double timeout = 0;  ///< limits.timeout, seconds; 0: none
  bool is_deterministic = true;
  std::vector<std::string> ignored;  ///< settings that count on Azure ML only
  std::optional<Sweep> sweep;
};

/// A pipeline job, flat: nested pipelines are replaced by their steps.
struct Plan {
  std::string display_name;
  std::string experiment_name;
  std::vector<Step> steps;  ///< a step comes after those it takes inputs from
  std::vector<std::pair<std::string, OutputOf>> outputs;  ///< the pipeline's outputs
  bool continue_on_step_failure = false;
  bool force_rerun = false;
};

/// What the command line adds to a pipeline file; NAME, VALUE.
struct Assignments {
  std::vector<std::pair<std::string, std::string>> inputs;  ///< --input
  std::vector<std::pair<std::string, std::string>> images;  ///< --image
};

/// Makes the plan of a project in which check() has found no error.
/// @throws UsageError  for an input of the command line that the pipeline has not, for an input
///                     without a value, for data in a workspace without --input
/// @throws IoError     when data that an input names are not there
/// @throws DataError   when a pipeline is a step of itself
[[nodiscard]] Plan make_plan(Project& project, const Assignments& assignments);

}  // namespace gradstep::pipeline
