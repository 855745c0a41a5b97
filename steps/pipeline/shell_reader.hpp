#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "steps/pipeline/shell_words.hpp"

namespace gradstep::pipeline {

/// Reads a script as a shell does, character by character, to know where its bindings stand: how
/// each is quoted, and whether the shell would run what the value says.
///
/// A variable's value is never read as syntax, but for what bash evaluates: arithmetic, subscripts,
/// `eval`, a script handed to `sh -c`, and the like. A binding may not stand there. What a script
/// keeps (variables, functions' arguments) and evaluates elsewhere counts as evaluated.
class ShellReader {
 public:
  enum class Quotes { bare, within_double, single, dollar_single, comment, refused };
  struct Place {
    Quotes quotes = Quotes::bare;
    bool after_backslash = false;  ///< which would take the next character away
  };
  struct Refusal {
    std::size_t binding = 0;  ///< counted from 0
    std::string reason;
  };

  void read(char c);
  [[nodiscard]] Place read_binding();
  /// At the end of the script: the bindings that may not stand where they do, unless their values
  /// are plain numbers. Later ones may come first.
  [[nodiscard]] std::vector<Refusal> refusals();

 private:
  enum class Kind {
    commands,
    within_double,
    single,
    dollar_single,
    comment,
    substitution,  // $( )
    parentheses,
    backticks,
    cases,       // case ... esac
    arithmetic,  // $(( )), (( )), $[ ]
    parameter,   // ${ }
  };
  struct Frame {
    Kind kind = Kind::commands;
    ShellWords words = {};  ///< of the command that is being read
    ShellWord word = {};
    bool redirects = false;  ///< the word is a file's name
    bool here_string = false;
  };

  static bool holds_commands(Kind kind);
  Frame& commands();
  void read_bare(char c, char before);
  void read_in_double(char c, char before);
  void read_in_parameter(char c, char before);
  void read_redirection(char c, char before);
  void open_parenthesis(char before);
  void close_parenthesis();
  void begin_or_end_backticks();
  void push(Kind kind) { frames_.push_back(Frame{.kind = kind}); }
  void pop();
  void add_to_word(char c);
  void end_word(bool before_blank = false);
  void end_command();
  void note_word(Frame& frame);
  void refuse(std::size_t binding, const std::string& reason);

  std::vector<Frame> frames_ = {Frame{}};
  ShellWords ended_;  ///< the words before a `&`, which may become `&>`
  std::vector<Refusal> refusals_;
  std::size_t bindings_ = 0;
  char before_ = '\n';
  int less_than_ = 0;  ///< `<` in a row
  bool escaped_ = false;
  bool lost_ = false;       ///< behind something that is not read here
  bool evaluates_ = false;  ///< runs what a variable says
  bool integers_ = false;   ///< assignments may be arithmetic
  bool keeps_all_ = false;  ///< any value may be in a variable
  std::vector<std::size_t> kept_;
};

}  // namespace gradstep::pipeline
