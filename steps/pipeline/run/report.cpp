#include "steps/pipeline/run/report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <variant>
#include <vector>

#include "steps/python_repr.hpp"

namespace gradstep::pipeline {
namespace {

using Row = std::vector<std::string>;

/// In one line, whatever the text holds.
std::string shown(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    if (c == '\n') {
      result += "\\n";
    } else if (!control) {
      result += c;
    }
  }
  return result;
}

std::string source_text(const Plan& plan, const StepInput& input) {
  if (const auto* text = std::get_if<std::string>(&input.source)) return shown(*text);
  if (const auto* path = std::get_if<std::filesystem::path>(&input.source))
    return shown(path->string());
  const OutputOf& output = std::get<OutputOf>(input.source);
  return plan.steps[output.step].name + ", output " + output.output;
}

std::string sweep_text(const Sweep& sweep) {
  std::string inputs;
  for (const SearchParameter& parameter : sweep.space)
    inputs += (inputs.empty() ? "" : ", ") + parameter.input;
  const bool grid = sweep.sampling == Sweep::Sampling::grid;
  return std::string("a ") + (grid ? "grid" : "random") + " sweep over " + inputs + " for the " +
         (sweep.maximize ? "largest " : "smallest ") + sweep.primary_metric;
}

std::string seconds_text(double seconds) {
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.2f", seconds);
  return {text.data(), static_cast<std::size_t>(length)};
}

/// Columns wide enough for what is in them; the first two to the left, the others to the right.
std::string table_text(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string fill(widths[i] - row[i].size(), ' ');
      line += (i == 0 ? "" : "  ") + (i < 2 ? row[i] + fill : fill + row[i]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

Row row_of(const Execution& execution) {
  const bool ran = execution.exit_code.has_value() || is_sweep(execution);
  return {execution.bound.name, std::string(to_word(execution.state)),
          ran && execution.state != State::not_run ? seconds_text(execution.seconds) : "-",
          execution.exit_code ? std::to_string(*execution.exit_code) : "-"};
}

std::string values_text(const TrialValues& values) {
  std::string text;
  for (const auto& [input, value] : values)
    text += (text.empty() ? "" : ", ") + input + ' ' + shown(value);
  return text;
}

/// "best trial of tune: tune.trial_2 (reg_rate 0.1), AUC 0.848"; "" when there is none
std::string best_text(const Outcome& outcome, const Execution& sweep) {
  if (!sweep.best || !sweep.metric) return "";
  const Execution& best = outcome.executions[*sweep.best];
  return "best trial of " + sweep.bound.name + ": " + best.bound.name + " (" +
         values_text(best.values) + "), " + sweep_of(sweep).primary_metric + ' ' +
         python_repr(*sweep.metric) + '\n';
}

std::string trials_text(const Outcome& outcome, std::size_t index) {
  const Execution& sweep = outcome.executions[index];
  Row header = {"trial", "state", "seconds", "exit code"};
  for (const SearchParameter& parameter : sweep_of(sweep).space) header.push_back(parameter.input);
  header.push_back(sweep_of(sweep).primary_metric);
  header.emplace_back("");
  std::vector<Row> rows = {header};
  for (std::size_t i = 0; i < outcome.executions.size(); ++i) {
    const Execution& trial = outcome.executions[i];
    if (trial.sweep != index) continue;
    Row row = row_of(trial);
    for (const SearchParameter& parameter : sweep_of(sweep).space)
      for (const auto& [input, value] : trial.values)
        if (input == parameter.input) row.push_back(shown(value));
    row.push_back(trial.metric ? python_repr(*trial.metric) : "-");
    row.emplace_back(sweep.best == i ? "best" : "");
    row.resize(header.size());
    rows.push_back(std::move(row));
  }
  if (rows.size() == 1) return "";
  return '\n' + table_text(rows) + best_text(outcome, sweep);
}

}  // namespace

std::string plan_text(const Plan& plan, const Backend& backend) {
  std::string text = "pipeline " + shown(plan.display_name) + ", " +
                     std::to_string(plan.steps.size()) +
                     (plan.steps.size() == 1 ? " step" : " steps") + ", backend " + backend.name();
  for (const Step& step : plan.steps) {
    text += "\n  " + step.name + ": " + shown(step.component) + ", " + backend.describe(step);
    if (step.sweep) text += "\n    " + sweep_text(*step.sweep);
    for (const StepInput& input : step.inputs)
      text += "\n    " + input.name + ": " + source_text(plan, input);
  }
  return text;
}

std::string outcome_text(const Plan& plan, const Outcome& outcome) {
  std::vector<Row> rows = {{"step", "state", "seconds", "exit code"}};
  std::string trials;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    rows.push_back(row_of(outcome.executions[i]));
    if (is_sweep(outcome.executions[i])) trials += trials_text(outcome, i);
  }
  std::string outputs;
  for (const auto& [name, source] : plan.outputs) {
    const Execution& execution = outcome.executions[source.step];
    if (!has_outputs(execution.state)) continue;
    for (const BoundValue& output : execution.bound.outputs)
      if (output.name == source.output) outputs += name + ": " + output.path.string() + '\n';
  }
  return table_text(rows) + trials + (outputs.empty() ? "" : '\n' + outputs);
}

std::string failure_text(const Outcome& outcome) {
  std::string text;
  for (const Execution& execution : outcome.executions)
    if (execution.state == State::failed && !execution.sweep)
      text += (text.empty() ? "step " : "; step ") + execution.bound.name +
              " failed: " + execution.problem;
  if (text.empty()) return text;
  for (const Execution& execution : outcome.executions) {
    if (execution.state != State::failed || execution.last_lines.empty()) continue;
    text += "\nthe last lines of " + execution.bound.name + ':';
    if (!execution.bound.folder.empty())
      text = text.substr(0, text.size() - 1) + ", all of them in " +
             (execution.bound.folder / "std_log.txt").string() + ':';
    for (const std::string& line : execution.last_lines) text += "\n  " + line;
    break;
  }
  return text;
}

}  // namespace gradstep::pipeline
