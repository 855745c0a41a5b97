#include "steps/pipeline/check/check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/steps/pipeline/check_files.hpp"

namespace gradstep::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(Check, FindsNothingInGoodFiles) {
  EXPECT_THAT(check("pipeline.yml"), IsEmpty());
  EXPECT_THAT(check("copy.yml"), IsEmpty());
}

TEST_F(Check, FindsTheInputThatIsSilentlyDropped) {
  put("pipeline.yml", edited(pipeline(), "level: 5", "levle: 5"));

  EXPECT_THAT(check("pipeline.yml"),
              ElementsAre("pipeline.yml:13:63: error: unknown input 'levle' of 'second', did you "
                          "mean 'level'?"));
}

TEST_F(Check, LooksIntoEachComponentOnce) {
  put("copy.yml", edited(component(), "name: copy", "name: Copy"));

  EXPECT_THAT(check("pipeline.yml"), ElementsAre(HasSubstr("copy.yml:1:7: error: the name")));
}

TEST_F(Check, ReportsFilesThatCannotBeReadWhereTheyAreNamed) {
  put("copy.yml", "a: [");
  EXPECT_THAT(check("pipeline.yml"), ElementsAre(HasSubstr("pipeline.yml:9:16: error: "),
                                                 HasSubstr("pipeline.yml:12:16: error: ")));

  put("pipeline.yml", edited(pipeline(), "./copy.yml", "./kopie.yml"));
  put("copy.yml", component());
  EXPECT_THAT(check("pipeline.yml"), ElementsAre(HasSubstr("pipeline.yml:9:16: error: there is no "
                                                           "file")));
}

TEST_F(Check, KnowsNoPortsOfWhatIsInAWorkspace) {
  put("pipeline.yml", edited(pipeline(), "./copy.yml", "azureml:copy:1"));

  EXPECT_THAT(check("pipeline.yml"), IsEmpty());
}

TEST_F(Check, StopsAtPipelinesThatHoldThemselves) {
  const std::string loop = "name: loop\ntype: pipeline\njobs:\n  again: {component: ./loop.yml}\n";
  put("loop.yml", loop);

  EXPECT_THAT(check("loop.yml"), ElementsAre(HasSubstr("loop.yml:4:22: error: the component")));
}

TEST_F(Check, FollowsAnchorsAndMerges) {
  put("pipeline.yml", R"(type: pipeline
settings: {default_compute: azureml:cluster}
inputs:
  data: {type: uri_file, path: azureml:data:1}
jobs:
  first: &first
    component: ./copy.yml
    inputs: {source: "${{parent.inputs.data}}"}
  second:
    <<: *first
    display_name: again
)");

  EXPECT_THAT(check("pipeline.yml"), IsEmpty());
}

TEST_F(Check, ReportsAnAliasedMistakeWhereItIsWritten) {
  put("copy.yml", R"(name: copy
inputs:
  a: &port {type: uri_fil}
  b: *port
environment: azureml:tools:1
command: cp ${{inputs.a}} ${{inputs.b}}
)");

  EXPECT_THAT(check("copy.yml"), ElementsAre(HasSubstr("copy.yml:3:19: error: unknown type")));
}

/// A pipeline job with every value in a line of its own.
std::string one_value_a_line() {
  return R"($schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json
type: pipeline
display_name: sweep
experiment_name: sweeps
settings:
  default_compute: azureml:cluster
  default_datastore: azureml:store
  continue_on_step_failure: false
  force_rerun: true
inputs:
  data:
    type: uri_file
    path: azureml:data:1
    mode: ro_mount
  level: 5
outputs:
  copy:
    type: uri_file
    mode: upload
jobs:
  first:
    type: command
    component: ./copy.yml
    comment: once
    compute: azureml:other
    environment: azureml:tools:1
    environment_variables:
      LEVEL: "5"
    resources:
      instance_count: 1
      shm_size: 2g
    distribution:
      type: mpi
      process_count_per_instance: 1
    limits:
      timeout: 60
    identity:
      type: user_identity
    services:
      shell:
        type: ssh
    inputs:
      source: ${{parent.inputs.data}}
      level: ${{parent.inputs.level}}
  second:
    type: sweep
    trial: ./copy.yml
    sampling_algorithm: random
    search_space:
      level:
        type: quniform
        min_value: 1
        max_value: 9
        q: 1
    early_termination:
      type: bandit
      slack_factor: 0.1
      evaluation_interval: 1
    objective:
      goal: maximize
      primary_metric: AUC
    limits:
      max_total_trials: 4
      max_concurrent_trials: 2
    inputs:
      source: ${{parent.jobs.first.outputs.result}}
    outputs:
      result: ${{parent.outputs.copy}}
)";
}

