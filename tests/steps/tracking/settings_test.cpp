#include "steps/tracking/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "steps/error.hpp"
#include "tests/steps/temporary_folder.hpp"

namespace gradstep {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Variables = std::map<std::string, std::string>;

constexpr const char* uri = "MLFLOW_TRACKING_URI";
constexpr const char* server = "http://mlflow.example:5000";
constexpr const char* azure =
    "azureml://westeurope.api.azureml.ms/mlflow/v1.0/subscriptions/s/resourceGroups/g/providers/"
    "Microsoft.MachineLearningServices/workspaces/w?";

Environment environment(const Variables& variables) {
  return [variables](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

void expect_no_warning(const std::string& line) { ADD_FAILURE() << line; }

TrackingSettings settings(const Variables& variables) {
  const auto read =
      tracking_settings(Tracking::automatic, environment(variables), &expect_no_warning);
  if (!read) throw std::runtime_error("does not track");
  return *read;
}

TrackingSettings with(Variables variables) {
  variables.emplace(uri, server);
  return settings(variables);
}

/// What the user reads when the environment cannot be used.
std::string refusal(Variables variables, Tracking tracking = Tracking::automatic) {
  variables.emplace(uri, server);
  try {
    (void)tracking_settings(tracking, environment(variables), &expect_no_warning);
    return "no refusal";
  } catch (const UsageError& error) {
    return error.what();
  }
}

/// The warning with which an address is not tracked to.
std::string warning(const std::string& address, const Variables& more = {}) {
  Variables variables = more;
  variables[uri] = address;
  std::string said;
  const auto read = tracking_settings(Tracking::automatic, environment(variables),
                                      [&](const std::string& line) { said = line; });
  EXPECT_FALSE(read);
  return said;
}

TEST(TrackingSettings, AreNoneWithoutAnAddress) {
  EXPECT_FALSE(tracking_settings(Tracking::automatic, environment({}), &expect_no_warning));
  EXPECT_FALSE(
      tracking_settings(Tracking::automatic, environment({{uri, ""}}), &expect_no_warning));
  EXPECT_FALSE(tracking_settings(Tracking::off, environment({{uri, server}}), &expect_no_warning));
}

TEST(TrackingSettings, RequiredWithoutAnAddressIsAUsageError) {
  EXPECT_THAT(refusal({{uri, ""}}, Tracking::required),
              HasSubstr("--tracking required: MLFLOW_TRACKING_URI is not set"));
}

TEST(TrackingSettings, HaveMlflowsDefaults) {
  const TrackingSettings read = with({{"LOGNAME", "ann"}});

  EXPECT_EQ(read.base_url, "http://mlflow.example:5000");
  EXPECT_EQ(read.timeout, 120);
  EXPECT_EQ(read.max_retries, 7);
  EXPECT_EQ(read.backoff_factor, 2);
  EXPECT_EQ(read.user, "ann");
  EXPECT_TRUE(read.verify_tls);
  EXPECT_FALSE(read.azure || read.job_owns_run);
  EXPECT_THAT(read.secrets(), IsEmpty());
}

TEST(TrackingSettings, KeepThePathOfTheAddressWithoutItsEnd) {
  EXPECT_EQ(settings({{uri, "HTTPS://Host/a/B/?q#f"}}).base_url, "https://host/a/B");
  EXPECT_EQ(settings({{uri, "https://host:443"}}).base_url, "https://host");
  EXPECT_EQ(settings({{uri, "http://[::1]:5000/"}}).base_url, "http://[::1]:5000");
}

TEST(TrackingSettings, TakeTheLoginOutOfTheAddress) {
  const TrackingSettings read = settings({{uri, "https://a%40b:p%3Aw:x@host/m"}});

  EXPECT_EQ(read.base_url, "https://host/m");
  EXPECT_EQ(read.username, "a@b");
  EXPECT_EQ(read.password, "p:w:x");
  EXPECT_EQ(read.user, "a@b");
}

TEST(TrackingSettings, ReadTheLogin) {
  const TrackingSettings read = with({{"MLFLOW_TRACKING_USERNAME", "ann"},
                                      {"MLFLOW_TRACKING_PASSWORD", "secret"},
                                      {"MLFLOW_TRACKING_TOKEN", "token\n"},
                                      {"MLFLOW_WORKSPACE", "team"}});

  EXPECT_EQ(read.username, "ann");
  EXPECT_EQ(read.password, "secret");
  EXPECT_EQ(read.token, "token");
  EXPECT_EQ(read.workspace, "team");
}

TEST(TrackingSettings, ReadTheCredentialsFile) {
  const TemporaryFolder home;
  std::filesystem::create_directory(home.path() / ".mlflow");
  std::ofstream(home.path() / ".mlflow" / "credentials")
      << "[other]\nmlflow_tracking_username = x\n[mlflow]\n# a comment\n"
         "MLflow_tracking_username = bob\nmlflow_tracking_password: 50%% = b\n";
  const std::string folder = home.path().string();

  EXPECT_EQ(with({{"HOME", folder}}).username, "bob");
  EXPECT_EQ(with({{"HOME", folder}}).password, "50% = b");
  EXPECT_EQ(with({{"HOME", folder}, {"MLFLOW_TRACKING_USERNAME", "ann"}}).username, "ann");
  EXPECT_EQ(with({{"HOME", folder}, {"MLFLOW_TRACKING_USERNAME", "ann"}}).password, "50% = b");
}

TEST(TrackingSettings, NameTheExperimentAndTheRun) {
  const TrackingSettings read = with(
      {{"MLFLOW_EXPERIMENT_NAME", "a b"}, {"MLFLOW_EXPERIMENT_ID", "3"}, {"MLFLOW_RUN_ID", "r"}});

  EXPECT_EQ(read.experiment_name, "a b");
  EXPECT_EQ(read.experiment_id, "3");
  EXPECT_EQ(read.run_id, "r");
}

TEST(TrackingSettings, ReadNumbers) {
  const TrackingSettings read = with({{"MLFLOW_HTTP_REQUEST_TIMEOUT", "2.5"},
                                      {"MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0"},
                                      {"MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0"}});

  EXPECT_EQ(read.timeout, 2.5);
  EXPECT_EQ(read.max_retries, 0);
  EXPECT_EQ(read.backoff_factor, 0);
}

TEST(TrackingSettings, RefuseWhatIsNoNumber) {
  for (const char* const wrong : {"0", "-1", "x", "1s", "nan", "inf", "1e9"}) {
    EXPECT_THAT(refusal({{"MLFLOW_HTTP_REQUEST_TIMEOUT", wrong}}),
                HasSubstr("MLFLOW_HTTP_REQUEST_TIMEOUT is '" + std::string(wrong) + "'"));
  }
  for (const char* const wrong : {"-1", "11", "1.5"}) {
    EXPECT_THAT(refusal({{"MLFLOW_HTTP_REQUEST_MAX_RETRIES", wrong}}),
                HasSubstr("a whole number from 0 to 10"));
  }
}

TEST(TrackingSettings, ReadBooleansAsMlflowDoes) {
  for (const char* const yes : {"true", "TRUE", "1"}) {
    EXPECT_FALSE(with({{"MLFLOW_TRACKING_INSECURE_TLS", yes}}).verify_tls) << yes;
  }
  for (const char* const no : {"false", "False", "0", ""}) {
    EXPECT_TRUE(with({{"MLFLOW_TRACKING_INSECURE_TLS", no}}).verify_tls) << no;
  }
  EXPECT_THAT(refusal({{"MLFLOW_TRACKING_INSECURE_TLS", "yes"}}),
              HasSubstr("MLFLOW_TRACKING_INSECURE_TLS is 'yes'"));
}

TEST(TrackingSettings, TakeTheFirstBundleOfCertificates) {
  const TemporaryFolder folder;
  Variables variables;
  const auto add = [&](const char* name) {
    variables[name] = (folder.path() / name).string();
    put(folder.path() / name, "");
    return variables[name];
  };

  const std::string third = add("CURL_CA_BUNDLE");
  EXPECT_EQ(with(variables).ca_bundle, third);
  const std::string second = add("REQUESTS_CA_BUNDLE");
  EXPECT_EQ(with(variables).ca_bundle, second);
  const std::string first = add("MLFLOW_TRACKING_SERVER_CERT_PATH");
  EXPECT_EQ(with(variables).ca_bundle, first);
  const std::string own = add("MLFLOW_TRACKING_CLIENT_CERT_PATH");
  EXPECT_EQ(with(variables).client_certificate, own);
}

TEST(TrackingSettings, RefuseCertificatesThatAreNotThere) {
  EXPECT_THAT(refusal({{"MLFLOW_TRACKING_SERVER_CERT_PATH", "/no/such"}}),
              HasSubstr("MLFLOW_TRACKING_SERVER_CERT_PATH: there is no '/no/such'"));
}

TEST(TrackingSettings, RefuseToLookAndNotToLookAtCertificates) {
  EXPECT_THAT(refusal({{"MLFLOW_TRACKING_INSECURE_TLS", "true"},
                       {"MLFLOW_TRACKING_SERVER_CERT_PATH", "/"}}),
              HasSubstr("contradict each other"));
}

TEST(TrackingSettings, WarnOfStoresThatAreNoServer) {
  EXPECT_THAT(warning("./mlruns"), HasSubstr("is a folder"));
  EXPECT_THAT(warning("file:///tmp/x"), HasSubstr("is a folder"));
  EXPECT_THAT(warning("sqlite:///mlflow.db"), HasSubstr("'sqlite:...'"));
  EXPECT_THAT(warning("postgresql://u:geheim@host/db"), Not(HasSubstr("geheim")));
  EXPECT_THAT(warning("databricks://x"), HasSubstr("nothing is tracked"));
  EXPECT_THAT(refusal({{uri, "sqlite:///mlflow.db"}}, Tracking::required),
              HasSubstr("--tracking required: MLFLOW_TRACKING_URI is 'sqlite:...'"));
}

TEST(TrackingSettings, WarnOfLoginsThatOnlyPythonHas) {
  EXPECT_THAT(warning(server, {{"MLFLOW_TRACKING_AUTH", "kubernetes"}}),
              HasSubstr("MLFLOW_TRACKING_AUTH is set"));
  EXPECT_THAT(warning(server, {{"MLFLOW_TRACKING_AWS_SIGV4", "true"}}),
              HasSubstr("MLFLOW_TRACKING_AWS_SIGV4 is set"));
}

TEST(TrackingSettings, RefuseAddressesThatAreNone) {
  for (const char* const wrong : {"http://", "http:host", "https://a b", "http://u:p@"}) {
    EXPECT_THAT(refusal({{uri, wrong}}), HasSubstr("MLFLOW_TRACKING_URI is no address")) << wrong;
  }
  EXPECT_THAT(refusal({{uri, "http://host\nX: y"}}), HasSubstr("control characters"));
  EXPECT_THAT(refusal({{"MLFLOW_TRACKING_TOKEN", "a\r\nX: y"}}), HasSubstr("control characters"));
}

TEST(TrackingSettings, FindAzureMlsAddress) {
  const TrackingSettings read = settings({{uri, azure}, {"MLFLOW_TRACKING_TOKEN", "t"}});

  EXPECT_EQ(read.base_url,
            "https://westeurope.api.azureml.ms/mlflow/v2.0/subscriptions/s/resourceGroups/g/"
            "providers/Microsoft.MachineLearningServices/workspaces/w");
  EXPECT_EQ(read.token, "t");
  ASSERT_TRUE(read.azure);
  EXPECT_EQ(read.azure->token_url, "");
  EXPECT_EQ(read.azure->token_expiry, 0);
  EXPECT_FALSE(read.job_owns_run);
}

TEST(TrackingSettings, KnowTheRunOfAnAzureMlJob) {
  const TrackingSettings read = settings({{uri, azure},
                                          {"AZUREML_RUN_TOKEN", "t"},
                                          {"AZUREML_RUN_TOKEN_EXPIRY", "1800000000.5"},
                                          {"AZUREML_RUN_ID", "job 1"},
                                          {"AZUREML_EXPERIMENT_ID", "e"}});

  EXPECT_TRUE(read.job_owns_run);
  EXPECT_EQ(read.run_id, "job 1");
  EXPECT_EQ(read.token, "t");
  ASSERT_TRUE(read.azure);
  EXPECT_EQ(read.azure->token_expiry, 1800000000);
  EXPECT_EQ(read.azure->token_url,
            "https://westeurope.api.azureml.ms/history/v1.0/subscriptions/s/resourceGroups/g/"
            "providers/Microsoft.MachineLearningServices/workspaces/w/experimentids/e/runs/job%201/"
            "token");
}

TEST(TrackingSettings, RefuseAzureMlWithoutATokenOrWorkspace) {
  EXPECT_THAT(refusal({{uri, azure}}), HasSubstr("set MLFLOW_TRACKING_TOKEN"));
  EXPECT_THAT(refusal({{uri, "azureml://host/mlflow"}, {"MLFLOW_TRACKING_TOKEN", "t"}}),
              HasSubstr("no address of an Azure ML workspace"));
}

TEST(TrackingSettings, LeaveAzureMlsRunToAzureMl) {
  const TrackingSettings read = with({{"AZUREML_RUN_ID", "job"},
                                      {"AZUREML_RUN_TOKEN", "t"},
                                      {"MLFLOW_RUN_ID", "job"},
                                      {"MLFLOW_EXPERIMENT_ID", "e"},
                                      {"MLFLOW_TRACKING_TOKEN", "t"}});

  EXPECT_EQ(read.run_id + read.experiment_id + read.token, "");
  EXPECT_FALSE(read.job_owns_run);
}

TEST(TrackingSettings, KnowTheFormsOfTheirSecrets) {
  TrackingSettings read;
  read.username = "ann";
  read.password = "p/\"?";

  EXPECT_THAT(read.secrets(), Contains("p/\"?"));
  EXPECT_THAT(read.secrets(), Contains("p%2F%22%3F"));
  EXPECT_THAT(read.secrets(), Contains("p/\\\"?"));
  EXPECT_THAT(read.secrets(), Contains("cC8iPw"));       // base64 of p/"?
  EXPECT_THAT(read.secrets(), Contains("YW5uOnAvIj8"));  // of ann:p/"?
}

}  // namespace
}  // namespace gradstep
