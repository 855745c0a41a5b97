#include <CLI/CLI.hpp>

#include <cstdint>
#include <limits>
#include <string>

#include "steps/command_line.hpp"
#include "steps/log.hpp"
#include "steps/run_pipeline.hpp"

int main(int argc, char** argv) {
  using gradstep::pipeline::BackendKind;
  gradstep::RunPipelineOptions options;
  std::string pipeline;
  std::string work_dir = options.work_dir.string();
  std::int64_t seed = 0;
  bool quiet = false;

  CLI::App app{"Runs an Azure ML pipeline job on this machine.", "run-pipeline"};
  app.add_option("PIPELINE", pipeline, "The pipeline job's YAML file")
      ->type_name("FILE")
      ->required();
  gradstep::add_pairs(app, "--input", "NAME=VALUE", options.inputs,
                      "An input of the pipeline: a path for data, else a value; for each input");
  gradstep::add_pairs(app, "--output", "NAME=PATH", options.outputs,
                      "Copy an output of the pipeline there; for each output");
  gradstep::add_pairs(app, "--set", "KEYS=VALUE", options.settings,
                      "Replace what stands in the file: jobs.train_model.inputs.reg_rate=0.1");
  gradstep::add_choice<BackendKind>(app, "--backend", options.backend,
                                    {{"native", BackendKind::native},
                                     {"podman", BackendKind::podman},
                                     {"docker", BackendKind::docker}},
                                    "Run the programs of this machine, or the components' images");
  gradstep::add_pairs(app, "--image", "NAME=IMAGE", options.images,
                      "The image to use for an environment, or for one step");
  gradstep::add_boolean(app, "--check", options.check_only,
                        "Only look for mistakes in the YAML; exit code 3 when there are any");
  gradstep::add_boolean(app, "--force_rerun", options.force_rerun,
                        "Run also the steps whose results an earlier run has left");
  gradstep::add_text(app, "--work_dir", "FOLDER", work_dir,
                     "Where logs, outputs and what is reused are kept");
  gradstep::add_integer(app, "--seed", seed, 0, std::numeric_limits<std::int64_t>::max(),
                        "Seed of random sweeps that name none");
  gradstep::add_tracking(app, options.tracking);
  gradstep::add_program_flags(app, quiet,
                              "run-pipeline components/pipeline.yml --input "
                              "pipeline_job_input=components/data/diabetes.csv");

  return gradstep::run_program(app, argc, argv, [&] {
    options.pipeline = pipeline;
    options.work_dir = work_dir;
    options.seed = static_cast<std::uint64_t>(seed);
    gradstep::run_pipeline(options, gradstep::Log(quiet));
  });
}
