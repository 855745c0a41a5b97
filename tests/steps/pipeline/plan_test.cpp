#include "steps/pipeline/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "steps/error.hpp"
#include "tests/steps/temporary_folder.hpp"

namespace gradstep::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A folder with a component "make" (text -> folder), one "use" (folder, number -> model), and
/// whatever a test adds.
class MakePlan : public testing::Test {
 protected:
  MakePlan() {
    add("make.yml", R"(
name: make
type: command
inputs:
  data: {type: uri_file}
  size: {type: number, default: 5}
  hint: {type: string, optional: true}
  fast: {type: boolean, default: yes}
outputs:
  made: {type: uri_folder}
code: ./src
environment: file:./environment.yml
command: >-
  make ${{inputs.data}} ${{inputs.size}} $[[${{inputs.hint}}]] ${{inputs.fast}} ${{outputs.made}}
)");
    add("use.yml", R"(
name: use
inputs:
  made: {type: uri_folder}
  rate: {type: number}
outputs:
  model: {type: mlflow_model}
is_deterministic: false
environment: {image: "registry.example/use:1"}
command: use ${{inputs.made}} ${{inputs.rate}} ${{outputs.model}}
)");
    add("environment.yml", "name: gradstep-cpu\nimage: registry.invalid/make:0\n");
    put(folder.path() / "data.csv", "a\n1\n");
  }

  void add(const std::string& name, std::string_view text) { put(folder.path() / name, text); }

  /// The plan of a pipeline file that begins with `jobs` or what stands before them.
  [[nodiscard]] Plan plan_of(const std::string& text, const Assignments& assignments = {}) const {
    put(folder.path() / "pipeline.yml", "type: pipeline\n" + text);
    Project project(folder.path() / "pipeline.yml");
    return make_plan(project, assignments);
  }

  template <class Exception>
  [[nodiscard]] std::string refusal_of(const std::string& text,
                                       const Assignments& assignments = {}) const {
    try {
      (void)plan_of(text, assignments);
      return "no exception";
    } catch (const Exception& error) {
      return error.what();
    }
  }

  /// "data=/…/data.csv", "rate=0.5", "made=0.made": index and name of another step's output.
  [[nodiscard]] std::vector<std::string> inputs_of(const Step& step) const {
    std::vector<std::string> result;
    for (const StepInput& input : step.inputs) {
      std::string value;
      if (const auto* text = std::get_if<std::string>(&input.source)) value = *text;
      if (const auto* path = std::get_if<std::filesystem::path>(&input.source))
        value = path->lexically_relative(folder.path());
      if (const auto* output = std::get_if<OutputOf>(&input.source))
        value = std::to_string(output->step) + '.' + output->output;
      result.push_back(input.name + '=' + value);
    }
    return result;
  }

  TemporaryFolder folder;
};

std::string make_job() {
  return R"(
  first:
    component: ./make.yml
    inputs: {data: {type: uri_file, path: ./data.csv}}
)";
}

TEST_F(MakePlan, HandsValuesOverAsAzureMlDoes) {
  const Plan plan = plan_of("jobs:" + make_job());

  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_THAT(inputs_of(plan.steps[0]), ElementsAre("data=data.csv", "size=5.0", "fast=True"));
  EXPECT_EQ(plan.steps[0].component, "make");
  EXPECT_EQ(plan.steps[0].code, folder.path() / "src");
  EXPECT_EQ(plan.steps[0].environment, "gradstep-cpu");
  EXPECT_EQ(plan.steps[0].image, "registry.invalid/make:0");
  EXPECT_TRUE(plan.steps[0].is_deterministic);
  EXPECT_EQ(plan.display_name, "pipeline");
}

