#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "tests/steps/pipeline/check_files.hpp"

namespace gradstep::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(Check, StopsAtValuesThatHoldThemselves) {
  put("copy.yml", "&all\n<<: *all\nname: copy\n");

  EXPECT_THAT(check("pipeline.yml"),
              ElementsAre(HasSubstr("pipeline.yml:9:16: error: "),
                          HasSubstr("copy.yml:2:5: this value holds itself")));
}

TEST_F(Check, GoesThroughAliasedValuesOnce) {
  std::string bomb =
      "name: bomb\ntype: command\ncommand: x\nenvironment: azureml:tools:1\ninputs:\n"
      "  n0: &n0 {type: string}\n";
  std::string settings = "        k0: &k0 {a: b}\n";
  for (int i = 1; i < 40; ++i) {
    const std::string number = std::to_string(i);
    const std::string before = std::to_string(i - 1);
    bomb.append("  n").append(number).append(": &n").append(number);
    bomb.append("\n    <<: [*n").append(before).append(", *n").append(before).append("]\n");
    settings.append("        k").append(number).append(": &k").append(number);
    settings.append(" {a: *k").append(before).append(", b: *k").append(before).append("}\n");
  }
  put("bomb.yml", bomb);
  EXPECT_THAT(check("bomb.yml"), testing::SizeIs(40));  // no port is used

  put("pipeline.yml",
      edited(
          pipeline(), "    inputs: {source: \"${{parent.inputs.data}}\"}\n",
          "    inputs: {source: \"${{parent.inputs.data}}\"}\n    resources:\n      properties:\n" +
              settings));
  EXPECT_THAT(check("pipeline.yml"), IsEmpty());
}

TEST_F(Check, ReportsReferencesToWhatIsNoFile) {
  std::filesystem::create_directory(folder() / "copies");
  ASSERT_EQ(mkfifo((folder() / "pipe.yml").c_str(), 0600), 0);
  put("pipeline.yml",
      edited(edited(pipeline(), "./copy.yml", "./copies"), "./copy.yml", "pipe.yml"));

  EXPECT_THAT(check("pipeline.yml"), ElementsAre(HasSubstr("pipeline.yml:9:16: error: "),
                                                 HasSubstr("pipeline.yml:12:16: error: ")));
}

