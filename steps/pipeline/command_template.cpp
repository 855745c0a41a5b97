#include "steps/pipeline/command_template.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace gradstep::pipeline {
namespace {

bool holds_bracket(std::string_view text) {
  for (const char* bracket : {"${{", "$[[", "]]"})
    if (text.find(bracket) != std::string_view::npos) return true;
  return false;
}

/// Goes through a command once, from left to right.
class Parser {
 public:
  explicit Parser(std::string_view command) : command_(command) {}

  CommandTemplate parse() {
    while (at_ < command_.size()) {
      if (next_is("${{")) {
        take_binding();
      } else if (next_is("$[[")) {
        begin_group();
      } else if (next_is("]]")) {
        take_closing_bracket();
      } else {
        // The shell's own test, `[[ -f x ]]`, whose end closes no optional part.
        if (group_ < 0 && next_is("[[")) {
          ++shell_tests_;
          ++at_;
        }
        ++at_;
      }
    }
    end_text();
    if (group_ >= 0) leave_group_open();
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool next_is(std::string_view text) const {
    return command_.substr(at_).starts_with(text);
  }

  void end_text() {
    if (at_ > text_begin_)
      result_.parts.push_back({false, std::string(command_.substr(text_begin_, at_ - text_begin_)),
                               text_begin_, group_});
    text_begin_ = at_;
  }

  void skip(std::size_t count) {
    at_ += count;
    text_begin_ = at_;
  }

  void take_binding() {
    const std::size_t end = command_.find("}}", at_ + 3);
    const bool closed = end != std::string_view::npos;
    const std::string_view inside =
        closed ? command_.substr(at_ + 3, end - at_ - 3) : std::string_view();
    if (!closed || holds_bracket(inside)) {
      result_.unclosed.push_back({at_, "${{"});
      at_ += 3;  // stays as text
      return;
    }
    end_text();
    result_.parts.push_back({true, std::string(trimmed(inside)), at_, group_});
    skip(end + 2 - at_);
  }

  void begin_group() {
    end_text();
    if (group_ >= 0) leave_group_open();
    group_ = static_cast<int>(result_.optional_groups.size());
    result_.optional_groups.push_back({at_, ""});
    skip(3);
  }

  void take_closing_bracket() {
    if (group_ >= 0) {
      end_text();
      OptionalGroup& group = result_.optional_groups.back();
      group.text = command_.substr(group.offset + 3, at_ - group.offset - 3);
      group_ = -1;
      skip(2);
      return;
    }
    if (shell_tests_ > 0) {
      --shell_tests_;
    } else {
      result_.unclosed.push_back({at_, "]]"});
    }
    at_ += 2;
  }

  void leave_group_open() {
    OptionalGroup& group = result_.optional_groups.back();
    group.text = command_.substr(group.offset + 3, at_ - group.offset - 3);
    result_.unclosed.push_back({group.offset, "$[["});
  }

  std::string_view command_;
  CommandTemplate result_;
  std::size_t at_ = 0;
  std::size_t text_begin_ = 0;
  int group_ = -1;
  int shell_tests_ = 0;
};

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

CommandTemplate parse_command(std::string_view command) { return Parser(command).parse(); }

}  // namespace gradstep::pipeline
