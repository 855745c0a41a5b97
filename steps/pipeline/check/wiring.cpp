#include "steps/pipeline/check/wiring.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "steps/pipeline/check/shape.hpp"
#include "steps/pipeline/check/slips.hpp"

namespace gradstep::pipeline {
namespace {

/// "parent.jobs.prep.outputs.data" at its dots.
std::vector<std::string> at_dots(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

std::string joined(const std::vector<std::string>& words, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < words.size(); ++i) text += (i > from ? "." : "") + words[i];
  return text;
}

template <typename Ports>
std::vector<std::string> names(const Ports& ports) {
  std::vector<std::string> result;
  result.reserve(ports.size());
  for (const auto& port : ports) result.push_back(port.name);
  return result;
}

template <typename Ports>
auto find_named(const Ports& ports, const std::string& name) {
  return std::find_if(ports.begin(), ports.end(),
                      [&](const auto& port) { return port.name == name; });
}

constexpr const char* expected_input =
    "write ${{parent.inputs.NAME}} or ${{parent.jobs.STEP.outputs.NAME}}";
constexpr const char* expected_output = "write ${{parent.outputs.NAME}}";

std::optional<BrokenBinding> broken_binding(const std::string& text) {
  return find_broken_binding(text, {"${", "{{", "$("}, {"parent", "parents"});
}

/// Every scalar in a value, each once: what is aliased may stand in many places.
void visit_scalars(const YamlNode& root, const std::function<void(const YamlNode&)>& visit) {
  std::set<const YamlNode*> seen;
  std::vector<const YamlNode*> waiting = {&root};
  while (!waiting.empty()) {
    const YamlNode* node = waiting.back();
    waiting.pop_back();
    if (!seen.insert(node).second) continue;
    if (node->is_scalar()) visit(*node);
    for (const auto& item : node->items) waiting.push_back(item.get());
    for (const YamlEntry& entry : node->entries) waiting.push_back(entry.value.get());
  }
}

/// Whether the value is the binding and nothing else.
bool is_whole(const CommandTemplate& parsed) {
  return std::all_of(parsed.parts.begin(), parsed.parts.end(), [](const CommandPart& part) {
    return part.is_binding || part.text.find_first_not_of(" \t\r\n") == std::string::npos;
  });
}

}  // namespace

bool fits(PortType from, PortType to) {
  if (from == to) return true;
  if (from == PortType::integer && to == PortType::number) return true;
  // A model and a table are folders.
  return to == PortType::uri_folder && !is_primitive(from) && from != PortType::uri_file;
}

bool Wiring::is_binding(const YamlNode& value) {
  return value.is_scalar() && value.type == ScalarType::text &&
         (value.text.find("${{") != std::string::npos || broken_binding(value.text));
}

bool Wiring::check_brackets(const YamlNode& value, const CommandTemplate& parsed) {
  for (const UnclosedBracket& bracket : parsed.unclosed) {
    if (bracket.bracket != "${{") continue;
    report_.error(report_.in(value, bracket.offset), "'${{' has no '}}' behind it");
    return false;
  }
  for (const CommandPart& part : parsed.parts) {
    const auto found = part.is_binding ? std::nullopt : broken_binding(part.text);
    if (!found) continue;
    const std::string path = found->reference.substr(found->reference.find('.'));
    report_.error(report_.in(value, part.offset + found->offset),
                  describe(value) + " is no binding: write ${{parent" + path + "}}");
    return false;
  }
  return true;
}

void Wiring::check_input(const std::string& step, const Port* port, const YamlNode& value) {
  const CommandTemplate parsed = parse_command(value.text);
  if (!check_brackets(value, parsed)) return;
  const bool whole = is_whole(parsed);
  for (const CommandPart& part : parsed.parts) {
    if (!part.is_binding) continue;
    const Position at = report_.in(value, part.offset);
    const auto source = resolve(step, part, at);
    if (source && port != nullptr && !whole)
      report_.error(at, "a binding stands alone: " + describe(value) + " has more around it");
    if (source && port != nullptr && whole) check_fit(*source, *port, "${{" + part.text + "}}", at);
  }
}

void Wiring::check_settings(const std::string& step, const YamlNode& node) {
  visit_scalars(node, [&](const YamlNode& scalar) {
    if (is_binding(scalar)) check_input(step, nullptr, scalar);
  });
}

void Wiring::follow(const std::string& step, const YamlNode& node) {
  visit_scalars(node, [&](const YamlNode& scalar) {
    if (scalar.text.find("${{") == std::string::npos) return;
    for (const CommandPart& part : parse_command(scalar.text).parts)
      if (part.is_binding && part.text.starts_with("parent.") &&
          !part.text.starts_with("parent.outputs."))
        (void)resolve(step, part, report_.in(scalar, part.offset));
  });
}

void Wiring::check_fit(const Source& source, const Port& port, const std::string& shown,
                       Position at) {
  if (!port.type) return;
  if (source.literal != nullptr && is_primitive(*port.type)) {
    const auto wrong = misfit(port.rules, *source.literal, false);
    if (wrong && misfits_.insert(source.literal).second)
      report_.add(wrong->severity, source.literal->at,
                  wrong->message + " (the input '" + port.name + "' of a step)");
    return;
  }
  const std::string type = with_article(*port.type);
  if (source.literal != nullptr) {
    if (misfits_.insert(source.literal).second)
      report_.error(at, shown + " is a value, the port '" + port.name + "' is " + type);
  } else if (source.type && !fits(*source.type, *port.type)) {
    report_.error(at, shown + " is " + with_article(*source.type) + ", the port '" + port.name +
                          "' is " + type);
  } else if (source.optional && port.required()) {
    report_.error(at, shown + " is optional, but the port '" + port.name + "' needs a value");
  }
}

std::optional<Wiring::Source> Wiring::resolve(const std::string& step, const CommandPart& part,
                                              Position at) {
  const std::vector<std::string> words = at_dots(part.text);
  const std::string shown = "${{" + part.text + "}}";
  if (words[0] == "parent" && words.size() >= 3) {
    if (words[1] == "inputs") return resolve_input(joined(words, 2), shown, at);
    if (words[1] == "jobs" && words.size() >= 5) return resolve_step(step, words, shown, at);
  }
  // `${{name}}` and its like are the service's own, in paths; elsewhere a slip.
  report_.error(at, shown + " names nothing that a step can take: " + expected_input);
  return std::nullopt;
}

std::optional<Wiring::Source> Wiring::resolve_input(const std::string& name,
                                                    const std::string& shown, Position at) {
  used_inputs_.insert(name);
  if (!scope_.inputs_known) return std::nullopt;
  const auto port = find_named(scope_.inputs, name);
  if (port == scope_.inputs.end()) {
    report_.error(at, shown + ": the pipeline has no input '" + name + "'" +
                          suggestion(name, names(scope_.inputs)));
    return std::nullopt;
  }
  return Source{port->type, port->literal, port->optional};
}

std::optional<Wiring::Source> Wiring::resolve_step(const std::string& step,
                                                   const std::vector<std::string>& words,
                                                   const std::string& shown, Position at) {
  const auto from = find_named(scope_.steps, words[2]);
  if (from == scope_.steps.end()) {
    report_.error(at, shown + ": the pipeline has no job '" + words[2] + "'" +
                          suggestion(words[2], names(scope_.steps)));
    return std::nullopt;
  }
  if (words[3] == "inputs") {
    // Azure ML follows it, run-pipeline does not.
    report_.error(at, shown +
                          " is an input of another job: bind to what it is bound to itself, or "
                          "to one of ${{parent.jobs." +
                          words[2] + ".outputs.NAME}}");
    return std::nullopt;
  }
  if (words[3] != "outputs") {
    report_.error(at, shown + " names nothing that a step can take: " + expected_input);
    return std::nullopt;
  }
  edges_[step].push_back({from->name, at});
  if (from->component == nullptr) return std::nullopt;
  const std::vector<Port>& ports = from->component->signature.outputs;
  const std::string name = joined(words, 4);
  const Port* port = port_of(ports, name);
  if (port == nullptr) {
    report_.error(at, shown + ": '" + words[2] + "' has no output '" + name + "'" +
                          suggestion(name, names(ports)));
    return std::nullopt;
  }
  return Source{port->type};
}

void Wiring::check_output(const std::string& step, const std::string& output, const Port* port,
                          const YamlNode& value) {
  const CommandTemplate parsed = parse_command(value.text);
  if (!check_brackets(value, parsed)) return;
  const auto part = std::find_if(parsed.parts.begin(), parsed.parts.end(),
                                 [](const CommandPart& one) { return one.is_binding; });
  if (part == parsed.parts.end()) return;
  const Position at = report_.in(value, part->offset);
  const std::string shown = "${{" + part->text + "}}";
  const std::vector<std::string> words = at_dots(part->text);
  if (words.size() < 3 || words[0] != "parent" || words[1] != "outputs" || !is_whole(parsed)) {
    report_.error(at, shown + " names no output of the pipeline: " + expected_output);
    return;
  }
  const std::string name = joined(words, 2);
  const auto target = find_named(scope_.outputs, name);
  if (target == scope_.outputs.end()) {
    if (scope_.outputs_known)
      report_.error(at, shown + ": the pipeline has no output '" + name + "'" +
                            suggestion(name, names(scope_.outputs)));
    return;
  }
  std::string source = step;
  source.append(".").append(output);
  const auto [bound, is_new] = bound_outputs_.emplace(name, source);
  if (!is_new && bound->second != source)
    report_.error(at, shown + " is what '" + bound->second + "' gives already");
  if (port != nullptr && port->type && target->type && *port->type != *target->type &&
      !fits(*port->type, *target->type))
    report_.error(at, shown + " is " + with_article(*target->type) + ", the port '" + port->name +
                          "' is " + with_article(*port->type));
}

void Wiring::check_cycles() const {
  std::set<std::string> done;
  std::vector<std::string> path;
  const std::function<bool(const std::string&)> visit = [&](const std::string& step) {
    if (done.count(step) > 0) return true;
    path.push_back(step);
    const auto edges = edges_.find(step);
    for (const Edge& edge : edges == edges_.end() ? std::vector<Edge>() : edges->second) {
      const auto open = std::find(path.begin(), path.end(), edge.to);
      if (open != path.end()) {
        std::string circle;
        for (auto name = open; name != path.end(); ++name) circle.append(*name).append(" <- ");
        report_.error(edge.at, "a cycle of jobs, which wait for each other: " + circle + edge.to);
        return false;
      }
      if (!visit(edge.to)) return false;
    }
    path.pop_back();
    done.insert(step);
    return true;
  };
  for (const StepFacts& step : scope_.steps)
    if (!visit(step.name)) return;
}

void Wiring::check_unused() const {
  for (const PipelinePort& input : scope_.inputs)
    if (used_inputs_.count(input.name) == 0)
      report_.warning(input.at, "no job uses the pipeline's input '" + input.name +
                                    "': ${{parent.inputs." + input.name + "}}");
  for (const PipelinePort& output : scope_.outputs)
    if (bound_outputs_.count(output.name) == 0)
      report_.error(output.at, "no job gives the pipeline's output '" + output.name +
                                   "': ${{parent.outputs." + output.name + "}}");
}

}  // namespace gradstep::pipeline
