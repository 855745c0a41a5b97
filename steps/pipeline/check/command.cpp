#include "steps/pipeline/check/command.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "steps/pipeline/check/slips.hpp"
#include "steps/pipeline/command_template.hpp"

namespace gradstep::pipeline {
namespace {

/// "inputs.reg_rate", taken apart; of anything else the side is "".
struct Reference {
  std::string side;
  std::string port;
};

Reference parse_reference(const std::string& expression) {
  for (const char* const side : {"inputs", "outputs", "search_space"})
    if (expression.starts_with(std::string(side) + '.'))
      return {side, expression.substr(std::string(side).size() + 1)};
  return {};
}

class CommandCheck {
 public:
  CommandCheck(const Report& report, const YamlNode& command, const CommandScope& scope)
      : report_(report), command_(command), scope_(scope), parsed_(parse_command(command.text)) {}

  void check() {
    check_lines();
    for (const UnclosedBracket& bracket : parsed_.unclosed) check_unclosed(bracket);
    for (const CommandPart& part : parsed_.parts)
      part.is_binding ? check_binding(part) : check_text(part);
    for (std::size_t group = 0; group < parsed_.optional_groups.size(); ++group)
      check_group(static_cast<int>(group));
    if (!mistaken_) check_places();
    // A mistaken binding may be the use that a port lacks.
    if (!mistaken_ && scope_.report_unused) check_unused();
  }

 private:
  void error(std::size_t offset, const std::string& message) {
    mistaken_ = true;
    report_.error(report_.in(command_, offset), message);
  }

  void check_unclosed(const UnclosedBracket& bracket) {
    if (bracket.bracket != "]]")
      return error(bracket.offset, "'" + bracket.bracket + "' has no " +
                                       (bracket.bracket == "$[[" ? "']]'" : "'}}'") + " behind it");
    // Lists within lists end so, too: '[1,[2,3]]'.
    if (command_.text.find("$[") != std::string::npos)
      report_.warning(report_.in(command_, bracket.offset), "']]' has no '$[[' in front of it");
  }

  void check_lines() const {
    const std::string& text = command_.text;
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    for (std::size_t at = text.find('\\'); at != std::string::npos; at = text.find('\\', at + 1)) {
      if (!ends_line(at)) continue;
      report_.error(report_.in(command_, at),
                    "Azure ML knows no '\\' that goes on with the next line: write `command: >-`, "
                    "which joins the lines");
      return;
    }
    if (last != std::string::npos && text.find('\n') < last)
      report_.warning(command_.at,
                      "the command has more than one line, and goes on after one that fails: write "
                      "`command: >-`, which joins them, and && or ; between commands");
  }

  /// Whether the last thing in its line of the file; folding makes a blank of the line's end.
  [[nodiscard]] bool ends_line(std::size_t offset) const {
    const std::string& text = command_.text;
    const char next = offset + 1 < text.size() ? text[offset + 1] : '\n';
    if (next != ' ') return next == '\n';
    const std::string& bytes = report_.file().bytes;
    const Position at = report_.in(command_, offset);
    std::size_t begin = 0;
    for (int line = 1; line < at.line; ++line) begin = bytes.find('\n', begin) + 1;
    std::string line = bytes.substr(begin, bytes.find('\n', begin) - begin);
    if (line.ends_with('\r')) line.pop_back();
    const auto characters = std::count_if(line.begin(), line.end(),
                                          [](unsigned char c) { return (c & 0xC0U) != 0x80U; });
    const int length = command_.style == ScalarStyle::double_quoted ? 2 : 1;  // as written there
    return line.ends_with('\\') && at.column + length > characters;
  }

  void check_text(const CommandPart& part) {
    for (std::size_t begin = 0;;) {
      const auto found = find_broken_binding(part.text, {"${", "{{"}, {"inputs", "outputs"}, begin);
      if (!found) return;
      begin = found->offset + found->text.size();
      const std::size_t offset = part.offset + found->offset;
      const bool unclosed =
          std::any_of(parsed_.unclosed.begin(), parsed_.unclosed.end(),
                      [&](const UnclosedBracket& bracket) { return bracket.offset + 1 == offset; });
      if (unclosed) continue;
      error(offset, in_quotes(found->text) + " is no binding: write ${{" + found->reference + "}}");
    }
  }

