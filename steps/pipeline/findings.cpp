#include "steps/pipeline/findings.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace gradstep::pipeline {
namespace {

auto place_of(const Finding& finding) {
  return std::tie(finding.file, finding.at.line, finding.at.column, finding.message);
}

/// As people slip: letters only, in lower case, '-' for '_'.
std::string folded(std::string_view word) {
  std::string text(word);
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return c == '-' ? '_' : static_cast<char>(std::tolower(c));
  });
  return text;
}

/// Letters added, left out, replaced, or swapped with their neighbour (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::exchange(last, row);
  }
  return last[b.size()];
}

/// "data" of "output_data", "experiment" of "experiment_name", and the other way round.
bool is_part(const std::string& a, const std::string& b) {
  const auto begins = [](const std::string& whole, const std::string& part) {
    return part.size() >= 3 && (whole.starts_with(part + '_') || whole.ends_with('_' + part));
  };
  return begins(a, b) || begins(b, a);
}

}  // namespace

std::string to_string(const Finding& finding) {
  std::string text = finding.file.string();
  if (finding.at.line > 0) {
    text += ':' + std::to_string(finding.at.line) + ':' + std::to_string(finding.at.column);
  }
  return text + (finding.severity == Severity::error ? ": error: " : ": warning: ") +
         finding.message;
}

void Findings::error(const YamlFile& file, Position at, std::string message) {
  all_.push_back({file.path, at, Severity::error, std::move(message)});
}

void Findings::warning(const YamlFile& file, Position at, std::string message) {
  all_.push_back({file.path, at, Severity::warning, std::move(message)});
}

std::vector<Finding> Findings::sorted() const {
  std::vector<Finding> result = all_;
  std::sort(result.begin(), result.end(),
            [](const Finding& a, const Finding& b) { return place_of(a) < place_of(b); });
  const auto same = [](const Finding& a, const Finding& b) { return place_of(a) == place_of(b); };
  result.erase(std::unique(result.begin(), result.end(), same), result.end());
  return result;
}

bool Findings::has_errors() const {
  return std::any_of(all_.begin(), all_.end(),
                     [](const Finding& finding) { return finding.severity == Severity::error; });
}

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string folded_word = folded(word);
  const auto same = [&](const std::string& candidate) { return folded(candidate) == folded_word; };
  const auto exact = std::find_if(candidates.begin(), candidates.end(), same);
  if (exact != candidates.end()) return *exact;
  std::size_t least = std::max<std::size_t>(1, folded_word.size() / 3);  // a third may be wrong
  std::string best;
  for (const std::string& candidate : candidates) {
    const std::string folded_candidate = folded(candidate);
    const std::size_t slips = distance(folded_word, folded_candidate);
    if (slips <= least && slips < std::max(folded_word.size(), folded_candidate.size()) &&
        (best.empty() || slips < least)) {
      least = slips;
      best = candidate;
    }
  }
  if (!best.empty()) return best;
  const auto part = [&](const std::string& candidate) {
    return is_part(folded_word, folded(candidate));
  };
  const auto longer = std::find_if(candidates.begin(), candidates.end(), part);
  return longer == candidates.end() ? "" : *longer;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string candidate = closest(word, candidates);
  return candidate.empty() ? "" : ", did you mean '" + candidate + "'?";
}

}  // namespace gradstep::pipeline