TEST_F(Check, ReadsLongTexts) {
  const std::string longest(200'000, 'a');
  put("copy.yml", edited(component(), "cp -", "cp ${inputs." + longest + "} {{" + longest + " -"));
  put("pipeline.yml",
      edited(pipeline(), "level: 5", "level: \"${parent.inputs." + longest + "}\""));

  EXPECT_THAT(check("pipeline.yml"), testing::SizeIs(2));
}

TEST_F(Check, FollowsTheBindingsOfStepsThatItDoesNotLookInto) {
  put("pipeline.yml", R"(type: pipeline
settings: {default_compute: azureml:cluster}
inputs:
  rows: {type: mltable, path: azureml:rows:1}
  target: price
  memory: 2g
  at_once: 2
outputs:
  model: {type: mlflow_model}
jobs:
  learn:
    type: automl
    task: regression
    target_column_name: ${{parent.inputs.target}}
    training_data: ${{parent.inputs.rows}}
    outputs: {best_model: {type: mlflow_model, path: "${{parent.outputs.model}}"}}
  spread:
    type: spark
    component: azureml:spread:1
    conf: {spark.driver.memory: "${{parent.inputs.memory}}"}
  score:
    type: parallel
    inputs: {rows: {type: mltable, path: "${{parent.jobs.spread.outputs.rows}}"}}
    input_data: ${{inputs.rows}}
    max_concurrency_per_instance: ${{parent.inputs.at_once}}
    task: {type: run_function, program_arguments: "--rows ${{inputs.rows}}"}
)");
  EXPECT_THAT(check("pipeline.yml"), IsEmpty());
}

TEST_F(Check, TakesACommandWithComputeForAJob) {
  put("job.yml",
      "command: echo ${{inputs.text}} ${{inputs.count}}\nenvironment: {image: python:latest}\n"
      "inputs: {text: hello, count: 42}\ncompute: azureml:cluster\n");
  EXPECT_THAT(check("job.yml"), IsEmpty());

  put("job.yml",
      "type: command\ncommand: sh ./x.sh\nenvironment: azureml:tools:1\n"
      "compute: azureml:cluster\n");
  EXPECT_THAT(check("job.yml"), IsEmpty());
}

TEST_F(Check, TakesTheOldTypePathWithAWarning) {
  put("copy.yml", edited(component(), "source: {type: uri_file}", "source: {type: path}"));

  EXPECT_THAT(check("copy.yml"), ElementsAre("copy.yml:4:18: warning: the type path is an old one: "
                                             "write uri_file or uri_folder"));
}

TEST_F(Check, ReportsTwoJobsThatGiveOneOutput) {
  std::string text =
      edited(edited(pipeline(), "./copy.yml", "azureml:copy:1"), "./copy.yml", "azureml:copy:1");
  text = edited(text, "inputs: {source: \"${{parent.inputs.data}}\"}",
                "inputs: {source: \"${{parent.inputs.data}}\"}\n"
                "    outputs: {other: \"${{parent.outputs.copy}}\"}");
  put("pipeline.yml", text);

  EXPECT_THAT(check("pipeline.yml"), ElementsAre(HasSubstr("gives already")));
}

TEST_F(Check, LooksAtTheNamesOfEveryPort) {
  put("pipeline.yml", R"(type: pipeline
settings: {default_compute: azureml:cluster}
inputs: {a-b: 1, ab: 2, AB: 3, home: 4}
jobs:
  one:
    component: azureml:one:1
    inputs: {a: "${{parent.inputs.a-b}}", b: "${{parent.inputs.ab}}"}
  two:
    command: echo ${{inputs.c-d}}
    environment: {image: python}
    inputs: {c-d: 5}
)");
  EXPECT_THAT(check("pipeline.yml"), ElementsAre(HasSubstr(":3:10: error: the name 'a-b'"),
                                                 HasSubstr(":3:25: error: the names 'ab' and 'AB'"),
                                                 HasSubstr(":3:32: error: the name 'home'"),
                                                 HasSubstr(":11:14: error: the name 'c-d'")));
}

TEST_F(Check, ReportsAnEmptyComputeAsNone) {
  put("pipeline.yml",
      edited(pipeline(), "settings: {default_compute: azureml:cluster}", "compute: ''"));
  EXPECT_THAT(check("pipeline.yml"), ElementsAre(HasSubstr("no compute is named")));

  put("pipeline.yml", edited(pipeline(), "azureml:cluster", "'azureml:'"));
  EXPECT_THAT(check("pipeline.yml"),
              ElementsAre(testing::EndsWith("must be azureml:NAME, not 'azureml:'")));
}

TEST_F(Check, ReportsComponentsThatMustBeFilesOnce) {
  put("pipeline.yml", edited(edited(pipeline(), "./copy.yml", "{a: b}"), "./copy.yml",
                             "{type: pipeline, jobs: {a: b}}"));

  EXPECT_THAT(
      check("pipeline.yml"),
      ElementsAre(HasSubstr("pipeline.yml:9:5: error: 'component' must be a component's "),
                  HasSubstr("pipeline.yml:12:5: error: a pipeline component must be a file")));
}

TEST_F(Check, AdvisesWhatIsPossibleThere) {
  put("pipeline.yml", R"(type: pipeline
settings: {default_compute: azureml:cluster}
jobs:
  one:
    command: echo $[[${{inputs.text}}]] ${{outputs.result}}
    environment: azureml:tools:1
    inputs: {text: hello}
    outputs: {result: {type: integer}}
  two:
    component: ./copy.yml
    inputs: {source: {type: uri_file, path: azureml:data:1}, level: {path: ./x}}
)");
  EXPECT_THAT(check("pipeline.yml"),
              ElementsAre(testing::EndsWith("take the brackets away"),
                          testing::EndsWith("not 'integer': an output is a file or a folder"),
                          HasSubstr("the port is an integer: write a value")));
}

TEST_F(Check, ReportsCodeThatTheSdkRefuses) {
  put("copy.yml", component() + "code: git+https://host.example/code\n");
  EXPECT_THAT(check("copy.yml"), ElementsAre(HasSubstr("copy.yml:10:7: error: Azure ML takes no")));
  put("copy.yml", component() + "code: file:./src\n");
  EXPECT_THAT(check("copy.yml"), ElementsAre(testing::EndsWith("write ./src")));
}

TEST_F(Check, ReportsVariablesThatNoProgramCanHave) {
  put("pipeline.yml",
      edited(pipeline(), "  second:\n",
             "    environment_variables: {'': a, B C: b, E=F: c, G: \"d\\0e\", H.i-j: f}\n"
             "  second:\n"));

  EXPECT_THAT(
      check("pipeline.yml"),
      ElementsAre(HasSubstr("11:29: error: an environment variable cannot have the name ''"),
                  HasSubstr("'B C'"), HasSubstr("'E=F'"), HasSubstr("zero byte")));
}

/// What is said about a sweep over `level` of copy.yml, an integer from 1 to 9.
class CheckRange : public Check {
 protected:
  std::vector<std::string> check_range(const std::string& range, const std::string& trials = "4") {
    put("sweep.yml",
        "type: pipeline\nsettings: {default_compute: azureml:cluster}\njobs:\n  one:\n"
        "    type: sweep\n    trial: ./copy.yml\n    sampling_algorithm: random\n"
        "    search_space:\n      level: " +
            range +
            "\n"
            "    objective: {goal: minimize, primary_metric: loss}\n"
            "    limits: {max_total_trials: " +
            trials +
            "}\n"
            "    inputs: {source: {type: uri_file, path: azureml:data:1}}\n");
    return check("sweep.yml");
  }
};

TEST_F(CheckRange, LiesWithinTheInputsLimits) {
  // e^0 is 1, e^2.197224577 is 9, e^2.2 is 9.03.
  for (const char* const fine : {"{type: uniform, min_value: 1, max_value: 9}",
                                 "{type: quniform, min_value: 1, max_value: 9, q: 2}",
                                 "{type: loguniform, min_value: 0, max_value: 2.197224578}",
                                 "{type: normal, mu: 5, sigma: 100}"})
    EXPECT_THAT(check_range(fine), IsEmpty()) << fine;
  EXPECT_THAT(
      check_range("{type: uniform, min_value: 0.5, max_value: 9}"),
      ElementsAre("sweep.yml:9:41: error: 'min_value' gives 0.5, below the input's min, 1.0"));
  EXPECT_THAT(check_range("{type: quniform, min_value: 1, max_value: 10, q: 1}"),
              ElementsAre(HasSubstr("'max_value' gives 10.0, above the input's max, 9.0")));
  EXPECT_THAT(check_range("{type: loguniform, min_value: 0, max_value: 2.2}"),
              ElementsAre(HasSubstr("'max_value' gives 9.02")));
  EXPECT_THAT(check_range("{type: randint, upper: 5}"),
              ElementsAre(HasSubstr("'upper' gives 0.0, below")));
  put("copy.yml", edited(component(), "min: 1", "min: 0"));
  EXPECT_THAT(check_range("{type: randint, upper: 10}"), IsEmpty());
  EXPECT_THAT(check_range("{type: randint, upper: 11}"),
              ElementsAre(HasSubstr("'upper' gives 10.0, above")));
}

TEST_F(CheckRange, HasNoMoreTrialsThanAzureMlRuns) {
  EXPECT_THAT(check_range("{type: choice, values: [1, 2]}", "1000"), IsEmpty());
  EXPECT_THAT(check_range("{type: choice, values: [1, 2]}", "1001"),
              ElementsAre(HasSubstr("sweep.yml:11:32: error: Azure ML runs at most 1000 trials")));
}

}  // namespace
}  // namespace gradstep::pipeline
