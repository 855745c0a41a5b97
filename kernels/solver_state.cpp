#include "kernels/solver_state.hpp"

#include <algorithm>
#include <array>
#include <istream>
#include <ostream>
#include <string_view>

#include "kernels/core/error.hpp"

namespace gradstep {
namespace {

constexpr std::string_view magic = "gradstep state 2";

template <class T>
void write_bytes(std::ostream& out, const T* values, std::size_t count) {
  out.write(reinterpret_cast<const char*>(values), static_cast<std::streamsize>(count * sizeof(T)));
}

template <class T>
void read_bytes(std::istream& in, T* values, std::size_t count) {
  in.read(reinterpret_cast<char*>(values), static_cast<std::streamsize>(count * sizeof(T)));
  if (!in) throw DataError("solver state: the bytes end too early");
}

// The plain numbers of a model, by kind: written and read in one order.
template <class Model>
auto reals_of(Model& model) {
  return std::array{&model.objective,   &model.step, &model.trial,       &model.reference,
                    &model.least_slope, &model.left, &model.sample_reads};
}

template <class Model>
auto integers_of(Model& model) {
  return std::array{&model.since,   &model.window,  &model.stalled,       &model.fresh,
                    &model.sampled, &model.sure,    &model.wants_hessian, &model.iterations,
                    &model.passes,  &model.hessians};
}

StopReason stop_reason_of(std::int32_t number) {
  if (number < 0 || number > static_cast<std::int32_t>(StopReason::max_iterations))
    throw DataError("solver state: not a stop reason");
  return static_cast<StopReason>(number);
}

// Grows as bytes arrive: a size that they do not bear out asks for no memory.
void read_values(std::istream& in, std::vector<double>& values, std::size_t count) {
  constexpr std::size_t chunk = 1U << 16U;
  while (values.size() < count) {
    const std::size_t first = values.size();
    values.resize(std::min(count, first + chunk));
    read_bytes(in, values.data() + first, values.size() - first);
  }
}

ModelState read_model(std::istream& in, std::size_t size) {
  ModelState model;
  for (auto* values : {&model.v, &model.gradient, &model.direction}) read_values(in, *values, size);
  read_values(in, model.metric, size * size);
  for (double* real : reals_of(model)) read_bytes(in, real, 1);
  for (std::int32_t* integer : integers_of(model)) read_bytes(in, integer, 1);
  std::int32_t reason = 0;
  read_bytes(in, &reason, 1);
  model.stop_reason = stop_reason_of(reason);
  return model;
}

}  // namespace

void SolverState::write(std::ostream& out) const {
  const std::array<std::uint64_t, 2> sizes{models.size(),
                                           models.empty() ? 0 : models.front().v.size()};
  write_bytes(out, magic.data(), magic.size());
  write_bytes(out, sizes.data(), sizes.size());
  for (const ModelState& model : models) {
    for (const auto* values : {&model.v, &model.gradient, &model.direction, &model.metric})
      write_bytes(out, values->data(), values->size());
    for (const double* real : reals_of(model)) write_bytes(out, real, 1);
    for (const std::int32_t* integer : integers_of(model)) write_bytes(out, integer, 1);
    const auto reason = static_cast<std::int32_t>(model.stop_reason);
    write_bytes(out, &reason, 1);
  }
}

SolverState SolverState::read(std::istream& in) {
  std::array<char, magic.size()> start{};
  read_bytes(in, start.data(), start.size());
  if (std::string_view(start.data(), start.size()) != magic)
    throw DataError("solver state: not a state written by this version");
  std::array<std::uint64_t, 2> sizes{};
  read_bytes(in, sizes.data(), sizes.size());
  constexpr std::uint64_t largest = 1U << 20U;  // of models, and of columns: not to trust any bytes
  if (sizes[0] > largest || sizes[1] > largest) throw DataError("solver state: sizes out of range");
  SolverState state;
  for (std::uint64_t k = 0; k < sizes[0]; ++k)
    state.models.push_back(read_model(in, static_cast<std::size_t>(sizes[1])));
  return state;
}

std::ostream& operator<<(std::ostream& out, StopReason reason) {
  static constexpr std::array names{"running", "tolerance", "stagnation", "max_iterations"};
  return out << names.at(static_cast<std::size_t>(reason));
}

}  // namespace gradstep
