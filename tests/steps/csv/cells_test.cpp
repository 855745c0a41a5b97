#include "steps/csv/cells.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

#include "kernels/core/parallel.hpp"
#include "steps/error.hpp"
#include "tests/steps/temporary_folder.hpp"

namespace gradstep::csv {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::int64_t page_cells = 512;

std::vector<std::int64_t> values_of(const Cells& cells) {
  return {cells.int64().begin(), cells.int64().end()};
}

std::vector<std::int64_t> counted(std::int64_t count) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), 0);
  return values;
}

// Appends the numbers from size() on.
void append_counted(Cells& cells, std::int64_t count) {
  const std::int64_t first = cells.size();
  const std::span<std::int64_t> fresh = cells.append(count);
  std::iota(fresh.begin(), fresh.end(), first);
}

// How many of the cells' pages are in the system's cache of files. The first cell starts a page.
std::int64_t pages_in_cache(const Cells& cells) {
  std::vector<unsigned char> in_cache(
      static_cast<std::size_t>((cells.size() + page_cells - 1) / page_cells));
  // mincore takes what it only looks at as a pointer to change it.
  void* const first = const_cast<std::int64_t*>(cells.int64().data());
  EXPECT_EQ(::mincore(first, cells.int64().size_bytes(), in_cache.data()), 0);
  return std::ranges::count_if(in_cache, [](unsigned char page) { return (page & 1) != 0; });
}

