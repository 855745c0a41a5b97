#include "steps/pipeline/run/sweep.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>
#include <string_view>

#include "steps/error.hpp"
#include "steps/json_values.hpp"
#include "steps/python_repr.hpp"

namespace gradstep::pipeline {
namespace {

/// Random numbers that are the same everywhere: the standard library's engines are, its
/// distributions are not.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed) {}

  /// From 0 up to, but not, 1, in steps of 2^-53.
  double unit() { return static_cast<double>(engine_() >> 11U) * 0x1p-53; }

  /// 0 … count - 1. The product is never rounded up to `count`: it lies 2^-53 of it below.
  std::uint64_t below(double count) { return static_cast<std::uint64_t>(unit() * count); }

  /// hi at most: the difference may have been rounded up.
  double uniform(double lo, double hi) { return std::min(hi, lo + (hi - lo) * unit()); }

  /// Source: Kinderman and Monahan, "Computer generation of random variables using the ratio of
  /// uniform deviates", 1977. The logarithm, whose last bit differs between machines, only decides
  /// which pairs are taken.
  double normal(double mu, double sigma) {
    constexpr double width = 1.7155277699214135;  // 4 e^-0.5 / sqrt(2)
    for (;;) {
      const double u = unit();
      const double v = 1 - unit();
      const double z = width * (u - 0.5) / v;
      if (z * z / 4 <= -std::log(v)) return mu + z * sigma;
    }
  }

 private:
  std::mt19937_64 engine_;
};

/// e^x. In double the last bit depends on which instructions the CPU has.
double exponential(double x) { return static_cast<double>(std::exp(static_cast<long double>(x))); }

/// Halves go to the even side, as Python's round() has it.
double quantised(double value, double q) { return std::nearbyint(value / q) * q; }

/// A number drawn from anything but a choice: "[q][log]uniform", "[q][log]normal".
double drawn_number(const SearchParameter& parameter, Draw& draw) {
  std::string_view kind = parameter.distribution;
  const auto taken_off = [&kind](std::string_view prefix) {
    const bool there = kind.starts_with(prefix);
    if (there) kind.remove_prefix(prefix.size());
    return there;
  };
  const bool quantise = taken_off("q");
  const bool raise = taken_off("log");
  expects(kind == "uniform" || kind == "normal", "the distribution is one of Azure ML's");
  const std::vector<double>& numbers = parameter.numbers;
  expects(numbers.size() == (quantise ? 3 : 2), "a distribution has all its numbers");
  expects(!quantise || numbers[2] > 0, "q is above 0");

  double value = kind == "uniform" ? draw.uniform(numbers[0], numbers[1])
                                   : draw.normal(numbers[0], numbers[1]);
  if (raise) value = exponential(value);
  if (quantise) value = quantised(value, numbers[2]);
  return value + 0.0;  // no -0.0
}

std::string drawn_value(const SearchParameter& parameter, Draw& draw) {
  if (parameter.distribution == "choice") {
    expects(!parameter.values.empty(), "a choice has values");
    return parameter.values[draw.below(static_cast<double>(parameter.values.size()))];
  }
  if (parameter.distribution == "randint") {
    expects(parameter.numbers.size() == 1 && parameter.numbers[0] >= 1 &&
                parameter.numbers[0] <= 0x1p53,
            "randint has an upper bound from 1 to 2^53");
    return std::to_string(draw.below(std::floor(parameter.numbers[0])));
  }
  return python_repr(drawn_number(parameter, draw));
}

std::vector<TrialValues> random_trials(const Sweep& sweep, std::uint64_t seed) {
  Draw draw(seed);
  std::vector<TrialValues> trials;
  for (int i = 0; i < sweep.max_total_trials; ++i) {
    TrialValues& trial = trials.emplace_back();
    for (const SearchParameter& parameter : sweep.space) {
      trial.emplace_back(parameter.input, drawn_value(parameter, draw));
    }
  }
  return trials;
}

/// Steps `indices` to the next combination, as an odometer; false after the last.
bool next_combination(const std::vector<SearchParameter>& space,
                      std::vector<std::size_t>& indices) {
  for (std::size_t k = space.size(); k-- > 0;) {
    if (++indices[k] < space[k].values.size()) return true;
    indices[k] = 0;
  }
  return false;
}

std::vector<TrialValues> grid_trials(const Sweep& sweep) {
  for (const SearchParameter& parameter : sweep.space) {
    expects(parameter.distribution == "choice" && !parameter.values.empty(),
            "a grid is made of choices");
  }
  std::vector<TrialValues> trials;
  std::vector<std::size_t> indices(sweep.space.size());
  for (int i = 0; i < sweep.max_total_trials; ++i) {
    TrialValues& trial = trials.emplace_back();
    for (std::size_t k = 0; k < indices.size(); ++k) {
      trial.emplace_back(sweep.space[k].input, sweep.space[k].values[indices[k]]);
    }
    if (!next_combination(sweep.space, indices)) break;
  }
  return trials;
}

/// The object of `key`; nullptr when there is none.
const Json* object_in(const Json& json, const char* key) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(key);
  return found != json.end() && found->is_object() ? &*found : nullptr;
}

Json json_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw IoError("read", path, errno);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    throw DataError(path.string() + ": it is not JSON, so that no metric can be read from it");
  }
  return json;
}

}  // namespace

std::vector<TrialValues> draw_trials(const Sweep& sweep, std::uint64_t seed) {
  expects(!sweep.space.empty(), "a sweep has a search space");
  if (sweep.sampling == Sweep::Sampling::grid) return grid_trials(sweep);
  return random_trials(sweep, sweep.seed.value_or(seed));
}

std::optional<double> metric_in(const std::vector<std::filesystem::path>& folders,
                                const std::string& metric) {
  for (const std::filesystem::path& folder : folders) {
    const std::filesystem::path path = folder / "metrics.json";
    std::error_code missing;
    if (!std::filesystem::is_regular_file(path, missing)) continue;
    const Json json = json_file(path);
    const Json* const metrics = object_in(json, "metrics");
    if (metrics == nullptr) continue;
    const auto found = metrics->find(metric);
    if (found != metrics->end() && found->is_number()) return found->get<double>();
  }
  return std::nullopt;
}

std::optional<std::size_t> best_trial(const std::vector<std::optional<double>>& values,
                                      bool maximize) {
  std::optional<std::size_t> best;
  double best_value = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[i].value_or(std::numeric_limits<double>::quiet_NaN());
    if (std::isnan(value)) continue;
    if (best && (maximize ? value <= best_value : value >= best_value)) continue;
    best = i;
    best_value = value;
  }
  return best;
}

}  // namespace gradstep::pipeline
