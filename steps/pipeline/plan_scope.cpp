#include "steps/pipeline/plan_scope.hpp"

#include <cerrno>
#include <cmath>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "steps/error.hpp"
#include "steps/flag_values.hpp"
#include "steps/pipeline/command_template.hpp"

namespace gradstep::pipeline {
namespace {

namespace fs = std::filesystem;

/// What stands between `${{` and `}}`, when the text is nothing else.
std::optional<std::string_view> expression_in(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with("${{") || !text.ends_with("}}")) return std::nullopt;
  return trimmed(text.substr(3, text.size() - 5));
}

/// Takes `prefix` off the text; false when it does not begin so.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

fs::path existing_data(const fs::path& path, std::optional<PortType> type, const std::string& of) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) throw IoError("find the data of " + of + ",", path, ENOENT);
  if (type == PortType::uri_file && fs::is_directory(status))
    throw UsageError(of + ": '" + path.string() + "' is a folder, expected a file (uri_file)");
  if (type == PortType::uri_folder && !fs::is_directory(status))
    throw UsageError(of + ": '" + path.string() + "' is a file, expected a folder (uri_folder)");
  return fs::absolute(path).lexically_normal();
}

/// A value of the command line, checked as far as its type says.
std::string value_of_user(const std::string& text, PortType type, const std::string& of) {
  const std::optional<bool> truth = parse_boolean(text);
  if (type == PortType::boolean && truth) return *truth ? "True" : "False";
  bool fits = type != PortType::boolean;
  if (type == PortType::number) fits = std::isfinite(parse_real(text).value_or(NAN));
  if (type == PortType::integer) fits = parse_integer(text).has_value();
  if (!fits)
    throw UsageError(of + ": found '" + text + "', expected a value of type " +
                     std::string(to_word(type)));
  return text;
}

const YamlNode* input_of(const YamlNode& root, const std::string& name) {
  const YamlNode* inputs = root.find("inputs");
  return inputs != nullptr ? inputs->find(name) : nullptr;
}

Source from_path(const Scope& scope, const std::string& path, std::optional<PortType> type,
                 const std::string& of) {
  if (is_elsewhere(path)) {
    const bool may_be_given = scope.outer == nullptr && of.starts_with("input ");
    throw UsageError(of + ": '" + path + "' is not on this machine; " +
                     (may_be_given ? "say where the data are with --input " + of.substr(6) + "=PATH"
                                   : "make it an input of the pipeline, and give that by --input"));
  }
  return existing_data(Project::path_of(*scope.file, path), type, of);
}

}  // namespace

std::optional<Binding> parse_binding(std::string_view text) {
  const std::optional<std::string_view> expression = expression_in(text);
  if (!expression) return std::nullopt;
  std::string_view rest = *expression;
  if (take(rest, "parent.inputs.")) return Binding{"", std::string(rest)};
  if (!take(rest, "parent.jobs.")) return std::nullopt;
  constexpr std::string_view outputs = ".outputs.";
  const std::size_t dot = rest.find(outputs);
  if (dot == std::string_view::npos) return std::nullopt;
  return Binding{std::string(rest.substr(0, dot)), std::string(rest.substr(dot + outputs.size()))};
}

std::string bound_output(const YamlNode& output) {
  const std::string text = output.is_mapping() ? output.text_of("path") : output.text;
  std::string_view rest = expression_in(text).value_or("");
  return take(rest, "parent.outputs.") ? std::string(rest) : "";
}

Source resolve(const Scope& scope, const YamlNode& given, std::optional<PortType> type,
               const std::string& of) {
  if (given.is_null()) return std::nullopt;
  if (given.is_mapping()) {
    if (given.find("path") != nullptr) {
      const std::string path = given.text_of("path");
      if (!type) type = type_of(given);
      if (!parse_binding(path)) return from_path(scope, path, type, of);
      return resolve(scope, *given.find("path"), type, of);
    }
    for (const char* key : {"default", "value"})
      if (const YamlNode* value = given.find(key); value != nullptr && !value->is_null())
        return azure_text(type_of(given), *value, true);
    return std::nullopt;
  }
  if (!given.is_scalar()) throw UsageError(of + ": found a list, expected one value");
  if (const std::optional<Binding> binding = parse_binding(given.text)) {
    if (binding->job.empty()) return resolve_input(scope, binding->port);
    return resolve_output(scope, binding->job, binding->port);
  }
  if (type && !is_primitive(*type)) return from_path(scope, given.text, type, of);
  return azure_text(type.value_or(type_of(given)), given, false);
}

