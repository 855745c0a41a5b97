#include "steps/available_memory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/steps/temporary_folder.hpp"

namespace gradstep {
namespace {

class AvailableMemory : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((folder_.path() / path).parent_path());
    std::ofstream(folder_.path() / path) << text;
  }
  [[nodiscard]] std::optional<std::int64_t> found() const {
    return available_memory(folder_.path());
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(AvailableMemory, IsUnknownWhereNothingIsTold) { EXPECT_EQ(found(), std::nullopt); }

TEST_F(AvailableMemory, IsTheSystemsWithoutALimit) {
  write("proc/meminfo", "MemTotal:  9000 kB\nMemFree:  10 kB\nMemAvailable:   2000 kB\n");
  write("proc/self/cgroup", "0::/user\n");
  write("sys/fs/cgroup/user/memory.max", "max\n");
  write("sys/fs/cgroup/user/memory.current", "4096\n");

  EXPECT_EQ(found(), 2000 * 1024);
}

TEST_F(AvailableMemory, IsWhatTheNarrowestGroupLeaves) {
  write("proc/meminfo", "MemAvailable:   2000 kB\n");
  write("proc/self/cgroup", "0::/job/step\n");
  write("sys/fs/cgroup/job/memory.max", "500000\n");
  write("sys/fs/cgroup/job/memory.current", "300000\n");
  write("sys/fs/cgroup/job/memory.stat", "anon 1000\ninactive_file 50000\nactive_file 7\n");
  write("sys/fs/cgroup/job/step/memory.max", "900000\n");
  write("sys/fs/cgroup/job/step/memory.current", "300000\n");

  EXPECT_EQ(found(), 250000);
}

TEST_F(AvailableMemory, KnowsVersionOneAndGroupsThatOnlyTheHostSees) {
  write("proc/meminfo", "MemAvailable:   2000 kB\n");
  write("proc/self/cgroup", "3:cpu,cpuacct:/\n2:memory:/docker/abc\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "500000\n");
  write("sys/fs/cgroup/memory/memory.usage_in_bytes", "600000\n");

  EXPECT_EQ(found(), 0);
}

}  // namespace
}  // namespace gradstep
