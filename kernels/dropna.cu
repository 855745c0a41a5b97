#include "kernels/core/error.hpp"
#include "kernels/dropna.hpp"
namespace gradstep::cuda {
std::int64_t drop_missing_rows(std::span<const double* const>, std::span<std::uint8_t>) { throw Error("todo"); }
std::int64_t compact_rows(std::span<std::uint64_t* const>, std::span<const std::uint8_t>) { throw Error("todo"); }
}