  void check_binding(const CommandPart& part) {
    const std::string expression = "${{" + part.text + "}}";
    const auto [side, name] = parse_reference(part.text);
    if (side == "search_space" && !scope_.search_space.empty()) {
      const auto& known = scope_.search_space;
      if (std::find(known.begin(), known.end(), name) == known.end())
        error(part.offset,
              expression + ": the search space has no '" + name + "'" + suggestion(name, known));
      used_.insert(part.text);
      return;
    }
    if (side != "inputs" && side != "outputs") return refuse(part, expression);
    const std::vector<Port>& ports = side == "inputs" ? scope_.ports.inputs : scope_.ports.outputs;
    const Port* port = port_of(ports, name);
    if (port == nullptr) {
      // Without any port the key is missing, which is one mistake.
      if (ports.empty() && !without_ports_.insert(side).second) return;
      error(part.offset, expression + ": there is no " + (side == "inputs" ? "input" : "output") +
                             " '" + name + "'" + suggestion(name, names_of(ports)));
      return;
    }
    used_.insert(part.text);
    if (port->optional && port->optional_known && side == "inputs" && part.optional_group < 0)
      report_.error(report_.in(command_, part.offset),
                    "the input '" + name + "' is optional: put what is to go without it in $[[ ]]");
  }

  /// Where the shell runs what a value says, only a number may stand.
  void check_places() const {
    for (const RefusedPlace& place : refused_places(parsed_)) {
      if (place.behind_value) continue;  // the program is an input: a path, as a rule
      for (const CommandPart& part : parsed_.parts) {
        if (!part.is_binding || part.offset != place.offset) continue;
        const auto [side, name] = parse_reference(part.text);
        const Port* port = side == "inputs" ? port_of(scope_.ports.inputs, name) : nullptr;
        const bool is_number =
            port != nullptr && (port->type == PortType::number || port->type == PortType::integer);
        if (!is_number)
          report_.warning(report_.in(command_, part.offset),
                          "${{" + part.text + "}} stands " + place.reason);
      }
    }
  }

  void refuse(const CommandPart& part, const std::string& expression) {
    std::string instead = "inputs.NAME or outputs.NAME";
    for (const auto& [side, ports] :
         {std::pair("inputs.", &scope_.ports.inputs), std::pair("outputs.", &scope_.ports.outputs)})
      for (const Port& port : *ports)
        if (part.text == port.name || part.text.ends_with('.' + port.name))
          instead = side + port.name;
    error(part.offset, expression + " names no port: write ${{" + instead + "}}");
  }

  /// What stands in `$[[ ]]` must hang on an optional input.
  void check_group(int group) {
    bool has_input = false;
    for (const CommandPart& part : parsed_.parts) {
      if (part.optional_group != group) continue;
      if (!part.is_binding && part.text.find("{inputs.") != std::string::npos) return;
      if (!part.is_binding) continue;
      const auto [side, name] = parse_reference(part.text);
      const Port* input = side == "inputs" ? port_of(scope_.ports.inputs, name) : nullptr;
      if (input == nullptr && used_.count(part.text) == 0) return;  // reported
      if (input != nullptr && (input->optional || !input->optional_known)) return;
      has_input = has_input || input != nullptr;
    }
    const OptionalGroup& found = parsed_.optional_groups[static_cast<std::size_t>(group)];
    const auto open = [&](const UnclosedBracket& bracket) {
      return bracket.offset == found.offset;
    };
    if (std::any_of(parsed_.unclosed.begin(), parsed_.unclosed.end(), open)) return;
    report_.error(
        report_.in(command_, found.offset),
        "$[[" + found.text + "]] holds no optional input: take the brackets away" +
            (has_input && !scope_.in_job ? ", or declare the input with `optional: true`" : ""));
  }

  void check_unused() const {
    for (const auto& [side, ports] :
         {std::pair("input", &scope_.ports.inputs), std::pair("output", &scope_.ports.outputs)}) {
      const std::string prefix = std::string(side) + "s.";
      for (const Port& port : *ports)
        if (used_.count(prefix + port.name) == 0)
          report_.warning(port.at, "the " + std::string(side) + " '" + port.name +
                                       "' is not used in the command: ${{" + prefix + port.name +
                                       "}}");
    }
  }

  const Report& report_;
  const YamlNode& command_;
  const CommandScope& scope_;
  CommandTemplate parsed_;
  std::set<std::string> used_;
  std::set<std::string> without_ports_;  ///< sides
  bool mistaken_ = false;
};

}  // namespace

void check_command(const Report& report, const YamlNode& command, const CommandScope& scope) {
  if (command.is_scalar() && command.type == ScalarType::text &&
      command.text.find_first_not_of(" \t\r\n") == std::string::npos) {
    report.error(command.at, "the command is empty");
  } else if (command.is_scalar() && command.type == ScalarType::text) {
    CommandCheck(report, command, scope).check();
  }
}

}  // namespace gradstep::pipeline
