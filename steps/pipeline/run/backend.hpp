#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "steps/log.hpp"
#include "steps/pipeline/plan.hpp"
#include "steps/pipeline/run/children.hpp"
#include "steps/pipeline/run/content_hash.hpp"

namespace gradstep::pipeline {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// A value of a step that is about to run: a text, or where a file or folder lies here.
struct BoundValue {
  std::string name;
  PortType type = PortType::string;
  std::string text;
  std::filesystem::path path;  ///< empty for a text
};

/// A step that is about to run, or a trial of one.
struct BoundStep {
  const Step* step = nullptr;
  std::string name;              ///< "train_model", "train_model.trial_3"
  std::filesystem::path folder;  ///< wd/, outputs/ and std_log.txt lie in it
  std::vector<BoundValue> inputs;
  std::vector<BoundValue> outputs;
  Pairs variables;  ///< for its environment beside the step's own: the run of MLflow
};

/// What runs the steps' commands.
class Backend {
 public:
  Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend() = default;

  [[nodiscard]] virtual std::string name() const = 0;
  /// What a step runs in or with, for the plan: an image, a program.
  [[nodiscard]] virtual std::string describe(const Step& step) const = 0;
  /// Makes sure that all steps can run here.
  /// @throws UsageError, BackendUnavailable
  virtual void prepare(const Plan& plan, const Log& log) = 0;
  /// What decides, beside command and inputs, what a step makes: the programs' bytes, the image.
  /// @throws IoError  when a program cannot be read
  [[nodiscard]] virtual std::string identity(const Step& step, TreeHash& hash) = 0;
  [[nodiscard]] virtual ChildCommand command(const BoundStep& step) const = 0;
};

enum class BackendKind { native, podman, docker };

/// @param without_tracking  whether the steps shall not see MLFLOW_TRACKING_URI
[[nodiscard]] std::unique_ptr<Backend> make_backend(BackendKind kind, bool without_tracking);

/// "inputs.x" -> what `text_of` says, "outputs.y" -> likewise: what fill_command() takes.
[[nodiscard]] std::map<std::string, std::string> values_of(
    const BoundStep& step,
    const std::function<std::string(const BoundValue&, bool is_output)>& text_of);

/// This process's environment with the steps' programs first on PATH; without MLflow's run, and
/// without its server where `without_tracking` says so.
[[nodiscard]] Pairs inherited_environment(bool without_tracking);
/// The value of a name that may be there twice: the last one counts. "" when it is not there.
[[nodiscard]] std::string value_of(const Pairs& environment, const std::string& name);
/// "NAME=value", each name once.
[[nodiscard]] std::vector<std::string> as_environment(const Pairs& environment);

}  // namespace gradstep::pipeline
