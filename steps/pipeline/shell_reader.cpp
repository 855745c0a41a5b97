#include "steps/pipeline/shell_reader.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "steps/pipeline/shell_words.hpp"

namespace gradstep::pipeline {

bool ShellReader::holds_commands(Kind kind) {
  return kind == Kind::commands || kind == Kind::substitution || kind == Kind::parentheses ||
         kind == Kind::backticks || kind == Kind::cases;
}

/// Where the word stands that is being read.
ShellReader::Frame& ShellReader::commands() {
  return *std::find_if(frames_.rbegin(), frames_.rend(),
                       [](const Frame& frame) { return holds_commands(frame.kind); });
}

void ShellReader::read(char c) {
  const char before = std::exchange(before_, c);
  if (std::exchange(escaped_, false)) {
    before_ = 'x';  // whatever it was, an ordinary character of a word
    add_to_word(c);
    return;
  }
  if (less_than_ == 2 && c != '<') lost_ = true;  // a here-document
  if (c != '<') less_than_ = 0;
  switch (frames_.back().kind) {
    case Kind::single:
    case Kind::dollar_single:
      if (c == '\\' && frames_.back().kind == Kind::dollar_single) escaped_ = true;
      if (c == '\'') {
        pop();
      } else {
        add_to_word(c);
      }
      return;
    case Kind::comment:
      if (c != '\n') return;
      pop();
      end_command();
      return;
    case Kind::within_double:
      return read_in_double(c, before);
    case Kind::parameter:
      return read_in_parameter(c, before);
    case Kind::arithmetic:
      if (std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '$' || c == '`')
        evaluates_ = true;
      if (c == ']' && !frames_.back().words.empty()) return pop();  // of $[ ]
      return read_bare(c, before);
    default:
      return read_bare(c, before);
  }
}

ShellReader::Place ShellReader::read_binding() {
  const std::size_t number = bindings_++;
  Place place{Quotes::bare, std::exchange(escaped_, false)};
  before_ = 'x';
  const Kind kind = frames_.back().kind;
  if (kind == Kind::within_double) place.quotes = Quotes::within_double;
  if (kind == Kind::single) place.quotes = Quotes::single;
  if (kind == Kind::dollar_single) place.quotes = Quotes::dollar_single;
  if (kind == Kind::comment) place.quotes = Quotes::comment;
  if (kind == Kind::comment && !lost_) return place;

  std::string reason =
      lost_ || less_than_ == 2 ? "behind << or quotes that are not understood" : "";
  for (Frame& frame : frames_) {
    if (!reason.empty()) break;
    if (frame.kind == Kind::arithmetic) reason = "within arithmetic, $(( )) or $[ ]";
    if (frame.kind == Kind::parameter) reason = "within ${ }";
    if (holds_commands(frame.kind)) {
      reason =
          frame.here_string ? danger_in_input(frame.words) : danger_in(frame.words, frame.word);
    }
  }
  for (Frame& frame : frames_) {
    if (!holds_commands(frame.kind)) continue;
    if (is_in_test(frame.words) && is_undecided(frame.words))
      frame.word.undecided.push_back(number);
    if (keeps_value(frame.words, frame.word) || frame.here_string) kept_.push_back(number);
    frame.word.begun = true;
    frame.word.literal = false;
    frame.word.is_value = true;
  }
  if (integers_ && !kept_.empty() && kept_.back() == number) reason = "in a declared variable";
  if (!reason.empty()) {
    refuse(number, reason);
    place.quotes = Quotes::refused;
  }
  return place;
}

std::vector<ShellReader::Refusal> ShellReader::refusals() {
  while (frames_.size() > 1) pop();
  end_command();
  if (evaluates_ && keeps_all_) {
    kept_.clear();
    for (std::size_t i = 0; i < bindings_; ++i) kept_.push_back(i);
  }
  if (evaluates_)
    for (const std::size_t binding : kept_)
      refuse(binding, "kept in a script that evaluates what it keeps");
  return refusals_;
}

void ShellReader::read_in_double(char c, char before) {
  if (c == '\\') escaped_ = true;
  if (c == '"') return pop();
  if (c == '`') return begin_or_end_backticks();
  if (c == '(' && before == '$') return push(Kind::substitution);
  if (c == '{' && before == '$') return push(Kind::parameter);
  if (c == '[' && before == '$') {
    push(Kind::arithmetic);
    frames_.back().words.emplace_back();
    return;
  }
  if (c == '$') commands().word.literal = false;
  add_to_word(c);
}

void ShellReader::read_in_parameter(char c, char before) {
  const bool is_offset =
      before == ':' && std::string_view("-=+?").find(c) == std::string_view::npos;
  const bool is_subscript = before == '[' && c != '@' && c != '*';
  if (is_offset || is_subscript) evaluates_ = true;
  if (c == '\\') escaped_ = true;
  if (c == '}') return pop();
  if (c == '"') return push(Kind::within_double);
  if (c == '`') return begin_or_end_backticks();
  if (c == '(' && before == '$') return push(Kind::substitution);
  if (c == '{' && before == '$') return push(Kind::parameter);
  if (c != '\'') return;
  // A quote there, or a character: it depends on what stands around, and on the shell.
  const bool in_double = frames_.size() > 1 && frames_[frames_.size() - 2].kind != Kind::commands;
  if (in_double) lost_ = true;
  push(Kind::single);
}

void ShellReader::read_bare(char c, char before) {
  constexpr std::string_view before_a_word = " \t\n;&|()<>`";
  if (holds_commands(frames_.back().kind) && is_in_test(commands().words) &&
      std::string_view("&|()<>").find(c) != std::string_view::npos && before != '$') {
    end_word();
    add_to_word(c);
    return end_word();
  }
  switch (c) {
    case '\\':
      escaped_ = true;
      return;
    case '"':
    case '\'':
      commands().word.begun = true;
      if (c == '"') return push(Kind::within_double);
      return push(before == '$' ? Kind::dollar_single : Kind::single);
    case '`':
      return begin_or_end_backticks();
    case ' ':
    case '\t':
      return end_word(true);
    case '\n':
    case ';':
    case '|':
      if (c != '|' || before != '>') end_command();
      return;
    case '&':
      if (before == '>' || before == '<') return;
      end_word();
      ended_ = commands().words;
      return end_command();
    case '<':
    case '>':
      return read_redirection(c, before);
    case '(':
      return open_parenthesis(before);
    case ')':
      return close_parenthesis();
    case '#':
      if (before_a_word.find(before) != std::string_view::npos &&
          frames_.back().kind != Kind::arithmetic)
        return push(Kind::comment);
      break;
    case '{':
      if (before == '$') return push(Kind::parameter);
      break;
    case '[':
      if (before != '$') break;
      push(Kind::arithmetic);
      frames_.back().words.emplace_back();
      return;
    case '$':
      commands().word.literal = false;
      break;
    default:
      break;
  }
  add_to_word(c);
}

void ShellReader::read_redirection(char c, char before) {
  if (c == '<') ++less_than_;
  Frame& frame = commands();
  if (before == '&' && c == '>') frame.words = std::exchange(ended_, {});
  if (is_descriptor(frame.word.text)) frame.word = {};
  end_word();
  frame.redirects = true;
  frame.here_string = less_than_ == 3;
}

void ShellReader::open_parenthesis(char before) {
  if (before == '(') frames_.back().kind = Kind::arithmetic;
  const bool arithmetic = frames_.back().kind == Kind::arithmetic && before != '$';
  const ShellWord& word = commands().word;
  const bool is_array = !arithmetic && before == '=' && word.text.ends_with('=');
  const bool is_plain = !arithmetic && before != '$' && !is_array;
  if (is_plain && word.begun) keeps_all_ = true;  // name() { ... }
  if (is_plain && before != '(') end_word();
  push(arithmetic ? Kind::arithmetic : before == '$' ? Kind::substitution : Kind::parentheses);
  if (is_array) frames_.back().words.push_back({.text = "set"});  // keeps its words as well
}

void ShellReader::close_parenthesis() {
  end_command();
  const Kind kind = frames_.back().kind;
  if (frames_.size() > 1 && kind != Kind::backticks && kind != Kind::cases) pop();
}

void ShellReader::begin_or_end_backticks() {
  const auto open = std::find_if(frames_.begin(), frames_.end(),
                                 [](const Frame& frame) { return frame.kind == Kind::backticks; });
  if (open == frames_.end()) {
    commands().word.literal = false;
    push(Kind::backticks);
    return;
  }
  while (frames_.back().kind != Kind::backticks) pop();
  pop();
  before_ = 'x';
}

void ShellReader::pop() {
  if (holds_commands(frames_.back().kind)) end_command();
  const Kind kind = frames_.back().kind;
  frames_.pop_back();
  before_ = 'x';
  ShellWord& word = commands().word;
  word.begun = true;
  if (kind == Kind::comment || (kind == Kind::parentheses && word.text.empty())) word = {};
}

void ShellReader::add_to_word(char c) {
  ShellWord& word = commands().word;
  word.begun = true;
  word.text += c;
}

void ShellReader::end_word(bool before_blank) {
  if (frames_.back().kind == Kind::arithmetic) return;
  Frame& frame = commands();
  if (!frame.word.begun) return;
  const bool redirects = std::exchange(frame.redirects, false);
  frame.here_string = false;
  ShellWord word = std::exchange(frame.word, {});
  if (redirects) return;
  frame.words.push_back(std::move(word));
  note_word(frame);
  const std::string text = frame.words.back().text;
  if (frame.kind == Kind::cases && text == "in" && frame.words.size() == 3) frame.words.clear();
  if (frame.kind == Kind::cases && text == "esac" && frame.words.size() == 1) {
    frames_.pop_back();
    commands().word = {};
  } else if (text == "case" && before_blank && ends_in_name(frame.words)) {
    push(Kind::cases);
    frames_.back().words.push_back({.text = "case"});  // until `in`
  }
}

void ShellReader::end_command() {
  end_word();
  Frame& frame = commands();
  frame.words.clear();
  frame.redirects = false;
}

/// What a word says about those before it, and about the rest of the script.
void ShellReader::note_word(Frame& frame) {
  const ShellWords& words = frame.words;
  if (evaluates(words)) evaluates_ = true;
  if (keeps_input(words)) keeps_all_ = true;
  if (declares(words)) integers_ = true;
  if (words.size() < 2) return;
  const ShellWord& before = words[words.size() - 2];
  if (!makes_texts(words.back().text))
    for (const std::size_t binding : before.undecided)
      refuse(binding, "in a comparison of [[ ]], which computes");
}

void ShellReader::refuse(std::size_t binding, const std::string& reason) {
  refusals_.push_back({binding, reason});
}

}  // namespace gradstep::pipeline
