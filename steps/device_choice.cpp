#include "steps/device_choice.hpp"

#include <cstdint>
#include <fstream>
#include <string>
#include <utility>

#include "kernels/core/backend.hpp"
#include "kernels/core/error.hpp"
#include "steps/version.hpp"

namespace gradstep {
namespace {

// An estimate, not a measurement: a CUDA context takes a few hundred milliseconds to start and the
// data then have to be copied; in that time a few CPU cores have been through half a gigabyte.
constexpr std::int64_t bytes_that_repay_a_gpu = 512LL << 20;

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t value = line.find(": ");
    if (value != std::string::npos) return line.substr(value + 2);
  }
  return "CPU of unknown model";
}

DeviceChoice on_cpu(std::string reason) {
  return {Backend::cpu, cpu_model(), std::move(reason), false};
}

}  // namespace

DeviceChoice choose_device(Device asked, std::int64_t data_bytes, bool needs_cublas) {
  if (asked == Device::cpu) return on_cpu("asked for");
  if (asked == Device::automatic && !built_with_cuda)
    return on_cpu("this build has no CUDA backend");
  if (asked == Device::automatic && data_bytes < bytes_that_repay_a_gpu)
    return on_cpu("the data are too small to repay the start of a GPU (" +
                  std::to_string(data_bytes >> 20) + " of " +
                  std::to_string(bytes_that_repay_a_gpu >> 20) + " MB)");

  const cuda::DeviceSearch search = cuda::find_devices();
  std::string reason = search.reason;
  if (search.count > 0 && needs_cublas) reason = cuda::why_no_cublas();
  if (reason.empty())
    return {Backend::cuda, search.name, asked == Device::cuda ? "asked for" : "large data",
            search.emulated};
  if (asked == Device::automatic) return on_cpu(std::move(reason));
  throw BackendUnavailable("--device cuda: " + reason + "; use --device cpu or auto");
}

const char* DeviceChoice::kind() const {
  if (backend == Backend::cpu) return "cpu";
  return emulated ? "emulated" : "cuda";
}

std::string describe(const DeviceChoice& choice) {
  return std::string("device: ") + choice.kind() + " (" + choice.name + "): " + choice.reason;
}

}  // namespace gradstep
