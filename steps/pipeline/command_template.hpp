#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gradstep::pipeline {

/// Without the blanks and line ends around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// A part of a component's `command`: text as it stands, or a `${{inputs.x}}`.
struct CommandPart {
  bool is_binding = false;
  std::string text;         ///< the text; of a binding what stands between the braces, trimmed
  std::size_t offset = 0;   ///< where it begins in the command
  int optional_group = -1;  ///< which `$[[ ]]` it stands in, counted from 0; -1: none
};

/// A bracket without its other half: where, and which.
struct UnclosedBracket {
  std::size_t offset = 0;
  std::string bracket;  ///< "$[[", "]]", "${{"
};

struct OptionalGroup {
  std::size_t offset = 0;  ///< of "$[["
  std::string text;        ///< between the brackets
};

/// A component's `command`, taken apart.
struct CommandTemplate {
  std::vector<CommandPart> parts;
  std::vector<OptionalGroup> optional_groups;
  std::vector<UnclosedBracket> unclosed;
};
[[nodiscard]] CommandTemplate parse_command(std::string_view command);

/// A command that a shell may run: the values stand in variables, never in the script.
struct ShellCommand {
  std::string script;
  std::vector<std::pair<std::string, std::string>> variables;  ///< name, value; for the environment
};

/// Fills in a command.
///
/// Each binding becomes "$variable", quoted as its place in the script needs: bare, within double
/// quotes, within single quotes. What stands in `$[[ ]]` goes when a binding in it has no value.
/// @param values  "inputs.reg_rate" -> "0.01", "outputs.model_output" -> "/…/model"
/// @throws InvalidArgument  when a binding outside `$[[ ]]` has no value
/// @throws DataError        when a binding stands where the shell would run what its value says
///                          (refused_places()), unless that is a plain number, which then stands
///                          there itself; when a value holds a zero byte
[[nodiscard]] ShellCommand fill_command(const CommandTemplate& command,
                                        const std::map<std::string, std::string>& values);

/// A binding where the shell would run what its value says: arithmetic, `eval`, `sh -c`, and such.
struct RefusedPlace {
  std::size_t offset = 0;  ///< of "${{" in the command
  std::string reason;      ///< "within arithmetic, ...; ...": goes on from "${{inputs.x}} stands "
  bool behind_value = false;  ///< only because the command's name is a binding, too
};
/// The bindings of a command that fill_command() refuses for any value but a plain number; each
/// once, with all optional parts there. run-pipeline and the checker look at them.
[[nodiscard]] std::vector<RefusedPlace> refused_places(const CommandTemplate& command);

}  // namespace gradstep::pipeline