TEST_F(MakePlan, PrintsLiteralsAsPythonDoes) {
  const Plan plan = plan_of(R"(
jobs:
  first:
    component: ./make.yml
    inputs:
      data: {path: data.csv}
      size: 0.00001
      hint: "say \"hi\""
      fast: off
    environment_variables: {LEVEL: "3", MORE: "a b"}
    limits: {timeout: 90}
)");

  EXPECT_THAT(inputs_of(plan.steps[0]),
              ElementsAre("data=data.csv", "size=1e-05", "hint=say \"hi\"", "fast=False"));
  EXPECT_THAT(plan.steps[0].variables,
              ElementsAre(testing::Pair("LEVEL", "3"), testing::Pair("MORE", "a b")));
  EXPECT_EQ(plan.steps[0].timeout, 90);
}

TEST_F(MakePlan, PutsStepsInTheOrderOfTheirBindings) {
  const Plan plan = plan_of(R"(
inputs:
  rate: 0.5
outputs:
  result: {type: mlflow_model}
jobs:
  last:
    component: ./use.yml
    inputs:
      made: ${{ parent.jobs.first.outputs.made }}
      rate: ${{parent.inputs.rate}}
    outputs:
      model: ${{parent.outputs.result}}
)" + make_job());

  ASSERT_EQ(plan.steps.size(), 2U);
  EXPECT_EQ(plan.steps[0].name, "first");
  EXPECT_EQ(plan.steps[1].name, "last");
  EXPECT_THAT(inputs_of(plan.steps[1]), ElementsAre("made=0.made", "rate=0.5"));
  EXPECT_FALSE(plan.steps[1].is_deterministic);
  EXPECT_EQ(plan.steps[1].image, "registry.example/use:1");
  ASSERT_EQ(plan.outputs.size(), 1U);
  EXPECT_EQ(plan.outputs[0].first, "result");
  EXPECT_EQ(plan.outputs[0].second.step, 1U);
  EXPECT_EQ(plan.outputs[0].second.output, "model");
}

TEST_F(MakePlan, UnfoldsNestedPipelines) {
  add("both.yml", R"(
type: pipeline
name: both
inputs:
  file: {type: uri_file}
  rate: {type: number, default: 2}
  hint: {type: string, optional: true}
outputs:
  model: {type: mlflow_model}
jobs:
  inner_use:
    component: ./use.yml
    inputs: {made: "${{parent.jobs.inner_make.outputs.made}}", rate: "${{parent.inputs.rate}}"}
    outputs: {model: "${{parent.outputs.model}}"}
  inner_make:
    component: ./make.yml
    inputs: {data: "${{parent.inputs.file}}", hint: "${{parent.inputs.hint}}"}
)");

  const Plan plan = plan_of(R"(
inputs:
  source: {type: uri_file, path: data.csv}
outputs:
  best: {type: mlflow_model}
jobs:
  outer:
    component: ./both.yml
    inputs: {file: "${{parent.inputs.source}}"}
    outputs: {model: "${{parent.outputs.best}}"}
  again:
    component: ./both.yml
    inputs: {file: "${{parent.inputs.source}}", rate: 7, hint: h}
)");

  ASSERT_EQ(plan.steps.size(), 4U);
  EXPECT_EQ(plan.steps[0].name, "outer.inner_make");
  EXPECT_EQ(plan.steps[1].name, "outer.inner_use");
  EXPECT_THAT(inputs_of(plan.steps[0]), ElementsAre("data=data.csv", "size=5.0", "fast=True"));
  EXPECT_THAT(inputs_of(plan.steps[1]), ElementsAre("made=0.made", "rate=2.0"));
  EXPECT_EQ(plan.steps[2].name, "again.inner_make");
  EXPECT_THAT(inputs_of(plan.steps[2]),
              ElementsAre("data=data.csv", "size=5.0", "hint=h", "fast=True"));
  EXPECT_THAT(inputs_of(plan.steps[3]), ElementsAre("made=2.made", "rate=7"));
  ASSERT_EQ(plan.outputs.size(), 1U);
  EXPECT_EQ(plan.outputs[0].second.step, 1U);
}

