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
#include "steps/pipeline/shell_reader.hpp"

namespace gradstep::pipeline {
namespace {

using Quotes = ShellReader::Quotes;

/// A reference to `variable` as it must be written there. A backslash that would take its first
/// character away is in `script` to be mended.
void refer(const std::string& variable, const ShellReader::Place& place, std::string& script) {
  const std::string braced = "${" + variable + '}';
  switch (place.quotes) {
    case Quotes::single:
      script += "'\"" + braced + "\"'";
      return;
    case Quotes::dollar_single:
      if (place.after_backslash) script += '\\';
      script += "'\"" + braced + "\"$'";
      return;
    case Quotes::within_double:
      if (place.after_backslash) script += '\\';
      script += braced;
      return;
    case Quotes::comment:
      script += braced;
      return;
    default:
      if (place.after_backslash) script.pop_back();  // it would have quoted the first character
      script += '"' + braced + '"';
  }
}

/// [+-]digits[.digits][e[+-]digits]: nothing in any language of a shell but a number.
bool is_plain_number(std::string_view text) {
  const auto take = [&text](std::string_view characters) {
    const std::size_t count = std::min(text.find_first_not_of(characters), text.size());
    text.remove_prefix(count);
    return count;
  };
  constexpr std::string_view digits = "0123456789";
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  if (take(digits) == 0) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (take(digits) == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (take(digits) == 0) return false;
  }
  return text.empty();
}

std::string refusal_text(const std::string& reason) {
  return reason +
         ", where the shell would run what the value says; let the program itself compute "
         "from it, or pass it as an argument";
}

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
    for (const char c : text) reader_.read(c);
    result_.script += text;
  }

  void add_binding(const std::string& binding) {
    const auto value = values_.find(binding);
    if (value == values_.end())
      throw InvalidArgument("the command needs ${{" + binding + "}}, which has no value");
    if (value->second.find('\0') != std::string::npos)
      throw DataError("${{" + binding + "}}: the value holds a zero byte, which no command takes");
    numbers_.push_back(is_plain_number(value->second));
    bindings_.push_back(binding);
    const ShellReader::Place place = reader_.read_binding();
    if (place.quotes == Quotes::refused) {  // which leaves a number alone: result() sees to it
      result_.script += value->second;
      return;
    }
    const auto [named, added] = names_.try_emplace(binding, variable_name(binding));
    if (added) {
      while (!taken_.insert(named->second).second) named->second += '_';
      result_.variables.emplace_back(named->second, value->second);
    }
    refer(named->second, place, result_.script);
  }

  ShellCommand result() {
    for (const ShellReader::Refusal& refusal : reader_.refusals())
      if (!numbers_[refusal.binding])
        throw DataError("${{" + bindings_[refusal.binding] + "}} stands " +
                        refusal_text(refusal.reason));
    return std::move(result_);
  }

 private:
  const std::map<std::string, std::string>& values_;
  std::map<std::string, std::string> names_;  // of the variables, by binding
  std::set<std::string> taken_;
  std::vector<bool> numbers_;  // of the bindings: whether their values are plain numbers
  std::vector<std::string> bindings_;
  ShellReader reader_;
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

std::vector<RefusedPlace> refused_places(const CommandTemplate& command) {
  ShellReader reader;
  std::vector<std::size_t> offsets;
  for (const CommandPart& part : command.parts) {
    if (part.is_binding) {
      offsets.push_back(part.offset);
      (void)reader.read_binding();
    } else {
      for (const char c : part.text) reader.read(c);
    }
  }
  std::vector<RefusedPlace> places;
  for (const ShellReader::Refusal& refusal : reader.refusals()) {
    const std::size_t offset = offsets[refusal.binding];
    const bool known = std::any_of(places.begin(), places.end(), [&](const RefusedPlace& place) {
      return place.offset == offset;
    });
    if (!known)
      places.push_back({offset, refusal_text(refusal.reason), refusal.reason == behind_value});
  }
  return places;
}

}  // namespace gradstep::pipeline
