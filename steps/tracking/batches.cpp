#include "steps/tracking/batches.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "steps/tracking/request_json.hpp"

namespace gradstep {
namespace {

/// JSON has no NaN; MLflow takes the names that protobuf gives them.
Json number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

Json metric_row(const LoggedMetric& metric, const BatchContent& content) {
  Json row{{"key", metric.key},
           {"value", number(metric.value)},
           {"timestamp", content.time},
           {"step", metric.step}};
  if (metric.dataset && !content.model_id.empty()) {
    const DatasetInput& dataset = content.datasets[*metric.dataset];
    row["model_id"] = content.model_id;
    row["dataset_name"] = dataset.name;
    row["dataset_digest"] = dataset.digest;
  }
  return row;
}

/// Packs items into bodies of runs/log-batch, each as full as the limits allow.
class BatchPacker {
 public:
  enum Kind : std::size_t { params, tags, metrics };

  BatchPacker(const std::string& run_id, const BatchLimits& limits)
      : limits_(limits), head_("{\"run_id\":" + compact_text(run_id)) {}

  void add(Kind kind, const Json& item) {
    const std::array<std::size_t, 3> most{limits_.params, limits_.tags, limits_.metrics};
    const std::string text = compact_text(item);
    if (items_ == limits_.items || counts_[kind] == most[kind] ||
        (items_ > 0 && bytes_ + text.size() > limits_.bytes)) {
      close_batch();
    }
    lists_[kind] += (counts_[kind] == 0 ? "" : ",") + text;
    ++counts_[kind];
    ++items_;
    bytes_ += text.size() + 1;
  }

  std::vector<std::string> bodies() {
    if (items_ > 0) close_batch();
    return std::move(bodies_);
  }

 private:
  void close_batch() {
    static constexpr std::array<const char*, 3> names{"params", "tags", "metrics"};
    std::string body = head_;
    for (std::size_t k = 0; k < names.size(); ++k) {
      if (counts_[k] > 0) body += ",\"" + std::string(names[k]) + "\":[" + lists_[k] + "]";
    }
    bodies_.push_back(body + "}");
    lists_ = {};
    counts_ = {};
    items_ = bytes_ = 0;
  }

  BatchLimits limits_;
  std::string head_;
  std::array<std::string, 3> lists_;
  std::array<std::size_t, 3> counts_{};
  std::size_t items_ = 0;
  std::size_t bytes_ = 0;
  std::vector<std::string> bodies_;
};

}  // namespace

std::vector<std::string> batch_bodies(const BatchContent& content, const BatchLimits& limits) {
  BatchPacker packer(content.run_id, limits);
  for (const auto& [key, value] : content.params) {
    packer.add(BatchPacker::params, key_value(key, value, limits.longest_param));
  }
  for (const auto& [key, value] : content.tags) {
    packer.add(BatchPacker::tags, key_value(key, value, limits.longest_tag));
  }
  for (const LoggedMetric& metric : content.metrics) {
    packer.add(BatchPacker::metrics, metric_row(metric, content));
  }
  return packer.bodies();
}

}  // namespace gradstep
