#include "steps/tracking/azure.hpp"

#include "steps/json_values.hpp"
#include "steps/tracking/encoding.hpp"

namespace gradstep {

std::optional<AzureAddress> azure_address(const Url& url) {
  constexpr std::string_view begin = "/mlflow/v";
  const std::string_view path = url.path;
  const std::size_t scope = path.find('/', begin.size());
  if (!path.starts_with(begin) || scope == std::string_view::npos) return std::nullopt;
  std::string_view workspace = path.substr(scope);
  while (workspace.ends_with('/')) workspace.remove_suffix(1);
  if (workspace.empty()) return std::nullopt;
  const std::string host = "https://" + url.authority;
  return AzureAddress{.base_url = host + "/mlflow/v2.0" + std::string(workspace),
                      .history_url = host + "/history/v1.0" + std::string(workspace)};
}

std::int64_t expiry_of_token(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return 0;
  const auto claims = base64url_decoded(token.substr(first + 1, second - first - 1));
  const Json json = claims ? Json::parse(*claims, nullptr, false) : Json();
  if (!json.is_object()) return 0;
  const auto expiry = json.find("exp");
  return expiry != json.end() && expiry->is_number() ? expiry->get<std::int64_t>() : 0;
}

std::string renewed_token(std::string_view answer) {
  const Json json = Json::parse(answer, nullptr, false);
  if (!json.is_object()) return {};
  const auto token = json.find("token");
  return token != json.end() && token->is_string() ? token->get<std::string>() : std::string();
}

}  // namespace gradstep
