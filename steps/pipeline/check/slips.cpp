#include "steps/pipeline/check/slips.hpp"

#include <algorithm>
#include <string>

namespace gradstep::pipeline {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view letters_and_dots =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";

std::size_t past(std::string_view text, std::string_view characters, std::size_t begin) {
  return std::min(text.find_first_not_of(characters, begin), text.size());
}

}  // namespace

// By hand: std::regex recurses for each character, and overflows the stack on long texts.
std::optional<BrokenBinding> find_broken_binding(std::string_view text,
                                                 std::initializer_list<std::string_view> openers,
                                                 std::initializer_list<std::string_view> roots,
                                                 std::size_t begin) {
  for (std::size_t at = begin; at < text.size(); ++at) {
    const auto opens = [&](std::string_view opener) { return text.substr(at).starts_with(opener); };
    const auto opener = std::find_if(openers.begin(), openers.end(), opens);
    if (opener == openers.end()) continue;
    const std::size_t first = past(text, blanks, at + opener->size());
    const std::size_t end = past(text, letters_and_dots, first);
    const std::string_view reference = text.substr(first, end - first);
    const auto leads = [&](std::string_view root) {
      return reference.size() > root.size() + 1 && reference.starts_with(root) &&
             reference[root.size()] == '.';
    };
    if (std::none_of(roots.begin(), roots.end(), leads)) continue;
    const std::size_t closed = past(text, "}", past(text, blanks, end));
    return BrokenBinding{at, std::string(text.substr(at, closed - at)), std::string(reference)};
  }
  return std::nullopt;
}

}  // namespace gradstep::pipeline
