#include "steps/plot/texts.hpp"

#include <array>
#include <cstddef>
#include <cstdio>

namespace gradstep::plot {

std::string with_digits(const char* format, double value) {
  std::array<char, 64> text{};
  (void)std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string escaped(const char* text) {
  std::string result;
  for (; *text != '\0'; ++text) {
    const auto byte = static_cast<unsigned char>(*text);
    if (byte == '#') result += '#';
    result += byte < ' ' || byte == 0x7f ? ' ' : *text;
  }
  return result;
}

std::string shortened(const std::string& text, int letters) {
  const auto starts_letter = [&](std::size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
  };
  int seen = 0;
  std::size_t cut = 0;  // where the last letter allowed begins
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!starts_letter(i)) continue;
    if (++seen == letters) cut = i;
  }
  return seen <= letters ? text : text.substr(0, cut) + "…";
}

}  // namespace gradstep::plot
