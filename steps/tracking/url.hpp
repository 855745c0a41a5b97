#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gradstep {

/// scheme://user:password@host:port/path?query, in its parts.
struct Url {
  std::string scheme;     ///< lower case
  std::string user;       ///< decoded
  std::string password;   ///< decoded
  std::string authority;  ///< host[:port], lower case, without the scheme's own port
  std::string path;       ///< "" or "/…", as it was written, without query and fragment

  /// scheme://host[:port]: who gets what is sent there.
  [[nodiscard]] std::string origin() const { return scheme + "://" + authority; }
};

/// nullopt when `text` has no scheme, "://" and host, or holds blanks or control characters.
[[nodiscard]] std::optional<Url> parse_url(std::string_view text);

/// Whether what is meant for `first` only may be sent to `other`: the same scheme, host and port,
/// or the same host where http became https. Source: requests 2.32, Session.should_strip_auth
[[nodiscard]] bool may_share_secrets(const Url& first, const Url& other);

/// What a message may show of an address that a server gave: no user, no query.
[[nodiscard]] std::string shown_url(std::string_view text);

}  // namespace gradstep
