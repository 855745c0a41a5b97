#include "steps/csv/message.hpp"

#include <algorithm>
#include <iterator>

#include "steps/csv/utf8.hpp"

namespace gradstep::csv {

std::string place(const Source& source, std::int64_t offset) {
  return source.name() + ':' + std::to_string(source.line_at(offset));
}

std::string shown(std::string_view text) {
  constexpr std::size_t longest = 60;
  constexpr std::string_view hex = "0123456789abcdef";
  std::string result = "'";
  while (!text.empty() && result.size() < longest) {
    const std::size_t length = decode_utf8(text).length;
    const auto byte = static_cast<unsigned char>(text[0]);
    if (length == 0 || byte < 0x20 || byte == 0x7F) {
      result += {'\\', 'x', hex[byte >> 4U], hex[byte & 0xFU]};
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result + (text.empty() ? "'" : "...'");
}

std::string counted(std::int64_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

DataError quote_not_closed(const Source& source, std::int64_t offset) {
  return DataError(place(source, offset) +
                   ": found a quote that is not closed, expected '\"' before the file ends");
}

DataError no_such_column(const std::vector<std::shared_ptr<const Source>>& sources,
                         std::string_view name, const std::vector<std::string>& names) {
  constexpr std::size_t most_names = 50;
  std::string message = sources.front()->name();
  if (sources.size() > 1) message += " and " + counted(std::ssize(sources) - 1, "file") + " more";
  message += ": found no column " + shown(name) + ", expected one of";
  for (std::size_t i = 0; i < std::min(most_names, names.size()); ++i)
    message += (i == 0 ? " " : ", ") + shown(names[i]);
  if (names.size() > most_names)
    message += " and " + std::to_string(names.size() - most_names) + " more";
  return DataError(message);
}

DataError changed_while_read(const Source& source) {
  return DataError{source.name() + ": the file changed while it was being read"};
}

}  // namespace gradstep::csv
