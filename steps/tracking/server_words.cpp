#include "steps/tracking/server_words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "steps/json_values.hpp"
#include "steps/tracking/encoding.hpp"
#include "steps/tracking/url.hpp"

namespace gradstep {
namespace {

constexpr std::size_t longest = 400;  // bytes of a message that a person still reads

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// "CODE: message" of {"error_code", "message"} or {"error": {"code", "message"}}.
std::string json_words(const Json& json) {
  if (!json.is_object()) return {};
  const auto error = json.find("error");
  const bool nested = error != json.end() && error->is_object();
  const std::string code = nested ? text_of(*error, "code") : text_of(json, "error_code");
  const std::string message = text_of(nested ? *error : json, "message");
  return code.empty() || message.empty() ? code + message : code + ": " + message;
}

/// `text` with a blank instead of what lies between `begin` and `end`, both included.
std::string without(std::string_view text, std::string_view begin, std::string_view end) {
  std::string rest;
  while (true) {
    const std::size_t from = text.find(begin);
    rest += text.substr(0, from);
    if (from == std::string_view::npos) return rest;
    rest += ' ';
    const std::size_t to = text.find(end, from + begin.size());
    if (to == std::string_view::npos) return rest;
    text.remove_prefix(to + end.size());
  }
}

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string result;
  while (true) {
    const std::size_t at = text.find(what);
    result += text.substr(0, at);
    if (at == std::string_view::npos) return result;
    result += by;
    text.remove_prefix(at + what.size());
  }
}

std::string html_words(std::string html) {
  html = without(html, "<script", "</script>");
  html = without(html, "<style", "</style>");
  html = without(html, "<!--", "-->");
  html = without(html, "<", ">");
  static constexpr std::array<std::pair<const char*, const char*>, 7> entities{{{"&lt;", "<"},
                                                                                {"&gt;", ">"},
                                                                                {"&quot;", "\""},
                                                                                {"&#39;", "'"},
                                                                                {"&#x27;", "'"},
                                                                                {"&nbsp;", " "},
                                                                                {"&amp;", "&"}}};
  for (const auto& [entity, character] : entities) html = replaced(html, entity, character);
  return html;
}

/// Control characters and runs of blanks become one blank.
std::string in_one_line(std::string_view text) {
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    const bool c1 = c == '\xc2' && next >= 0x80U && next <= 0x9fU;  // U+0080 to U+009F
    if (c1) ++i;
    const bool blank = c1 || static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
    if (!blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

std::string utf8(std::uint32_t code) {
  const auto tail = [code](int shift) { return static_cast<char>(0x80U | (code >> shift & 63U)); };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0U | code >> 6), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0U | code >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0U | code >> 18), tail(12), tail(6), tail(0)};
}

struct Escape {
  std::size_t length = 0;  ///< 0: there is none
  std::uint32_t code = 0;
};

/// A number up to `end` (exclusive) as a character; surrogates are none.
Escape numbered(std::string_view digits, int base, std::size_t length) {
  std::uint32_t code = 0;
  const char* const begin = digits.data();  // NOLINT(bugprone-suspicious-stringview-data-usage)
  const char* const end = begin + digits.size();
  const auto [stop, error] = std::from_chars(begin, end, code, base);
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  if (error != std::errc() || stop != end || surrogate || code > 0x10FFFF) return {};
  return {length, code};
}

/// \/, \uXXXX, &#N; or &#xN; at the beginning of `text`.
Escape escape_at(std::string_view text) {
  if (text.starts_with("\\/")) return {2, '/'};
  if (text.starts_with("\\u") && text.size() >= 6) return numbered(text.substr(2, 4), 16, 6);
  if (!text.starts_with("&#")) return {};
  const std::size_t end = text.substr(0, 12).find(';');
  if (end == std::string_view::npos) return {};
  const bool hex = text[2] == 'x' || text[2] == 'X';
  const std::size_t begin = hex ? 3 : 2;
  return numbered(text.substr(begin, end - begin), hex ? 16 : 10, end + 1);
}

/// Escapes decoded once.
std::string unescaped(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const Escape escape = escape_at(text);
    plain += escape.length > 0 ? utf8(escape.code) : std::string(1, text.front());
    text.remove_prefix(std::max<std::size_t>(escape.length, 1));
  }
  return percent_decoded(plain);
}

std::string words_of(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  if (json.is_structured() && json.empty()) return {};
  std::string said = json_words(json);
  if (!said.empty()) return said;
  const std::size_t start = body.find_first_not_of(" \t\r\n");
  const bool html = start != std::string_view::npos && body[start] == '<';
  return html ? html_words(std::string(body)) : std::string(body);
}

}  // namespace

std::string server_words(std::string_view body, const std::vector<std::string>& secrets) {
  std::string words = plain_words(words_of(body), secrets);
  if (words.size() <= longest) return words;
  return std::string(beginning(words, longest - 3)) + "...";
}

std::string plain_words(std::string text, const std::vector<std::string>& secrets) {
  // Again after each step: a secret may look escaped, be escaped, or be of several lines.
  for (int times = 0; times < 2; ++times) text = unescaped(without_secrets(text, secrets));
  return without_secrets(in_one_line(without_secrets(text, secrets)), secrets);
}

std::string plain_url(const std::string& url, const std::string& base_url,
                      const std::vector<std::string>& secrets) {
  const std::string shown = shown_url(url);
  for (const char* const given :
       {"/api/2.0/mlflow-artifacts/artifacts/",  // what follows is not ours
        "/api/2.0/mlflow/logged-models/"}) {
    const std::string own = base_url + given;
    if (shown.starts_with(own)) return own + plain_words(shown.substr(own.size()), secrets);
  }
  return shown.starts_with(base_url + "/") ? shown : plain_words(shown, secrets);
}

std::string without_secrets(std::string text, const std::vector<std::string>& secrets) {
  std::vector<std::string> longest_first = secrets;
  std::sort(longest_first.begin(), longest_first.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
  for (const std::string& secret : longest_first) {
    if (!secret.empty()) text = replaced(text, secret, "***");
  }
  return text;
}

}  // namespace gradstep
