#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "steps/tracking/open_run.hpp"
#include "steps/tracking/record.hpp"
#include "steps/tracking/requests.hpp"
#include "steps/tracking/session.hpp"

namespace gradstep {

/// The runs below a record's own, which share its start, its tags and its end.
///
/// Cost: three requests a child: one creates it, one logs to it, one ends it.
class ChildRuns {
 public:
  /// Both must outlive this.
  ChildRuns(const MlflowRequests& requests, const RunRecord& record)
      : requests_(requests), record_(record) {}

  /// Creates them below `parent`, in parallel. When this throws because the server has refused one,
  /// those that are there are known to end().
  /// @param tags  of where they come from; the record's are added
  /// @throws TrackingError
  void create(Session& session, const Run& parent, const std::string& user, const KeyValues& tags);

  /// What logs their params and metrics; `model_id` is the record's model, or empty.
  [[nodiscard]] std::vector<HttpRequest> log(const std::string& model_id, std::int64_t time) const;

  /// What ends those that are there, as FINISHED or FAILED.
  [[nodiscard]] std::vector<HttpRequest> end(const char* status, std::int64_t time) const;

 private:
  const MlflowRequests& requests_;
  const RunRecord& record_;
  std::vector<std::string> ids_;
};

}  // namespace gradstep
