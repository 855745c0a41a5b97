#pragma once

#include <cstdint>
#include <iosfwd>
#include <limits>
#include <vector>

#include "kernels/solver.hpp"

namespace gradstep {

/// The plain numbers of where one model stands.
struct DescentProgress {
  double objective = std::numeric_limits<double>::infinity();
  double step = 1;       ///< the first t to be tried
  double trial = 1;      ///< the largest t of the coming read; below step after a rejection
  double reference = 0;  ///< g' metric^-1 g when progress was last looked at
  double least_slope = std::numeric_limits<double>::infinity();  ///< smallest g' metric^-1 g so far
  std::int32_t since = 0;                                        ///< steps since then
  std::int32_t window = 8;   ///< steps after which progress is looked at
  std::int32_t stalled = 0;  ///< steps at rounding level that got nowhere
  std::int32_t fresh = 0;    ///< 1: the metric is the Hessian at v
  std::int32_t sampled = 0;  ///< 1: the metric is the Hessian of a sample, at a point close to v
  std::int32_t sure = 0;     ///< by the last steps, how sure it is that the metric is the Hessian
  std::int32_t wants_hessian = 0;
  std::int32_t iterations = 0;
  std::int32_t passes = 0;
  std::int32_t hessians = 0;
  double left = 1;          ///< the share of g' metric^-1 g that the last step left
  double sample_reads = 0;  ///< see Fit
  StopReason stop_reason = StopReason::running;

  bool operator==(const DescentProgress&) const = default;
};

/// Where one model stands between two reads of X. v is (coefficients, intercept), length D = d+1.
struct ModelState : DescentProgress {
  std::vector<double> v;          ///< the point reached
  std::vector<double> gradient;   ///< of the objective there, regulariser included
  std::vector<double> direction;  ///< metric^-1 gradient; the next point is v - t direction
  std::vector<double> metric;     ///< D x D, symmetric positive definite

  bool operator==(const ModelState&) const = default;
};

/// All that a solver needs to go on, between two reads of X: of the size of K D x D matrices, and
/// nothing per row. A fit that goes on from a written state has the same bits as one that was
/// never interrupted, given the same data, options and machine type.
class SolverState {
 public:
  std::vector<ModelState> models;  ///< empty: nothing has been done yet

  /// Writes the state as bytes, in the byte order of this machine.
  void write(std::ostream& out) const;

  /// Reads what write() wrote. @throws DataError  the bytes are not a whole state of this version
  [[nodiscard]] static SolverState read(std::istream& in);

  bool operator==(const SolverState&) const = default;
};

}  // namespace gradstep
