#include "steps/tracking/credentials_file.hpp"

#include <fstream>
#include <string_view>

namespace gradstep {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// configparser interpolates: a '%' is written twice.
std::string value_of(std::string_view written) {
  std::string value;
  for (std::size_t i = 0; i < written.size(); ++i) {
    value += written[i];
    if (written.substr(i, 2) == "%%") ++i;
  }
  return value;
}

std::string lower(std::string_view text) {
  std::string small(text);
  for (char& c : small) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return small;
}

}  // namespace

Credentials read_credentials(const std::filesystem::path& home) {
  Credentials credentials;
  if (home.empty()) return credentials;
  std::ifstream file(home / ".mlflow" / "credentials");
  bool in_section = false;
  for (std::string line; std::getline(file, line);) {
    const std::string_view text = trimmed(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') continue;
    if (text.front() == '[') {
      in_section = text.substr(0, text.find(']') + 1) == "[mlflow]";
      continue;
    }
    const std::size_t sign = text.find_first_of("=:");
    if (!in_section || sign == std::string_view::npos) continue;
    const std::string key = lower(trimmed(text.substr(0, sign)));
    const std::string value = value_of(trimmed(text.substr(sign + 1)));
    if (key == "mlflow_tracking_username") credentials.username = value;
    if (key == "mlflow_tracking_password") credentials.password = value;
  }
  return credentials;
}

}  // namespace gradstep