Source resolve_input(const Scope& scope, const std::string& name) {
  const YamlNode* declared = input_of(*scope.root, name);
  if (declared == nullptr)
    throw UsageError(scope.file->path.string() + ": there is no input '" + name + "'");
  const PortType type = type_of(*declared);
  const std::string of = "input " + name;
  const bool is_the_jobs_component = scope.outer != nullptr && scope.prefix.empty();
  if (is_the_jobs_component && input_of(*scope.outer->root, name) != nullptr)
    return resolve_input(*scope.outer, name);
  if (scope.outer == nullptr) {
    const auto from_user = scope.from_user->find(name);
    if (from_user == scope.from_user->end()) return resolve(scope, *declared, std::nullopt, of);
    if (is_primitive(type)) return value_of_user(from_user->second, type, of);
    return existing_data(from_user->second, type, of);
  }
  const YamlNode* given = scope.given != nullptr ? scope.given->find(name) : nullptr;
  if (given != nullptr && !given->is_null())
    return resolve(*scope.outer, *given, type, scope.prefix + of);
  const YamlNode* fallback = declared->find("default");
  if (fallback == nullptr || fallback->is_null()) return std::nullopt;
  return azure_text(type, *fallback, true);
}

OutputOf resolve_output(const Scope& scope, const std::string& job, const std::string& output) {
  const auto step = scope.steps.find(job);
  if (step != scope.steps.end()) return {step->second, output};
  const auto inner = scope.nested.find(job);
  if (inner != scope.nested.end())
    if (const std::optional<OutputOf> found = resolve_pipeline_output(*inner->second, output))
      return *found;
  throw InvalidArgument(scope.file->path.string() + ": ${{parent.jobs." + job + ".outputs." +
                        output + "}} names no output of a job");
}

std::optional<OutputOf> resolve_pipeline_output(const Scope& scope, const std::string& name) {
  const YamlNode* jobs = scope.root->find("jobs");
  for (const YamlEntry& job : members(jobs))
    for (const YamlEntry& output : members(job.value->find("outputs")))
      if (bound_output(*output.value) == name)
        return resolve_output(scope, job.key->text, output.key->text);
  return std::nullopt;
}

std::vector<YamlEntry> members(const YamlNode* mapping) {
  std::vector<YamlEntry> result;
  if (mapping == nullptr) return result;
  std::set<std::string> names;
  std::set<const YamlNode*> seen;  // merges of merges may name one many times
  const std::function<void(const YamlNode&)> add_all = [&](const YamlNode& part) {
    if (!seen.insert(&part).second) return;
    for (const YamlEntry& entry : part.entries) {
      if (!entry.key->is_scalar()) continue;
      if (entry.key->text == "<<") {
        add_all(*entry.value);
        for (const auto& item : entry.value->items) add_all(*item);
      } else if (names.insert(entry.key->text).second) {
        result.push_back({entry.key, mapping->entry(entry.key->text)->value});
      }
    }
  };
  add_all(*mapping);
  return result;
}

PortType type_of(const YamlNode& input) {
  if (input.is_mapping())
    return port_type(input.text_of("type"))
        .value_or(input.find("path") != nullptr || input.text_of("type") == "path"
                      ? PortType::uri_folder
                      : PortType::string);
  switch (input.type) {
    case ScalarType::boolean:
      return PortType::boolean;
    case ScalarType::integer:
      return PortType::integer;
    case ScalarType::real:
      return PortType::number;
    default:
      return PortType::string;
  }
}

}  // namespace gradstep::pipeline