TEST_F(MakePlan, TakesAComponentAsTheWholeJob) {
  add("whole.yml", R"(
type: pipeline
name: whole
inputs:
  file: {type: uri_file}
outputs:
  made: {type: uri_folder}
jobs:
  only:
    component: ./make.yml
    inputs: {data: "${{parent.inputs.file}}"}
    outputs: {made: "${{parent.outputs.made}}"}
)");

  const Plan plan =
      plan_of("component: ./whole.yml\ninputs: {file: {type: uri_file, path: \"azureml:x:1\"}}\n",
              {{{"file", folder.path() / "data.csv"}}, {}});

  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(plan.steps[0].name, "only");
  EXPECT_EQ(inputs_of(plan.steps[0]).front(), "data=data.csv");
  ASSERT_EQ(plan.outputs.size(), 1U);
}

TEST_F(MakePlan, TakesACommandThatIsWrittenIntoThePipeline) {
  const Plan plan = plan_of(R"(
jobs:
  hello:
    type: command
    command: echo ${{inputs.name}} ${{inputs.data}}
    environment: azureml:some-environment:3
    inputs:
      name: world
      data: {type: uri_file, path: data.csv}
)");

  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(plan.steps[0].command_text, "echo ${{inputs.name}} ${{inputs.data}}");
  EXPECT_THAT(inputs_of(plan.steps[0]), ElementsAre("name=world", "data=data.csv"));
  EXPECT_EQ(plan.steps[0].environment, "some-environment");
  EXPECT_EQ(plan.steps[0].image, "");
}

TEST_F(MakePlan, UnderstandsSweeps) {
  const Plan plan = plan_of(R"(
jobs:
  tune:
    type: sweep
    trial: file:./use.yml
    sampling_algorithm: {type: random, seed: 4}
    search_space:
      rate: {type: quniform, min_value: 1, max_value: 2.5, q: 0.5}
    objective: {goal: minimize, primary_metric: loss}
    limits: {max_total_trials: 2000000000, max_concurrent_trials: 2, timeout: 100, trial_timeout: 10}
    inputs:
      made: ${{parent.jobs.first.outputs.made}}
)" + make_job());

  ASSERT_EQ(plan.steps.size(), 2U);
  EXPECT_THAT(inputs_of(plan.steps[1]), ElementsAre("made=0.made"));
  ASSERT_TRUE(plan.steps[1].sweep.has_value());
  const Sweep sweep = plan.steps[1].sweep.value_or(Sweep{});
  EXPECT_EQ(sweep.sampling, Sweep::Sampling::random);
  EXPECT_EQ(sweep.seed, 4U);
  ASSERT_EQ(sweep.space.size(), 1U);
  EXPECT_EQ(sweep.space[0].distribution, "quniform");
  EXPECT_THAT(sweep.space[0].numbers, ElementsAre(1, 2.5, 0.5));
  EXPECT_FALSE(sweep.maximize);
  EXPECT_EQ(sweep.primary_metric, "loss");
  EXPECT_EQ(sweep.max_total_trials, 1000);  // Azure ML makes no more
  EXPECT_EQ(sweep.max_concurrent_trials, 2);
  EXPECT_EQ(sweep.timeout, 100);
  EXPECT_EQ(sweep.trial_timeout, 10);
  EXPECT_EQ(plan.steps[1].timeout, 0);
}

TEST_F(MakePlan, UnfoldsMergedMappings) {
  const Plan plan = plan_of(R"(
jobs:
  first: &first
    component: ./make.yml
    inputs: &inputs {data: {type: uri_file, path: data.csv}, size: 1}
  second:
    <<: *first
    inputs: {<<: *inputs, size: 2}
)");

  ASSERT_EQ(plan.steps.size(), 2U);
  EXPECT_THAT(inputs_of(plan.steps[1]), ElementsAre("data=data.csv", "size=2", "fast=True"));
}

