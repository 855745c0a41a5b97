#include "steps/pipeline/check/report.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

namespace gradstep::pipeline {

std::string describe(const YamlNode& node) {
  if (node.is_mapping()) return "a mapping";
  if (node.is_sequence()) return "a list";
  switch (node.type) {
    case ScalarType::null:
      return "nothing";
    case ScalarType::boolean:
      return "the boolean " + node.text;
    case ScalarType::integer:
    case ScalarType::real:
      return "the number " + node.text;
    case ScalarType::timestamp:
      return "the date " + node.text;
    case ScalarType::text:
      break;
  }
  constexpr std::size_t longest = 60;
  return node.text.size() > longest ? '\'' + node.text.substr(0, longest) + "...'"
                                    : in_quotes(node.text);
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string suggestion(const std::string& word, const std::vector<std::string>& candidates) {
  if (!closest(word, candidates).empty()) return did_you_mean(word, candidates);
  if (candidates.empty()) return "";
  std::string names = ": there is ";
  for (const std::string& candidate : candidates)
    names += candidate + (&candidate == &candidates.back() ? "" : ", ");
  return names;
}

std::string one_of(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace gradstep::pipeline