TEST_F(Check, ReportsEveryValueOfTheWrongShape) {
  const std::string text = one_value_a_line();
  put("pipeline.yml", text);
  ASSERT_THAT(check("pipeline.yml"), IsEmpty());
  int values = 0;
  for (std::size_t colon = text.find(": "); colon != std::string::npos;
       colon = text.find(": ", colon + 1)) {
    const std::size_t end = text.find('\n', colon);
    ++values;
    for (const char* odd : {"[[1]]", "{x: {y: [z]}}", "[]", "{}", "~"}) {
      const std::string line = odd + text.substr(end);
      put("pipeline.yml", text.substr(0, colon + 2) + line);

      EXPECT_THAT(check("pipeline.yml"), testing::Not(IsEmpty()))
          << text.substr(0, colon) << ": " << odd;
    }
  }
  EXPECT_EQ(values, 45);
}

TEST_F(Check, TellsWhatAFileIsByItsKeys) {
  put("environment.yml", "name: tools\nimage: registry.invalid/tools:1\n");
  put("data.yml",
      "$schema: https://azuremlschemas.azureedge.net/latest/data.schema.json\n"
      "name: data\ntype: uri_file\npath: ./copy.yml\n");
  put("cluster.yml", "name: cpu\ntype: amlcompute\nsize: Standard_DS11_v2\nmax_instances: 2\n");
  put("sweep.yml", R"(type: sweep
trial: {command: "train ${{search_space.rate}}", environment: azureml:tools:1}
search_space: {rate: {type: uniform, min_value: 0, max_value: 1}}
objective: {goal: maximize, primary_metric: AUC}
limits: {max_total_trials: 2}
)");
  put("notes.yml", "anything: 1\nelse: [a, b]\n");
  for (const char* name : {"environment.yml", "data.yml", "cluster.yml", "sweep.yml", "notes.yml"})
    EXPECT_THAT(check(name), IsEmpty()) << name;

  put("environment.yml", "name: tools\nimage: registry.invalid/Tools:1\n");
  put("data.yml", "type: uri_file\npath: ./nothing.csv\n");
  put("cluster.yml", "name: cpu\ntype: amlcompute\nmin_instances: 3\nmax_instances: 2\n");
  put("notes.yml", "a: 1\na: 2\n");
  EXPECT_THAT(check("environment.yml"), ElementsAre(HasSubstr("environment.yml:2:8: error: ")));
  EXPECT_THAT(check("data.yml"), ElementsAre(HasSubstr("data.yml:2:7: error: there is no file")));
  EXPECT_THAT(check("cluster.yml"), ElementsAre(HasSubstr("cluster.yml:3:16: error: ")));
  EXPECT_THAT(check("notes.yml"), ElementsAre(HasSubstr("notes.yml:2:1: error: duplicate key")));
}

TEST_F(Check, WarnsOfWhatRunsAllTheSame) {
  put("copy.yml", edited(edited(component(), "azureml:tools:1", "azureml:tools"), "default: 3",
                         "default: 3.0"));

  EXPECT_THAT(check("copy.yml"), ElementsAre(HasSubstr("copy.yml:5:35: warning: "),
                                             HasSubstr("copy.yml:8:14: warning: ")));
}

}  // namespace
}  // namespace gradstep::pipeline