TEST_F(MakePlan, TakesInputsOfTheCommandLine) {
  const std::string text = R"(
inputs:
  source: {type: uri_file, path: "azureml:data:1"}
  rate: 0.5
  count: 3
  flag: true
jobs:
  first:
    component: ./make.yml
    inputs: {data: "${{parent.inputs.source}}", size: "${{parent.inputs.rate}}"}
)";
  const std::string data = folder.path() / "data.csv";

  EXPECT_THAT(inputs_of(plan_of(text, {{{"source", data}, {"rate", "1e-6"}}, {}}).steps[0]),
              ElementsAre("data=data.csv", "size=1e-6", "fast=True"));
  EXPECT_THAT(refusal_of<UsageError>(text),
              AllOf(HasSubstr("azureml:data:1"), HasSubstr("--input source=PATH")));
  EXPECT_THAT(refusal_of<UsageError>(text, {{{"sauce", data}}, {}}),
              AllOf(HasSubstr("--input sauce"), HasSubstr("source, rate, count, flag")));
  EXPECT_THAT(refusal_of<UsageError>(text, {{{"source", data}, {"rate", "fast"}}, {}}),
              AllOf(HasSubstr("input rate"), HasSubstr("'fast'"), HasSubstr("number")));
  EXPECT_THAT(refusal_of<IoError>(text, {{{"source", data + ".not"}}, {}}),
              HasSubstr("data.csv.not"));
  EXPECT_THAT(refusal_of<UsageError>(text, {{{"source", folder.path()}}, {}}),
              HasSubstr("is a folder, expected a file"));
}

TEST_F(MakePlan, ReplacesImages) {
  const std::string text = "jobs:" + make_job();

  EXPECT_EQ(plan_of(text, {{}, {{"gradstep-cpu", "mine:1"}}}).steps[0].image, "mine:1");
  EXPECT_EQ(plan_of(text, {{}, {{"first", "mine:2"}}}).steps[0].image, "mine:2");
  EXPECT_THAT(refusal_of<UsageError>(text, {{}, {{"gradstep-gpu", "mine:1"}}}),
              AllOf(HasSubstr("--image gradstep-gpu"), HasSubstr("gradstep-cpu")));
}

TEST_F(MakePlan, HasTheServicesSettingsWithoutAny) {
  EXPECT_TRUE(plan_of("jobs:" + make_job()).continue_on_step_failure);
  EXPECT_FALSE(plan_of("jobs:" + make_job()).force_rerun);
  const Plan plan = plan_of(
      "settings: {continue_on_step_failure: false, force_rerun: true}\n"
      "display_name: d\nexperiment_name: e\njobs:" +
      make_job());
  EXPECT_FALSE(plan.continue_on_step_failure);
  EXPECT_TRUE(plan.force_rerun);
  EXPECT_EQ(plan.display_name, "d");
  EXPECT_EQ(plan.experiment_name, "e");
}

TEST_F(MakePlan, RefusesWhatOnlyAWorkspaceHas) {
  EXPECT_THAT(refusal_of<UsageError>("jobs: {a: {component: \"azureml:make:1\"}}"),
              AllOf(HasSubstr("step a"), HasSubstr("azureml:make:1"), HasSubstr("workspace")));
  EXPECT_THAT(refusal_of<UsageError>("jobs: {a: {component: ./make.yml, inputs: {data: {type: "
                                     "uri_file, path: \"azureml:data:1\"}}}}"),
              AllOf(HasSubstr("input data"), HasSubstr("azureml:data:1")));
  EXPECT_THAT(refusal_of<UsageError>("jobs: {a: {type: parallel, component: {type: parallel}}}"),
              HasSubstr("parallel"));
  EXPECT_THAT(refusal_of<UsageError>(R"(
jobs:
  a:
    type: sweep
    trial: ./use.yml
    sampling_algorithm: bayesian
)"),
              HasSubstr("bayesian"));
}

TEST_F(MakePlan, RefusesAPipelineThatIsAStepOfItself) {
  add("loop.yml", "type: pipeline\nname: loop\njobs: {a: {component: ./loop.yml}}\n");

  EXPECT_THAT(refusal_of<DataError>("jobs: {a: {component: ./loop.yml}}"), HasSubstr("itself"));
}

}  // namespace
}  // namespace gradstep::pipeline
