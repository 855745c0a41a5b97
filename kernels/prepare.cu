#include "kernels/core/error.hpp"
#include "kernels/prepare.hpp"
namespace gradstep::cuda {
Prepared prepare(std::span<const PrepareColumn>, std::span<std::uint64_t* const>, std::span<std::uint8_t>, bool, std::int64_t) { throw Error("todo"); }
}