// Tries until `holds` or a minute has gone: the disk takes its time.
template <class Attempt, class Holds>
bool comes_true(const Attempt& attempt, const Holds& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (std::chrono::steady_clock::now() < end) {
    attempt();
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

// Sets what a process may write to a file, and takes SIGXFSZ for an error code, within a scope.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit limit{bytes, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &before_), 0);
    (void)std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  sighandler_t handler_;
};

class EveryPlace : public testing::TestWithParam<CellPlace> {};
INSTANTIATE_TEST_SUITE_P(in, EveryPlace,
                         testing::Values(CellPlace::memory, CellPlace::temporary_file),
                         [](const testing::TestParamInfo<CellPlace>& place) {
                           return place.param == CellPlace::memory ? "memory" : "temporary_file";
                         });

TEST_P(EveryPlace, StartsEmpty) {
  const Cells cells(GetParam());

  EXPECT_EQ(cells.place(), GetParam());
  EXPECT_EQ(cells.size(), 0);
  EXPECT_TRUE(cells.int64().empty());
}

TEST_P(EveryPlace, KeepsCellsWhileItGrows) {
  Cells cells(GetParam());

  for (const std::int64_t count : {1, 0, 511, 1, 70'000, 300'000, 3}) append_counted(cells, count);

  EXPECT_EQ(cells.size(), 370'516);
  EXPECT_EQ(values_of(cells), counted(370'516));
}

TEST_P(EveryPlace, ForgetsAndAppendsAgain) {
  Cells cells(GetParam());
  append_counted(cells, 5);

  cells.shrink(2);
  std::ranges::fill(cells.append(2), 9);

  EXPECT_THAT(values_of(cells), ElementsAre(0, 1, 9, 9));
}

TEST_P(EveryPlace, MovesWithItsCells) {
  Cells from(GetParam());
  append_counted(from, 1'000);
  Cells to(GetParam());
  append_counted(to, 10);

  to = std::move(from);
  const Cells third(std::move(to));

  EXPECT_EQ(third.place(), GetParam());
  EXPECT_EQ(values_of(third), counted(1'000));
}

TEST_P(EveryPlace, KeepsCellsWhoseMemoryIsGivenBack) {
  Cells cells(GetParam());
  append_counted(cells, 10 * page_cells);

  cells.evict(0, cells.size());
  cells.release(3, 2 * page_cells + 1);  // not at pages' ends
  cells.prefetch(0, cells.size() + 1'000'000);

  EXPECT_EQ(values_of(cells), counted(10 * page_cells));
}

TEST_P(EveryPlace, KeepsCellsThatOtherThreadsWriteBesideThoseGivenBack) {
  constexpr std::int64_t rows = 1'000;  // so that threads share pages
  constexpr std::int64_t items = 200;
  Cells cells(GetParam());
  (void)cells.append(rows * items);

  for_each_in_order(
      items, 4,
      [&](std::int64_t item, int) {
        const std::span<std::int64_t> part = cells.int64().subspan(
            static_cast<std::size_t>(item * rows), static_cast<std::size_t>(rows));
        std::iota(part.begin(), part.end(), item * rows);
      },
      [&](std::int64_t item, int) { cells.evict(item * rows, (item + 1) * rows); });

  EXPECT_EQ(values_of(cells), counted(rows * items));
}

TEST_P(EveryPlace, ViewsTheSameBytesAsOtherTypes) {
  Cells cells(GetParam());
  cells.append(1)[0] = 0x3FF0000000000000;

  EXPECT_THAT(cells.float64(), ElementsAre(1.0));
  EXPECT_THAT(cells.uint64(), ElementsAre(0x3FF0000000000000U));
}

TEST(CellsInATemporaryFile, LeaveNoNameBehind) {
  const TemporaryFolder folder;
  const std::string before = std::filesystem::temp_directory_path();
  ASSERT_EQ(::setenv("TMPDIR", folder.path().c_str(), 1), 0);

  Cells cells(CellPlace::temporary_file);
  append_counted(cells, 10);

  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  ASSERT_EQ(::setenv("TMPDIR", before.c_str(), 1), 0);
}

TEST(CellsInATemporaryFile, LeaveTheCacheWhenEvictedAndComeBackWhenAskedFor) {
  if (is_in_memory(std::filesystem::temp_directory_path()))
    GTEST_SKIP() << "temporary files are kept in memory here";
  constexpr std::int64_t pages = 8'192;  // 32 MB, more than one request to the disk may be
  Cells cells(CellPlace::temporary_file);
  append_counted(cells, pages * page_cells);
  ASSERT_EQ(pages_in_cache(cells), pages);
  const auto evict = [&] { cells.evict(0, cells.size()); };
  const auto nothing = [] {};

  EXPECT_TRUE(comes_true(evict, [&] { return pages_in_cache(cells) == 0; }));
  EXPECT_EQ(cells.int64()[5 * page_cells], 5 * page_cells);
  EXPECT_LE(pages_in_cache(cells), pages / 16);

  cells.prefetch(0, cells.size());
  EXPECT_TRUE(comes_true(nothing, [&] { return pages_in_cache(cells) == pages; }));
  EXPECT_EQ(values_of(cells), counted(pages * page_cells));
}

TEST(CellsInATemporaryFile, TakeLittleOfTheDiskWhileTheyAreFew) {
  const rlim_t room = 64 << 10;
  const FileSizeLimit limit(room);
  Cells cells(CellPlace::temporary_file);

  append_counted(cells, 5'000);

  EXPECT_EQ(values_of(cells), counted(5'000));
}

TEST(CellsInATemporaryFile, TakeAnEmptyRangeForNothing) {
  Cells cells(CellPlace::temporary_file);
  append_counted(cells, 4 * page_cells);

  for (const std::int64_t first : {std::int64_t{0}, page_cells + 1, 4 * page_cells}) {
    cells.release(first, first - 1);
    cells.evict(first, first);
    cells.prefetch(first, 0);
  }

  EXPECT_EQ(pages_in_cache(cells), 4);
  EXPECT_EQ(values_of(cells), counted(4 * page_cells));
}

TEST(CellsInATemporaryFile, SayWhyTheFileCannotGrowAndKeepWhatTheyHave) {
  Cells cells(CellPlace::temporary_file);
  append_counted(cells, 100);
  const FileSizeLimit limit(3 << 20);

  EXPECT_THAT([&] { (void)cells.append(1 << 20); },
              ThrowsMessage<IoError>(HasSubstr("cannot write a temporary file in '")));

  EXPECT_EQ(values_of(cells), counted(100));
  append_counted(cells, 1'000);
  EXPECT_EQ(values_of(cells), counted(1'100));
}

}  // namespace
}  // namespace gradstep::csv
