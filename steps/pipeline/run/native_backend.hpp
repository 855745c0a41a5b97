#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "steps/pipeline/run/backend.hpp"

namespace gradstep::pipeline {

/// Runs the commands here: by bash, or by sh where there is no bash; with the folder of this
/// program first on PATH.
class NativeBackend : public Backend {
 public:
  explicit NativeBackend(bool without_tracking);

  [[nodiscard]] std::string name() const override { return "native"; }
  [[nodiscard]] std::string describe(const Step& step) const override;
  void prepare(const Plan& plan, const Log& log) override;
  [[nodiscard]] std::string identity(const Step& step, TreeHash& hash) override;
  [[nodiscard]] ChildCommand command(const BoundStep& step) const override;

 private:
  /// Of a variable in the step's environment.
  [[nodiscard]] std::string value_in(const Step& step, const std::string& name) const;
  /// The programs that the command's words name, wherever they stand in it.
  [[nodiscard]] std::vector<std::filesystem::path> programs_of(const Step& step) const;

  Pairs environment_;
  std::filesystem::path shell_;
};

}  // namespace gradstep::pipeline
