#pragma once

#include <map>
#include <string>
#include <vector>

#include "steps/pipeline/run/backend.hpp"

namespace gradstep::pipeline {

/// Runs the commands in the components' images, by podman or docker: inputs are mounted read-only
/// at /gradstep/inputs/NAME, outputs read-write at /gradstep/outputs/NAME, the working folder at
/// /gradstep/wd. As on Azure ML the user is root, and the image's entry point is not used.
///
/// An image of an environment whose name ends in "gpu" gets the machine's GPUs. The host's network
/// is shared when MLFLOW_TRACKING_URI is an address of this machine.
class ContainerBackend : public Backend {
 public:
  ContainerBackend(std::string program, bool without_tracking);

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::string describe(const Step& step) const override { return step.image; }
  /// Looks for every image and pulls those that are not here.
  void prepare(const Plan& plan, const Log& log) override;
  [[nodiscard]] std::string identity(const Step& step, TreeHash& hash) override;
  [[nodiscard]] ChildCommand command(const BoundStep& step) const override;

 private:
  [[nodiscard]] std::string image_id(const std::string& image) const;
  void add_devices_and_network(const Step& step, std::vector<std::string>& arguments) const;

  std::string name_;
  Pairs environment_;
  std::string program_;                        // its path; empty: it is not here
  std::map<std::string, std::string> images_;  // id, by name
};

}  // namespace gradstep::pipeline
