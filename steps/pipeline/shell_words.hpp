#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace gradstep::pipeline {

/// A word of a shell's command, without its quotes.
struct ShellWord {
  std::string text = {};
  bool begun = false;
  bool literal = true;    ///< nothing in it is expanded
  bool is_value = false;  ///< a binding stands in it
  std::vector<std::size_t> undecided =
      {};  ///< bindings that the next word of `[[ ]]` decides about
};
using ShellWords = std::vector<ShellWord>;

/// "2" of `2>`, "{fd}" of `{fd}>`.
[[nodiscard]] bool is_descriptor(const std::string& word);
/// Whether the last word is a program's or a builtin's name, or a reserved word.
[[nodiscard]] bool ends_in_name(const ShellWords& command);
/// Within `[[ ]]`.
[[nodiscard]] bool is_in_test(const ShellWords& command);

/// danger_in() an argument of a command whose name is a value.
constexpr const char* behind_value = "behind a command that is a value itself";

/// Why the shell, or the program, would run what a value in the word `begun` says; "" if it does
/// not. The words of the command stand in front of it.
[[nodiscard]] std::string danger_in(const ShellWords& command, const ShellWord& begun);
/// The same for a value in the command's here-string.
[[nodiscard]] std::string danger_in_input(const ShellWords& command);
/// In `[[ ]]`, where what stands in front leaves it open.
[[nodiscard]] bool is_undecided(const ShellWords& command);
/// The next word when it says that those undecided are texts.
[[nodiscard]] bool makes_texts(const std::string& word);

/// Whether a value in the word `begun` goes to a variable.
[[nodiscard]] bool keeps_value(const ShellWords& command, const ShellWord& begun);
/// Whether the command's last word makes it one that takes values from elsewhere to variables.
[[nodiscard]] bool keeps_input(const ShellWords& command);
/// Whether the command's last word makes it one that evaluates what variables say.
[[nodiscard]] bool evaluates(const ShellWords& command);
/// Whether it may make variables ones whose assignments are arithmetic.
[[nodiscard]] bool declares(const ShellWords& command);

}  // namespace gradstep::pipeline
