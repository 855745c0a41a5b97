#include "steps/tracking/requests.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "steps/error.hpp"
#include "steps/tracking/encoding.hpp"
#include "steps/tracking/request_json.hpp"
#include "steps/tracking/url.hpp"

namespace gradstep {
namespace {

constexpr std::size_t model_params_a_request = 100;
constexpr std::size_t longest_schema = 1048575;  // servers refuse a longer one

const char* content_type_of(std::string_view path) {
  static constexpr std::array<std::pair<const char*, const char*>, 7> types{
      {{".png", "image/png"},
       {".json", "application/json"},
       {".html", "text/html"},
       {".csv", "text/csv"},
       {".txt", "text/plain"},
       {".yaml", "application/yaml"},
       {"MLmodel", "application/yaml"}}};
  for (const auto& [end, type] : types) {
    if (path.ends_with(end)) return type;
  }
  return "application/octet-stream";
}

}  // namespace

std::string MlflowRequests::api(const std::string& path) const {
  return base_url_ + "/api/2.0/mlflow/" + path;
}

HttpRequest MlflowRequests::post(const std::string& path, std::string body) const {
  return {.method = "POST", .url = api(path), .body = std::move(body)};
}

HttpRequest MlflowRequests::experiment(const std::string& id) const {
  return {.url = api("experiments/get?experiment_id=" + percent_encoded(id))};
}

HttpRequest MlflowRequests::find_experiment(const std::string& name) const {
  return {.url = api("experiments/get-by-name?experiment_name=" + percent_encoded(name)),
          .accepts = [](int status) { return is_success(status) || status == 404; }};
}

HttpRequest MlflowRequests::create_experiment(const std::string& name) const {
  HttpRequest request = post("experiments/create", compact_text({{"name", name}}));
  request.accepts = [](int status) { return is_success(status) || status == 400; };
  return request;
}

HttpRequest MlflowRequests::create_run(const std::string& experiment_id, const std::string& user,
                                       const KeyValues& tags, std::int64_t start_time) const {
  return post("runs/create", compact_text({{"experiment_id", experiment_id},
                                           {"user_id", user},
                                           {"start_time", start_time},
                                           {"tags", key_values(tags, limits_.longest_tag)}}));
}

HttpRequest MlflowRequests::find_run(const std::string& run_id) const {
  return {.url = api("runs/get?run_id=" + percent_encoded(run_id))};
}

HttpRequest MlflowRequests::resume_run(const std::string& run_id) const {
  return post("runs/update", compact_text({{"run_id", run_id}, {"status", "RUNNING"}}));
}

HttpRequest MlflowRequests::end_run(const std::string& run_id, const char* status,
                                    std::int64_t end_time) const {
  return post("runs/update",
              compact_text({{"run_id", run_id}, {"status", status}, {"end_time", end_time}}));
}

std::vector<HttpRequest> MlflowRequests::log_batch(const BatchContent& content) const {
  std::vector<HttpRequest> requests;
  for (std::string& body : batch_bodies(content, limits_)) {
    requests.push_back(post("runs/log-batch", std::move(body)));
  }
  return requests;
}

HttpRequest MlflowRequests::log_inputs(const std::string& run_id,
                                       std::span<const DatasetInput> datasets) const {
  Json list = Json::array();
  for (const DatasetInput& input : datasets) {
    list.push_back(
        {{"tags", key_values({{"mlflow.data.context", input.context}}, limits_.longest_tag)},
         {"dataset",
          {{"name", input.name},
           {"digest", input.digest},
           {"source_type", input.source_type},
           {"source", input.source},
           {"schema", input.schema.size() > longest_schema ? "" : input.schema},
           {"profile", input.profile}}}});
  }
  return post("runs/log-inputs", compact_text({{"run_id", run_id}, {"datasets", list}}));
}

HttpRequest MlflowRequests::create_logged_model(const std::string& experiment_id,
                                                const std::string& run_id, const std::string& name,
                                                const KeyValues& params,
                                                const KeyValues& tags) const {
  const auto count = std::min(params.size(), model_params_a_request);
  const KeyValues first(params.begin(), params.begin() + static_cast<std::ptrdiff_t>(count));
  HttpRequest request =
      post("logged-models", compact_text({{"experiment_id", experiment_id},
                                          {"name", name},
                                          {"source_run_id", run_id},
                                          {"params", key_values(first, limits_.longest_param)},
                                          {"tags", key_values(tags, limits_.longest_tag)}}));
  request.accepts = [](int status) { return is_success(status) || status == 404; };
  return request;
}

std::vector<HttpRequest> MlflowRequests::log_more_model_params(const std::string& model_id,
                                                               const KeyValues& params) const {
  std::vector<HttpRequest> requests;
  for (std::size_t i = model_params_a_request; i < params.size(); i += model_params_a_request) {
    const std::size_t count = std::min(model_params_a_request, params.size() - i);
    const auto first = params.begin() + static_cast<std::ptrdiff_t>(i);
    const KeyValues some(first, first + static_cast<std::ptrdiff_t>(count));
    requests.push_back(post("logged-models/" + percent_encoded(model_id) + "/params",
                            compact_text({{"model_id", model_id},
                                          {"params", key_values(some, limits_.longest_param)}})));
  }
  return requests;
}

HttpRequest MlflowRequests::log_output(const std::string& run_id,
                                       const std::string& model_id) const {
  const Json models = Json::array({{{"model_id", model_id}, {"step", 0}}});
  return post("runs/outputs", compact_text({{"run_id", run_id}, {"models", models}}));
}

HttpRequest MlflowRequests::finish_logged_model(const std::string& model_id,
                                                const char* status) const {
  HttpRequest request = post("logged-models/" + percent_encoded(model_id),
                             compact_text({{"model_id", model_id}, {"status", status}}));
  request.method = "PATCH";
  return request;
}

HttpRequest MlflowRequests::log_run_model(const std::string& run_id, const std::string& path,
                                          std::span<const std::string> flavors,
                                          std::int64_t time) const {
  Json names = Json::object();
  for (const std::string& flavor : flavors) names[flavor] = Json::object();
  const Json model{{"run_id", run_id},
                   {"artifact_path", path},
                   {"utc_time_created", python_utc_time(time)},
                   {"flavors", names}};
  return post("runs/log-model",
              compact_text({{"run_id", run_id}, {"model_json", compact_text(model)}}));
}

HttpRequest MlflowRequests::upload(const std::string& artifact_uri, const std::string& path,
                                   std::string bytes) const {
  constexpr std::string_view proxied = "mlflow-artifacts:";
  constexpr const char* artifacts = "/api/2.0/mlflow-artifacts/artifacts";
  std::string folder;
  const std::optional<Url> url = parse_url(artifact_uri);
  const std::optional<Url> server = parse_url(base_url_);
  if (url && (url->scheme == "http" || url->scheme == "https")) {
    folder = url->origin() + url->path;
  } else if (url && server && url->scheme == "mlflow-artifacts") {  // on another host
    folder = server->scheme + "://" + url->authority + server->path + artifacts + url->path;
  } else if (artifact_uri.starts_with(proxied)) {
    const std::size_t path_begin = artifact_uri.find_first_not_of('/', proxied.size());
    folder = base_url_ + artifacts + "/" +
             (path_begin == std::string::npos ? "" : artifact_uri.substr(path_begin));
  } else {
    throw TrackingError(base_url_ +
                        " keeps this experiment's artifacts at a place of its own and takes no "
                        "uploads for it: start the MLflow server with --serve-artifacts, and "
                        "take an experiment that was created since");
  }
  while (folder.ends_with('/')) folder.pop_back();
  return {.method = "PUT",
          .url = percent_encoded(folder, ":/[]%@!$&'()*+,;=") + "/" + percent_encoded(path, "/"),
          .body = std::move(bytes),
          .content_type = content_type_of(path)};
}

HttpRequest MlflowRequests::create_registered_model(const std::string& name) const {
  HttpRequest request = post("registered-models/create", compact_text({{"name", name}}));
  request.accepts = [](int status) { return is_success(status) || status == 400; };
  return request;
}

HttpRequest MlflowRequests::create_model_version(const std::string& name, const std::string& source,
                                                 const std::string& run_id,
                                                 const std::string& model_id) const {
  Json body{{"name", name}, {"source", source}, {"run_id", run_id}};
  if (!model_id.empty()) body["model_id"] = model_id;
  HttpRequest request = post("model-versions/create", compact_text(body));
  request.accepts = [](int status) { return is_success(status) || status == 404; };
  return request;
}

void append(std::vector<HttpRequest>& to, std::vector<HttpRequest> more) {
  std::ranges::move(more, std::back_inserter(to));
}

std::string python_utc_time(std::int64_t milliseconds) {
  const std::time_t seconds = milliseconds / 1000;
  std::tm time{};
  (void)gmtime_r(&seconds, &time);
  std::array<char, 80> text{};
  (void)std::snprintf(text.data(), text.size(), "%04d-%02d-%02d %02d:%02d:%02d.%03d000",
                      time.tm_year + 1900, time.tm_mon + 1, time.tm_mday, time.tm_hour, time.tm_min,
                      time.tm_sec, static_cast<int>(milliseconds % 1000));
  return text.data();
}

}  // namespace gradstep
