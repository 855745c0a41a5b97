#include "steps/tracking/url.hpp"

#include <algorithm>

#include "steps/tracking/encoding.hpp"

namespace gradstep {
namespace {

std::string lower(std::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return small;
}

/// Takes what lies before the first of `ends` off the front of `rest`.
std::string_view take_until(std::string_view& rest, std::string_view ends) {
  const std::string_view taken = rest.substr(0, rest.find_first_of(ends));
  rest.remove_prefix(taken.size());
  return taken;
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  const bool clean = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f' || c == '\\';
  });
  const std::size_t colon = text.find("://");
  if (!clean || colon == 0 || colon == std::string_view::npos) return std::nullopt;
  Url url;
  url.scheme = lower(text.substr(0, colon));
  std::string_view rest = text.substr(colon + 3);
  std::string_view authority = take_until(rest, "/?#");
  url.path = take_until(rest, "?#");
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    std::string_view user = authority.substr(0, at);
    url.user = percent_decoded(take_until(user, ":"));
    if (!user.empty()) url.password = percent_decoded(user.substr(1));
    authority.remove_prefix(at + 1);
  }
  url.authority = lower(authority);
  const std::string own_port = url.scheme == "https" ? ":443" : ":80";
  if (url.authority.ends_with(own_port))
    url.authority.resize(url.authority.size() - own_port.size());
  if (url.authority.empty()) return std::nullopt;
  return url;
}

bool may_share_secrets(const Url& first, const Url& other) {
  if (first.authority != other.authority) return false;
  if (first.scheme == other.scheme) return true;
  const bool own_ports =
      first.authority.find(':', first.authority.rfind(']') + 1) == std::string::npos;
  return first.scheme == "http" && other.scheme == "https" && own_ports;
}

std::string shown_url(std::string_view text) {
  const std::optional<Url> url = parse_url(text);
  return url ? url->origin() + url->path : "an address that is none";
}

}  // namespace gradstep
