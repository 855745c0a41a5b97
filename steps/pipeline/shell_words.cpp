#include "steps/pipeline/shell_words.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace gradstep::pipeline {
namespace {

template <class... Words>
bool is_one_of(std::string_view text, Words... words) {
  return ((text == words) || ...);
}

/// The length of the variable's name that the text begins with.
std::size_t name_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[length])) != 0 || text[length] == '_'))
    ++length;
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) != 0 ? 0 : length;
}

bool is_assignment(std::string_view word) {
  const std::size_t length = name_length(word);
  const std::string_view rest = word.substr(length);
  return length > 0 && (rest.starts_with('=') || rest.starts_with("+="));
}

/// Whether the word begins as `name[`.
bool is_element(std::string_view word) {
  const std::size_t length = name_length(word);
  return length > 0 && word.substr(length).starts_with('[');
}

bool stands_before_a_command(std::string_view word) {
  return is_one_of(word, "if", "then", "elif", "else", "while", "until", "do", "!", "{", "time",
                   "command", "builtin", "coproc");
}

/// The index of the command's name; the number of words when there is none yet.
std::size_t name_in(const ShellWords& command) {
  std::size_t i = 0;
  for (bool after_prefix = false; i < command.size(); ++i) {
    const std::string& text = command[i].text;
    if (is_assignment(text) || is_element(text)) continue;
    if (after_prefix && text.starts_with('-')) continue;
    after_prefix = stands_before_a_command(text);
    if (!after_prefix) break;
  }
  return i;
}

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view name_of(const ShellWords& command) {
  const std::size_t i = name_in(command);
  return i < command.size() ? std::string_view(command[i].text) : std::string_view();
}

/// Variables whose values the shell itself runs or computes.
bool is_evaluated_variable(std::string_view name) {
  return is_one_of(name, "PS0", "PS1", "PS2", "PS4", "PROMPT_COMMAND", "BASH_ENV", "ENV", "RANDOM",
                   "SRANDOM", "SECONDS", "LINENO", "OPTIND", "HISTCMD", "BASHPID", "PPID", "UID",
                   "EUID", "FUNCNEST", "EPOCHSECONDS");
}

bool is_evaluating_builtin(std::string_view name) {
  return is_one_of(name, "eval", "let", "declare", "typeset", "local", "readonly", "unset", "read",
                   "mapfile", "readarray", "trap", "alias", "getopts", "bind", "complete",
                   "compgen", "hash", "wait", "enable", "fc");
}

bool is_shell(std::string_view program) {
  return is_one_of(program, "sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "fish", "busybox",
                   "su", "script", "flock", "runuser");
}

/// Whether the option says that the next word, or its own rest, is code of this program.
bool is_code_option(std::string_view program, std::string_view option) {
  if (!option.starts_with('-')) return false;
  const bool is_long = option.starts_with("--");
  if (is_shell(program))
    return is_long ? option.starts_with("--command") : option.find('c') != std::string_view::npos;
  if (program.starts_with("python") || program.starts_with("pypy"))
    return !is_long && option.find('c') != std::string_view::npos;
  if (program.starts_with("perl") ||
      is_one_of(program, "ruby", "node", "Rscript", "R", "lua", "php"))
    return is_one_of(option, "--eval", "--print") ||
           (!is_long && option.find_first_of("eEpr") != std::string_view::npos);
  return false;
}

/// Programs whose first word that is no option is code.
bool takes_code_first(std::string_view program) {
  return is_one_of(program, "awk", "gawk", "mawk", "nawk", "sed", "gsed", "ssh", "watch",
                   "parallel");
}

/// Whether a word has been read that is no option: the code, or printf's format.
bool has_operand(const ShellWords& command, std::size_t program) {
  for (std::size_t i = program + 1; i < command.size(); ++i) {
    const bool is_options_value =
        is_one_of(command[i - 1].text, "-v", "-F", "-f", "-i", "-o", "-p");
    if (command[i].literal && !command[i].text.starts_with('-') && !is_options_value) return true;
  }
  return false;
}

