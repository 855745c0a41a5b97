#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "steps/error.hpp"
#include "steps/pipeline/command_template.hpp"

namespace gradstep::pipeline {
namespace {

/// Follows a script as a shell reads it, character by character, to know how a place is quoted.
///
/// A variable's value is never read as syntax, wherever the variable stands; what is kept track of
/// here decides whether the value stays one word, and whether quotes that are added open or close.
/// The exception is arithmetic, whose variables bash evaluates: no binding may stand there.
class Quoting {
 public:
  void read(char c) {
    const char before = std::exchange(before_, c);
    if (std::exchange(escaped_, false)) {
      before_ = 'x';  // whatever it was, an ordinary character of a word
      return;
    }
    switch (place_.back()) {
      case Place::single:
        if (c == '\'') place_.pop_back();
        return;
      case Place::dollar_single:
        if (c == '\\') escaped_ = true;
        if (c == '\'') place_.pop_back();
        return;
      case Place::comment:
        if (c == '\n') place_.pop_back();
        return;
      case Place::within_double:
        read_in_double(c, before);
        return;
      default:
        read_bare(c, before);
    }
  }

  /// A reference to `variable` as it must be written here. A backslash that has just been read, and
  /// would take the next character away, is in `script` to be mended.
  void refer(const std::string& variable, std::string& script) {
    const std::string braced = "${" + variable + '}';
    const bool after_backslash = std::exchange(escaped_, false);
    before_ = 'x';
    switch (place_.back()) {
      case Place::single:
        script += "'\"" + braced + "\"'";
        return;
      case Place::dollar_single:
        if (after_backslash) script += '\\';
        script += "'\"" + braced + "\"$'";
        return;
      case Place::comment:
        script += braced;
        return;
      case Place::within_double:
        if (after_backslash) script += '\\';
        script += braced;
        return;
      case Place::arithmetic:
        throw DataError(
            "${{...}} within $(( )): the shell would run what the value says; compute "
            "in the program instead");
      default:
        if (after_backslash) script.pop_back();  // it would have quoted the value's first character
        script += '"' + braced + '"';
    }
  }

 private:
  enum class Place {
    bare,
    within_double,
    single,
    dollar_single,
    comment,
    command_substitution,  // $( )
    parentheses,
    backticks,
    arithmetic,  // $(( )), (( ))
  };

  void read_in_double(char c, char before) {
    if (c == '\\') escaped_ = true;
    if (c == '"') place_.pop_back();
    if (c == '`') begin_or_end_backticks();
    if (c == '(' && before == '$') place_.push_back(Place::command_substitution);
  }

  void read_bare(char c, char before) {
    constexpr std::string_view before_a_word = " \t\n;&|()<>`";
    if (c == '\\') escaped_ = true;
    if (c == '"') place_.push_back(Place::within_double);
    if (c == '\'') place_.push_back(before == '$' ? Place::dollar_single : Place::single);
    if (c == '`') begin_or_end_backticks();
    if (c == '#' && before_a_word.find(before) != std::string_view::npos)
      place_.push_back(Place::comment);
    if (c == '(') open_parenthesis(before);
    if (c == ')' && place_.size() > 1 && place_.back() != Place::backticks) place_.pop_back();
  }

  void open_parenthesis(char before) {
    if (before == '(') place_.back() = Place::arithmetic;
    const bool arithmetic = place_.back() == Place::arithmetic;
    place_.push_back(arithmetic      ? Place::arithmetic
                     : before == '$' ? Place::command_substitution
                                     : Place::parentheses);
  }

  void begin_or_end_backticks() {
    const auto open = std::find(place_.begin(), place_.end(), Place::backticks);
    if (open == place_.end()) {
      place_.push_back(Place::backticks);
    } else {
      place_.erase(open, place_.end());
      before_ = 'x';
    }
  }

  std::vector<Place> place_ = {Place::bare};
  char before_ = '\n';
  bool escaped_ = false;
};

/// "inputs.reg_rate" -> "GRADSTEP_INPUT_reg_rate"; what a variable's name cannot hold is '_'.
std::string variable_name(const std::string& binding) {
  std::string name = "GRADSTEP_" + binding;
  if (binding.starts_with("inputs.")) name = "GRADSTEP_INPUT_" + binding.substr(7);
  if (binding.starts_with("outputs.")) name = "GRADSTEP_OUTPUT_" + binding.substr(8);
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '_'; },
      '_');
  return name;
}

/// Writes the script, and keeps the variables that it names.
class Filler {
 public:
  explicit Filler(const std::map<std::string, std::string>& values) : values_(values) {}

  void add_text(const std::string& text) {
    for (const char c : text) quoting_.read(c);
    result_.script += text;
  }

  void add_binding(const std::string& binding) {
    const auto value = values_.find(binding);
    if (value == values_.end())
      throw InvalidArgument("the command needs ${{" + binding + "}}, which has no value");
    if (value->second.find('\0') != std::string::npos)
      throw DataError("${{" + binding + "}}: the value holds a zero byte, which no command takes");
    const auto [named, added] = names_.try_emplace(binding, variable_name(binding));
    if (added) {
      while (!taken_.insert(named->second).second) named->second += '_';
      result_.variables.emplace_back(named->second, value->second);
    }
    quoting_.refer(named->second, result_.script);
  }

  ShellCommand result() { return std::move(result_); }

 private:
  const std::map<std::string, std::string>& values_;
  std::map<std::string, std::string> names_;  // of the variables, by binding
  std::set<std::string> taken_;
  Quoting quoting_;
  ShellCommand result_;
};

}  // namespace

ShellCommand fill_command(const CommandTemplate& command,
                          const std::map<std::string, std::string>& values) {
  std::set<int> left_out;
  for (const CommandPart& part : command.parts)
    if (part.is_binding && part.optional_group >= 0 && !values.contains(part.text))
      left_out.insert(part.optional_group);

  Filler filler(values);
  for (const CommandPart& part : command.parts) {
    if (left_out.contains(part.optional_group)) continue;
    if (part.is_binding) {
      filler.add_binding(part.text);
    } else {
      filler.add_text(part.text);
    }
  }
  return filler.result();
}

}  // namespace gradstep::pipeline
