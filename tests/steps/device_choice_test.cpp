#include "steps/device_choice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "kernels/core/error.hpp"

namespace gradstep {
namespace {

constexpr std::int64_t large = 1LL << 40;

TEST(DeviceChoice, TakesTheCpuWhenAsked) {
  const DeviceChoice choice = choose_device(Device::cpu, large);

  EXPECT_EQ(choice.backend, Backend::cpu);
  EXPECT_EQ(choice.reason, "asked for");
  EXPECT_FALSE(choice.name.empty());
}

TEST(DeviceChoice, TakesTheCpuForSmallData) {
  const DeviceChoice choice = choose_device(Device::automatic, 800000);

  EXPECT_EQ(choice.backend, Backend::cpu);
  EXPECT_FALSE(choice.reason.empty());
}

TEST(DeviceChoice, TakesAGpuForLargeDataWhereThereIsOne) {
  const DeviceChoice choice = choose_device(Device::automatic, large);

  EXPECT_EQ(choice.backend, available(Backend::cuda) ? Backend::cuda : Backend::cpu);
  EXPECT_FALSE(choice.reason.empty());
}

TEST(DeviceChoice, NeverFallsBackFromCuda) {
  if (available(Backend::cuda)) {
    EXPECT_EQ(choose_device(Device::cuda, 0).backend, Backend::cuda);
    return;
  }
  EXPECT_THROW((void)choose_device(Device::cuda, large), BackendUnavailable);
}

TEST(DeviceChoice, DescribesItselfInOneLine) {
  EXPECT_EQ(describe({Backend::cpu, "Some CPU", "asked for", false}),
            "device: cpu (Some CPU): asked for");
  EXPECT_EQ(describe({Backend::cuda, "Some GPU", "large data", false}),
            "device: cuda (Some GPU): large data");
  EXPECT_EQ(describe({Backend::cuda, "No GPU", "asked for", true}),
            "device: emulated (No GPU): asked for");
}

}  // namespace
}  // namespace gradstep
