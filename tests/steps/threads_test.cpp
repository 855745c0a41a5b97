#include "steps/threads.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <optional>
#include <string>

#include "tests/steps/temporary_folder.hpp"

namespace gradstep {
namespace {

/// A made-up /proc and /sys.
class CgroupCpus : public testing::Test {
 protected:
  void has(const std::string& path, const std::string& text) { put(root_.path() / path, text); }
  [[nodiscard]] std::optional<double> cpus() const { return cgroup_cpus(root_.path()); }

 private:
  TemporaryFolder root_;
};

TEST_F(CgroupCpus, AreUnlimitedWithoutCgroups) { EXPECT_EQ(cpus(), std::nullopt); }

TEST_F(CgroupCpus, ReadCpuMaxOfVersion2) {
  has("proc/self/cgroup", "0::/job\n");
  has("sys/fs/cgroup/job/cpu.max", "150000 100000\n");

  EXPECT_EQ(cpus(), 1.5);
}

TEST_F(CgroupCpus, TakeMaxForNoLimit) {
  has("proc/self/cgroup", "0::/job\n");
  has("sys/fs/cgroup/job/cpu.max", "max 100000\n");

  EXPECT_EQ(cpus(), std::nullopt);
}

TEST_F(CgroupCpus, TakeTheSmallestLimitOfAllGroupsAbove) {
  has("proc/self/cgroup", "0::/pod/job/step\n");
  has("sys/fs/cgroup/pod/cpu.max", "200000 100000\n");
  has("sys/fs/cgroup/pod/job/cpu.max", "800000 100000\n");
  has("sys/fs/cgroup/pod/job/step/cpu.max", "max 100000\n");

  EXPECT_EQ(cpus(), 2.0);
}

TEST_F(CgroupCpus, FindTheContainersOwnGroupAtTheMount) {
  has("proc/self/cgroup", "0::/\n");
  has("sys/fs/cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(cpus(), 0.5);

  has("proc/self/cgroup", "0::/only/the/host/sees/this\n");
  EXPECT_EQ(cpus(), 0.5);
}

TEST_F(CgroupCpus, ReadTheQuotaOfVersion1) {
  has("proc/self/cgroup", "5:memory:/job\n4:cpu,cpuacct:/job\n0::/\n");
  has("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "300000\n");
  has("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");

  EXPECT_EQ(cpus(), 3.0);
}

TEST_F(CgroupCpus, TakeMinusOneOfVersion1ForNoLimit) {
  has("proc/self/cgroup", "4:cpu:/job\n");
  has("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "-1\n");
  has("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");

  EXPECT_EQ(cpus(), std::nullopt);
}

TEST_F(CgroupCpus, AreNotMisledByOtherControllersOrGarbage) {
  has("proc/self/cgroup", "3:cpuset:/job\n0::/job\nnonsense\n");
  has("sys/fs/cgroup/cpuset/job/cpu.cfs_quota_us", "100000\n");
  has("sys/fs/cgroup/cpuset/job/cpu.cfs_period_us", "100000\n");
  has("sys/fs/cgroup/job/cpu.max", "garbage\n");

  EXPECT_EQ(cpus(), std::nullopt);
}

TEST(UsableThreads, FollowTheAffinityMask) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);

  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(usable_threads(), 1);

  ASSERT_EQ(::sched_setaffinity(0, sizeof before, &before), 0);
  EXPECT_GE(usable_threads(), 1);
  EXPECT_LE(usable_threads(), CPU_COUNT(&before));
}

}  // namespace
}  // namespace gradstep
