#include "steps/pipeline/check/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "steps/pipeline/check/numbers.hpp"
#include "steps/pipeline/check/run_settings.hpp"
#include "steps/python_repr.hpp"

namespace gradstep::pipeline {
namespace {

const Fields& limits_of_sweep() {
  static const Fields fields = {{"max_total_trials", integer(1), required},
                                {"max_concurrent_trials", integer(1)},
                                {"timeout", integer(1)},
                                {"trial_timeout", integer(1)}};
  return fields;
}

const Fields& objective_fields() {
  static const Fields fields = {{"goal", word({"minimize", "maximize"}), required},
                                {"primary_metric", text(), required}};
  return fields;
}

const std::vector<std::string>& algorithms() {
  static const std::vector<std::string> words = {"random", "grid", "bayesian"};
  return words;
}

/// The keys of every distribution.
const std::map<std::string, Fields>& distributions() {
  static const Fields bounds = {
      {"type", anything()}, {"min_value", number(), required}, {"max_value", number(), required}};
  static const Fields bell = {
      {"type", anything()}, {"mu", number(), required}, {"sigma", number(), required}};
  static const auto stepped = [](Fields fields) {
    fields.push_back({"q", number(), required});
    return fields;
  };
  static const std::map<std::string, Fields> all = {
      {"choice", {{"type", anything()}, {"values", anything(), required}}},
      {"uniform", bounds},
      {"loguniform", bounds},
      {"quniform", stepped(bounds)},
      {"qloguniform", stepped(bounds)},
      {"normal", bell},
      {"lognormal", bell},
      {"qnormal", stepped(bell)},
      {"qlognormal", stepped(bell)},
      {"randint", {{"type", anything()}, {"upper", integer(1), required}}}};
  return all;
}

/// Checks a mapping whose `type` says which keys it has. Returns that type, "" for a mistake.
std::string check_by_type(const Report& report, const YamlEntry& entry, const std::string& name,
                          const std::map<std::string, Fields>& kinds) {
  const YamlNode& node = *entry.value;
  std::vector<std::string> words;
  words.reserve(kinds.size());
  for (const auto& [kind, fields] : kinds) words.push_back(kind);
  if (!node.is_mapping()) {
    report.error(node.at, name + " must be a mapping with 'type', not " + describe(node));
    return "";
  }
  const YamlNode* type = node.find("type");
  if (type == nullptr) {
    report.error(entry.key->at, name + " has no 'type': write " + one_of(words));
    return "";
  }
  std::string word = type->is_scalar() ? lower_case(type->text) : "";
  const auto kind = kinds.find(word);
  if (kind == kinds.end()) {
    report.error(type->at, "the type of " + name + " must be " + one_of(words) + ", not " +
                               describe(*type) + did_you_mean(word, words));
    return "";
  }
  check_fields(report, node, {entry.key->at, name}, kind->second);
  return word;
}

void check_choices(const Report& report, const YamlEntry& entry, const Port* input) {
  const YamlNode* values = entry.value->find("values");
  if (values == nullptr || values->is_null()) {
    if (values != nullptr) report.error(values->at, "'values' must be a list with values");
    return;
  }
  if (!values->is_sequence() || values->items.empty()) {
    report.error(values->at, "'values' must be a list with values, not " +
                                 (values->is_sequence() ? "an empty one" : describe(*values)));
    return;
  }
  for (const auto& value : values->items) {
    if (!value->is_scalar() || value->is_null() || value->type == ScalarType::boolean) {
      const bool is_boolean = value->is_scalar() && value->type == ScalarType::boolean;
      report.error(value->at, "a choice must be a text or a number, not " + describe(*value) +
                                  (is_boolean ? write_in_quotes(*value) : ""));
      continue;
    }
    if (input == nullptr || !input->type || !is_primitive(*input->type)) continue;
    if (const auto wrong = misfit(input->rules, *value, false))
      report.add(wrong->severity, value->at,
                 "a choice for the input '" + input->name + "': " + wrong->message);
  }
}

void check_bounds(const Report& report, const YamlNode& node) {
  for (const auto& [low, high] : {std::pair("min_value", "max_value")}) {
    const YamlNode* least = node.find(low);
    const YamlNode* most = node.find(high);
    if (least == nullptr || most == nullptr) continue;
    const auto from = number_in(*least);
    const auto to = number_in(*most);
    if (from && to && *from > *to)
      report.error(least->at,
                   "'min_value' " + least->text + " is larger than 'max_value', " + most->text);
  }
  for (const char* const key : {"sigma", "q"}) {
    const YamlNode* value = node.find(key);
    const auto number = value != nullptr ? number_in(*value) : std::nullopt;
    if (number && *number <= 0)
      report.error(value->at, in_quotes(key) + " must be above 0, not " + value->text);
  }
  for (const YamlEntry* entry : entries_of(node)) {
    const YamlNode& value = *entry->value;
    const auto number = number_in(value);
    if (entry->key->text == "type" || entry->key->text == "upper" || !number) continue;
    if (!std::isfinite(*number))
      report.error(value.at, in_quotes(entry->key->text) + " must be finite, not " + value.text);
    if (value.type == ScalarType::text && value.style == ScalarStyle::plain)
      report.warning(value.at, value.text + " is a text to YAML 1.1, no number: write " +
                                   as_yaml_number(value.text));
    if (const std::string why = misread_number(value); !why.empty()) report.error(value.at, why);
  }
}

/// A search range against what the trial's input takes.
void check_range(const Report& report, const YamlNode& range, const std::string& type,
                 const ValueRules& rules) {
  const bool exponents = type.ends_with("loguniform");
  const auto bound = [&](const char* key) -> std::optional<double> {
    const YamlNode* value = range.find(key);
    const auto number = value != nullptr ? number_in(*value) : std::nullopt;
    return number && exponents ? std::exp(*number) : number;
  };
  const auto compare = [&](const char* key, std::optional<double> value) {
    constexpr double rounding = 1e-6;  // exponents are written with a few digits
    const double slack = exponents ? rounding : 0;
    const YamlNode* at = range.find(key);
    if (!value || at == nullptr) return;
    const std::string shown = in_quotes(key) + " gives " + python_repr(*value);
    if (rules.min && *value < *rules.min - slack * std::abs(*rules.min)) {
      report.error(at->at, shown + ", below the input's min, " + python_repr(*rules.min));
    } else if (rules.max && *value > *rules.max + slack * std::abs(*rules.max)) {
      report.error(at->at, shown + ", above the input's max, " + python_repr(*rules.max));
    }
  };
  if (type.ends_with("uniform")) {
    compare("min_value", bound("min_value"));
    compare("max_value", bound("max_value"));
  } else if (const auto upper = bound("upper"); type == "randint" && upper) {
    if (rules.min && *rules.min > 0)
      compare("upper", 0);  // the first of 0 … upper - 1
    else
      compare("upper", *upper - 1);
  }
}

/// The name of the algorithm, "" when it cannot be told.
std::string check_algorithm(const Report& report, const YamlNode& sweep) {
  const YamlEntry* entry = sweep.entry("sampling_algorithm");
  if (entry == nullptr) return "";
  const YamlNode& value = *entry->value;
  static const std::map<std::string, Fields> kinds = {{"random",
                                                       {{"type", anything()},
                                                        {"seed", integer(0)},
                                                        {"logbase", anything()},
                                                        {"rule", word({"random", "sobol"})}}},
                                                      {"grid", {{"type", anything()}}},
                                                      {"bayesian", {{"type", anything()}}}};
  if (value.is_mapping()) return check_by_type(report, *entry, "a sampling algorithm", kinds);
  std::string name = value.is_scalar() ? lower_case(value.text) : "";
  if (kinds.count(name) > 0) return name;
  report.error(value.at, "'sampling_algorithm' must be " + one_of(algorithms()) + ", not " +
                             describe(value) + did_you_mean(name, algorithms()));
  return "";
}

void check_space(const Report& report, const YamlNode& sweep, const Signature* trial,
                 const std::string& algorithm) {
  const YamlEntry* space = sweep.entry("search_space");
  if (space == nullptr) return;
  if (!check_names(report, *space->value, "search_space")) return;
  if (space->value->entries.empty())
    report.error(space->value->at, "the search space is empty: name an input of the trial");
  for (const YamlEntry* entry : entries_of(*space->value)) {
    const std::string& name = entry->key->text;
    const Port* input = trial != nullptr ? port_of(trial->inputs, name) : nullptr;
    if (trial != nullptr && input == nullptr) {
      report.error(entry->key->at, "the trial has no input '" + name + "'" +
                                       suggestion(name, names_of(trial->inputs)));
      continue;
    }
    const std::string type =
        check_by_type(report, *entry, "the range of '" + name + "'", distributions());
    if (type.empty()) continue;
    type == "choice" ? check_choices(report, *entry, input) : check_bounds(report, *entry->value);
    if (input != nullptr) check_range(report, *entry->value, type, input->rules);
    const YamlNode& word = *entry->value->find("type");
    if (input != nullptr && input->type && type != "choice" && *input->type != PortType::number &&
        *input->type != PortType::integer) {
      report.error(word.at, "the input '" + name + "' is " + with_article(*input->type) +
                                ", which only a choice can give");
    } else if (algorithm == "grid" && type != "choice") {
      report.error(word.at, "a grid needs a choice of values, not " + type +
                                ": write `type: choice`, or sample at random");
    }
  }
}

void check_limits(const Report& report, const YamlNode& sweep) {
  const YamlNode* limits = sweep.find("limits");
  const YamlNode* at_once = limits != nullptr ? limits->find("max_concurrent_trials") : nullptr;
  const YamlNode* total = limits != nullptr ? limits->find("max_total_trials") : nullptr;
  constexpr int most_of_azure = 1000;
  if (total != nullptr && number_in(*total).value_or(0) > most_of_azure)
    report.error(total->at, "Azure ML runs at most " + std::to_string(most_of_azure) +
                                " trials, 'max_total_trials' is " + total->text);
  if (at_once == nullptr || total == nullptr) return;
  const auto most = number_in(*total);
  const auto number = number_in(*at_once);
  if (most && number && *most >= 1 && *number > *most)
    report.error(at_once->at, "'max_concurrent_trials' " + at_once->text +
                                  " is more than 'max_total_trials', " + total->text);
}

void check_termination(const Report& report, const YamlNode& sweep) {
  static const Fields common = {
      {"type", anything()}, {"evaluation_interval", integer(0)}, {"delay_evaluation", integer(0)}};
  static const auto with = [](const Fields& more) {
    Fields fields = common;
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
  };
  static const std::map<std::string, Fields> kinds = {
      {"bandit", with({{"slack_factor", number()}, {"slack_amount", number()}})},
      {"median_stopping", common},
      {"truncation_selection", with({{"truncation_percentage", integer(1), required}})}};
  const YamlEntry* entry = sweep.entry("early_termination");
  if (entry == nullptr) return;
  const std::string type = check_by_type(report, *entry, "an early termination", kinds);
  const YamlNode* share = entry->value->find("truncation_percentage");
  if (const auto number = share != nullptr ? number_in(*share) : std::nullopt;
      type == "truncation_selection" && number && *number > 99)
    report.error(share->at, "'truncation_percentage' must be from 1 to 99, not " + share->text);
}

}  // namespace

const Fields& sweep_key_fields() {
  static const Fields fields = {{"sampling_algorithm", anything()},
                                {"search_space", anything(), required},
                                {"objective", mapping(objective_fields()), required},
                                {"early_termination", anything()},
                                {"limits", mapping(limits_of_sweep()), required},
                                {"queue_settings", mapping(queue_fields())},
                                {"resources", mapping(resources_fields())}};
  return fields;
}

void check_sweep(const Report& report, const YamlNode& sweep, const Signature* trial) {
  const std::string algorithm = check_algorithm(report, sweep);
  check_space(report, sweep, trial, algorithm);
  check_limits(report, sweep);
  check_termination(report, sweep);
  const YamlNode* objective = sweep.find("objective");
  const YamlNode* metric = objective != nullptr ? objective->find("primary_metric") : nullptr;
  if (metric != nullptr && metric->is_scalar() && metric->type == ScalarType::text &&
      metric->text.empty())
    report.error(metric->at, "'primary_metric' is empty: name a metric that the trial logs");
}

}  // namespace gradstep::pipeline
