#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "steps/tracking/url.hpp"

namespace gradstep {

/// What an azureml:// tracking URI stands for.
struct AzureAddress {
  std::string base_url;     ///< MLflow's API: https://<host>/mlflow/v2.0/<workspace's scope>
  std::string history_url;  ///< Azure ML's own: https://<host>/history/v1.0/<workspace's scope>
};

/// nullopt when the path is not /mlflow/v<number>/<scope>.
/// Source: azureml-mlflow, which takes v2.0 for the clients of MLflow 2 and 3
[[nodiscard]] std::optional<AzureAddress> azure_address(const Url& url);

/// The field exp of a JSON Web Token, in seconds since 1970; 0 when `token` is none.
[[nodiscard]] std::int64_t expiry_of_token(std::string_view token);

/// The field token of the answer to GET AzureJob::token_url; "" when there is none.
[[nodiscard]] std::string renewed_token(std::string_view answer);

}  // namespace gradstep
