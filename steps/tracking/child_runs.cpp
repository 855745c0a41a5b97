#include "steps/tracking/child_runs.hpp"

#include <cstddef>

#include "steps/tracking/retry.hpp"

namespace gradstep {

void ChildRuns::create(Session& session, const Run& parent, const std::string& user,
                       const KeyValues& tags) {
  std::vector<HttpRequest> requests;
  requests.reserve(record_.children.size());
  for (const ChildRun& child : record_.children) {
    KeyValues all{{"mlflow.parentRunId", parent.id}, {"mlflow.runName", child.name}};
    for (const KeyValues& more : {tags, record_.tags})
      all.insert(all.end(), more.begin(), more.end());
    requests.push_back(requests_.create_run(parent.experiment_id, user, all, record_.start_time));
    // A refusal must not hide the ids of the others.
    requests.back().accepts = [](int status) { return !is_transient(status); };
  }
  const std::vector<HttpResponse> responses = session.send(requests);
  ids_.reserve(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i)
    if (is_success(responses[i].status))
      ids_.push_back(session.text_in(requests[i], responses[i], {"run", "info", "run_id"}));
  for (std::size_t i = 0; i < requests.size(); ++i)
    if (!is_success(responses[i].status)) session.refuse(requests[i], responses[i]);
}

std::vector<HttpRequest> ChildRuns::log(const std::string& model_id, std::int64_t time) const {
  const KeyValues no_tags;  // they were created with theirs
  const std::string no_model;
  std::vector<HttpRequest> requests;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    const ChildRun& child = record_.children[i];
    append(requests, requests_.log_batch({.run_id = ids_[i],
                                          .params = child.params,
                                          .tags = no_tags,
                                          .metrics = child.metrics,
                                          .datasets = record_.datasets,
                                          .model_id = child.of_model ? model_id : no_model,
                                          .time = time}));
  }
  return requests;
}

std::vector<HttpRequest> ChildRuns::end(const char* status, std::int64_t time) const {
  std::vector<HttpRequest> requests;
  requests.reserve(ids_.size());
  for (const std::string& id : ids_) requests.push_back(requests_.end_run(id, status, time));
  return requests;
}

}  // namespace gradstep
