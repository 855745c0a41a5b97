#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradstep {

/// What a server's answer says, in one line of at most 400 bytes: error_code and message of JSON
/// (MLflow's, and Azure's nested form), the text of HTML, plain text; "" when it says nothing.
/// Every occurrence of a secret is ***.
[[nodiscard]] std::string server_words(std::string_view body,
                                       const std::vector<std::string>& secrets);

/// A text from a server or libcurl for a message: one line, no control characters, escapes of JSON,
/// HTML and URLs decoded, *** for every occurrence of a secret.
[[nodiscard]] std::string plain_words(std::string text, const std::vector<std::string>& secrets);

/// An address for a message, without user and query; as plain_words but for the part that begins
/// with `base_url` and that no server gave.
[[nodiscard]] std::string plain_url(const std::string& url, const std::string& base_url,
                                    const std::vector<std::string>& secrets);

/// `text` with *** for every occurrence of a secret; empty secrets are none.
[[nodiscard]] std::string without_secrets(std::string text,
                                          const std::vector<std::string>& secrets);

}  // namespace gradstep