std::string danger_of_code(const ShellWords& command, const ShellWord& begun) {
  for (std::size_t i = 0; i < command.size(); ++i) {
    const std::string_view program = file_name(command[i].text);
    const std::string& last = command.back().text;
    if (is_code_option(program, begun.text) && !is_one_of(begun.text, "-") && begun.text.size() > 2)
      return "within the code of " + std::string(program);
    if (i + 1 < command.size() && is_code_option(program, last))
      return "within the code of " + std::string(program);
    if (!takes_code_first(program) || has_operand(command, i)) continue;
    if (is_one_of(last, "-F", "-f", "-v", "-i", "-o", "-p") || begun.text.starts_with('-'))
      continue;
    return "within the code of " + std::string(program);
  }
  return "";
}

std::string danger_in_test(const ShellWords& command) {
  const ShellWord& last = command.back();
  if (is_undecided(command) || (last.literal && makes_texts(last.text))) return "";
  const bool asks_for_file =
      last.literal && last.text.size() == 2 && last.text[0] == '-' &&
      std::string_view("abcdefghknprstuwxzGLNOS").find(last.text[1]) != std::string_view::npos;
  return asks_for_file ? "" : "in a comparison of [[ ]], which computes";
}

std::string danger_of_arguments(const ShellWords& command, const ShellWord& begun) {
  const std::size_t i = name_in(command);
  const ShellWord& name = command[i];
  const ShellWord& last = command.back();
  if (name.is_value) return behind_value;
  if (is_evaluating_builtin(name.text)) return "in what " + name.text + " evaluates";
  if (name.text == "export" && (!is_assignment(begun.text) || last.text.starts_with('-')))
    return "in what export evaluates";
  if (name.text == "printf" && !has_operand(command, i)) return "in front of printf's format";
  if (is_one_of(name.text, "test", "[") && i + 1 < command.size() &&
      (!last.literal || is_one_of(last.text, "-v", "-R")))
    return "in what " + name.text + " evaluates";
  return "";
}

}  // namespace

bool is_descriptor(const std::string& word) {
  return word.find_first_not_of("0123456789") == std::string::npos ||
         (word.starts_with('{') && word.ends_with('}'));
}

bool ends_in_name(const ShellWords& command) {
  return !command.empty() && name_in(command) + 1 >= command.size();
}

bool is_in_test(const ShellWords& command) {
  return name_of(command) == "[[" && command.back().text != "]]";
}

bool is_undecided(const ShellWords& command) {
  return is_one_of(command.back().text, "[[", "!", "(", "&", "|");
}

bool makes_texts(const std::string& word) {
  return is_one_of(word, "==", "=", "!=", "=~", "<", ">", "]]", "&", "|", ")");
}

std::string danger_in(const ShellWords& command, const ShellWord& begun) {
  if (begun.text.starts_with('[') || is_element(begun.text)) return "in a subscript, [ ]";
  const std::size_t name = name_in(command);
  if (name == command.size()) {
    if (is_assignment(begun.text) &&
        is_evaluated_variable(std::string_view(begun.text).substr(0, name_length(begun.text))))
      return "in a variable that the shell evaluates";
    return "";
  }
  if (is_in_test(command)) return danger_in_test(command);
  const std::string danger = danger_of_arguments(command, begun);
  return danger.empty() ? danger_of_code(command, begun) : danger;
}

std::string danger_in_input(const ShellWords& command) {
  for (const ShellWord& word : command)
    if (is_code_option(file_name(word.text), "-c"))
      return "within the code of " + std::string(file_name(word.text));
  return "";
}

bool keeps_value(const ShellWords& command, const ShellWord& begun) {
  const std::string_view name = name_of(command);
  if (name.empty() || name == "export") return is_assignment(begun.text);
  return is_one_of(name, "for", "select", "set");
}

bool keeps_input(const ShellWords& command) {
  return ends_in_name(command) &&
         is_one_of(command.back().text, "read", "mapfile", "readarray", "function", "getopts");
}

bool evaluates(const ShellWords& command) {
  const ShellWord& last = command.back();
  if (is_one_of(name_of(command), "[["))
    return is_one_of(last.text, "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-v", "-R");
  if (is_element(last.text) && !last.literal) return true;
  if (!last.literal && !danger_of_code({command.begin(), command.end() - 1}, last).empty())
    return true;
  const bool is_name = name_in(command) + 1 == command.size();
  return is_name && (!last.literal || is_evaluating_builtin(last.text));
}

bool declares(const ShellWords& command) {
  return ends_in_name(command) &&
         is_one_of(command.back().text, "declare", "typeset", "local", "readonly");
}

}  // namespace gradstep::pipeline
