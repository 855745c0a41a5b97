// The launchers of prepare, dropna and minmax by themselves: buffers of exactly the size they ask
// for, few blocks, any number of columns; and the bytes they move.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <tuple>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/cuda/device_buffer.cuh"
#include "kernels/cuda/stream.cuh"
#include "kernels/prepare.cuh"
#include "kernels/prepare.hpp"
#include "tests/support/every_backend.hpp"
#ifndef __CUDACC__
#include "runtime/traffic.hpp"
#endif

namespace gradstep::cuda {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

std::uint64_t bits_of(double value) { return std::bit_cast<std::uint64_t>(value); }

template <class T>
std::vector<T> host_copy(const DeviceBuffer<T>& buffer, const Stream& stream) {
  std::vector<T> values(static_cast<std::size_t>(buffer.size()));
  buffer.copy_to(values);
  stream.wait();
  return values;
}

// Column after column, as on the device, without room between them; a mask.
struct Table {
  std::int64_t rows;
  std::int64_t columns;
  std::vector<double> cells;
  std::vector<std::uint8_t> keep;

  // About every fourth row misses a value, every eighth is dropped already.
  Table(std::int64_t n, std::int64_t d) : rows(n), columns(d) {
    std::mt19937_64 random(static_cast<std::uint64_t>(1'000 * n + d));
    std::uniform_real_distribution<double> uniform(-9, 9);
    for (std::int64_t i = 0; i < n * d; ++i)
      cells.push_back(random() % static_cast<std::uint64_t>(4 * d) == 0 ? missing
                                                                        : uniform(random));
    for (std::int64_t r = 0; r < n; ++r) keep.push_back(random() % 8 == 0 ? 0 : 9);
  }
  [[nodiscard]] double at(std::int64_t row, std::int64_t column) const {
    return cells[static_cast<std::size_t>(column * rows + row)];
  }
  [[nodiscard]] bool kept(std::int64_t row) const {
    return keep[static_cast<std::size_t>(row)] != 0;
  }
  [[nodiscard]] Extremes extremes(std::int64_t column) const {
    Extremes found{infinity, -infinity};
    for (std::int64_t r = 0; r < rows; ++r) {
      if (!kept(r)) continue;
      found.lo = std::fmin(found.lo, at(r, column));
      found.hi = std::fmax(found.hi, at(r, column));
    }
    return found;
  }
};

class DeviceTest : public testing::Test {
 protected:
  void SetUp() override { GRADSTEP_SKIP_UNLESS_AVAILABLE(Backend::cuda); }
};

void expect_equal(const std::vector<Extremes>& found, const std::vector<Extremes>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t c = 0; c < found.size(); ++c) {
    EXPECT_EQ(found[c].lo, expected[c].lo) << "column " << c;
    EXPECT_EQ(found[c].hi, expected[c].hi) << "column " << c;
  }
}

// ---- look_at_rows
// --------------------------------------------------------------------------------

// Rows, measured columns, blocks of the grid.
class LookAtRows : public testing::TestWithParam<std::tuple<int, int, int>> {
 protected:
  void SetUp() override { GRADSTEP_SKIP_UNLESS_AVAILABLE(Backend::cuda); }
};
// 1,100 rows are five blocks of rows: two blocks take two and three. From 874 columns on there are
// two reads.
INSTANTIATE_TEST_SUITE_P(OfTiles, LookAtRows,
                         testing::Combine(testing::Values(1, 256, 1'100),
                                          testing::Values(0, 1, 7, 8, 28, 64, 131),
                                          testing::Values(2)));
INSTANTIATE_TEST_SUITE_P(OfNarrowTiles, LookAtRows,
                         testing::Combine(testing::Values(260), testing::Values(400, 873, 874),
                                          testing::Values(1)));

TEST_P(LookAtRows, FindsTheMaskTheCountsAndTheExtremes) {
  const auto [rows, measured, blocks] = GetParam();
  const Roles roles{.measured_only = measured / 3, .measured = measured, .looked_at = measured + 3};
  const Table table(rows, measured + 5);
  Table expected = table;
  std::vector<std::int64_t> counts(static_cast<std::size_t>(pieces(rows, rows_of_a_block)));
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = roles.measured_only; c < roles.looked_at; ++c)
      if (std::isnan(table.at(r, c))) expected.keep[static_cast<std::size_t>(r)] = 0;
    counts[static_cast<std::size_t>(r / rows_of_a_block)] += expected.kept(r) ? 1 : 0;
  }
  // What was found before counts as well.
  std::vector<Extremes> before(static_cast<std::size_t>(measured), Extremes{infinity, -infinity});
  std::vector<Extremes> extremes;
  if (measured > 0) before.back() = {-100, 100};
  for (std::int64_t c = 0; c < measured; ++c) extremes.push_back(expected.extremes(c));
  if (measured > 0) extremes.back() = {-100, 100};

  const Stream stream;
  const std::int64_t looked_at = rows * roles.looked_at;
  const DeviceBuffer<double> x({table.cells.data(), static_cast<std::size_t>(looked_at)},
                               stream.get());
  const DeviceBuffer<std::uint8_t> keep(table.keep, stream.get());
  const DeviceBuffer<std::int64_t> kept_of_block(std::ssize(counts), stream.get());
  const DeviceBuffer<Extremes> parts(measured * std::min<std::int64_t>(blocks, std::ssize(counts)),
                                     stream.get());
  const DeviceBuffer<Extremes> found(before, stream.get());
  look_at_rows({x.data(), rows, roles.looked_at, rows}, roles, keep.data(), kept_of_block.data(),
               parts.data(), found.data(), stream.get(), blocks);

  EXPECT_EQ(host_copy(keep, stream), expected.keep);
  EXPECT_EQ(host_copy(kept_of_block, stream), counts);
  expect_equal(host_copy(found, stream), extremes);
}

// ---- extremes
// ------------------------------------------------------------------------------------

using DeviceMinmax = DeviceTest;

TEST_F(DeviceMinmax, WidensByTheKeptNumbers) {
  const Table table(9'001, 3);  // three parts; two make one go round
  std::vector<Extremes> extremes;
  for (std::int64_t c = 0; c < table.columns; ++c) extremes.push_back(table.extremes(c));
  extremes[1].hi = 50;
  for (const std::int64_t most : {2, 1'024}) {
    const Stream stream;
    const DeviceBuffer<double> x(table.cells, stream.get());
    const DeviceBuffer<std::uint8_t> keep(table.keep, stream.get());
    const DeviceBuffer<Extremes> parts(std::min<std::int64_t>(most, 3) * table.columns,
                                       stream.get());
    const std::vector<Extremes> before{
        {infinity, -infinity}, {infinity, 50}, {infinity, -infinity}};
    const DeviceBuffer<Extremes> found(before, stream.get());

    widen_extremes({x.data(), table.rows, table.columns, table.rows}, keep.data(), parts.data(),
                   found.data(), stream.get(), most);

    expect_equal(host_copy(found, stream), extremes);
  }
}

TEST_F(DeviceMinmax, MergesMorePartsThanABlockHasThreads) {
  constexpr std::int64_t count = 700;
  std::vector<Extremes> parts(2 * count, Extremes{infinity, -infinity});
  parts[3] = {1, 2};
  parts[count - 1] = {-5, -4};
  parts[count + 300] = {7, 9};
  const Stream stream;
  const DeviceBuffer<Extremes> of_blocks(parts, stream.get());
  const DeviceBuffer<Extremes> merged(std::vector<Extremes>{{0, 0}, {8, 8}}, stream.get());

  merge_extremes(of_blocks.data(), count, 2, merged.data(), stream.get());

  expect_equal(host_copy(merged, stream), {{-5, 2}, {7, 9}});
}

// ---- compaction
// ----------------------------------------------------------------------------------

using DeviceDropna = DeviceTest;

TEST_F(DeviceDropna, AddsUpTheBlocks) {
  const Stream stream;
  const DeviceBuffer<std::int64_t> kept(std::vector<std::int64_t>{5, 0, 256, 7, 0}, stream.get());

  add_up_blocks(kept.data(), 4, stream.get());

  EXPECT_THAT(host_copy(kept, stream), ElementsAre(0, 5, 5, 261, 268));
}

TEST_F(DeviceDropna, MovesAndScalesTheKeptRows) {
  for (const std::int64_t columns : {1, 31, 32, 33, 70}) {
    for (const std::int64_t scaled : {std::int64_t{0}, columns / 2 + 1, columns}) {
      SCOPED_TRACE(testing::Message() << columns << " columns, " << scaled << " scaled");
      const Table table(700, columns);
      std::vector<ColumnScale> scales;
      for (std::int64_t c = 0; c < scaled; ++c)
        scales.push_back({0, 0, 0.3 + static_cast<double>(c), -0.7});
      std::vector<std::int64_t> kept_before{1'000};  // rows of earlier slabs
      for (std::int64_t first = 0; first < table.rows; first += rows_of_a_block) {
        kept_before.push_back(kept_before.back());
        for (std::int64_t r = first; r < std::min(first + rows_of_a_block, table.rows); ++r)
          kept_before.back() += table.kept(r) ? 1 : 0;
      }
      const std::int64_t kept = kept_before.back() - 1'000;
      kept_before.pop_back();
      std::vector<double> expected;
      for (std::int64_t c = 0; c < columns; ++c)
        for (std::int64_t r = 0; r < table.rows; ++r)
          if (table.kept(r)) {
            const volatile double product = table.at(r, c) * (0.3 + static_cast<double>(c));
            expected.push_back(c < scaled ? product - 0.7 : table.at(r, c));
          }

      const Stream stream;
      const DeviceBuffer<double> x(table.cells, stream.get());
      const DeviceBuffer<std::uint8_t> keep(table.keep, stream.get());
      const DeviceBuffer<std::int64_t> before(kept_before, stream.get());
      const DeviceBuffer<ColumnScale> by(scales, stream.get());
      const DeviceBuffer<double> out(kept * columns, stream.get());
      compact_and_scale({x.data(), table.rows, columns, table.rows}, keep.data(), before.data(),
                        by.data(), scaled, {out.data(), kept, columns, kept}, stream.get());

      const std::vector<double> found = host_copy(out, stream);
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i)
        ASSERT_EQ(bits_of(found[i]), bits_of(expected[i])) << "cell " << i;
    }
  }
}

// ---- the whole
// -----------------------------------------------------------------------------------

using DevicePrepare = DeviceTest;

std::vector<PrepareColumn> all_scaled(Table& table) {
  std::vector<PrepareColumn> columns;
  for (std::int64_t c = 0; c < table.columns; ++c)
    columns.push_back({table.cells.data() + c * table.rows, true, true});
  return columns;
}

TEST_F(DevicePrepare, TakesThreeThousandColumns) {
  Table on_device(300, 3'000);
  Table on_host = on_device;

  const Prepared found = prepare(all_scaled(on_device), {}, on_device.keep, true, 0);
  const Prepared expected =
      gradstep::prepare(all_scaled(on_host), {}, on_host.keep, true, 1, Backend::cpu);

  ASSERT_GT(expected.rows, 150);
  EXPECT_EQ(found.rows, expected.rows);
  EXPECT_EQ(on_device.keep, on_host.keep);
  for (std::int64_t c = 0; c < 3'000; ++c)
    for (std::int64_t r = 0; r < expected.rows; ++r)
      ASSERT_EQ(on_device.at(r, c), on_host.at(r, c)) << "row " << r << ", column " << c;
}

TEST_F(DevicePrepare, TakesTheSmallestSlabsEvenIfTheyAreMoreThanItMay) {
  Table in_slabs(1'000, 8);
  Table whole = in_slabs;

  const Prepared slabs = prepare(all_scaled(in_slabs), {}, in_slabs.keep, true, 1);
  const Prepared expected =
      gradstep::prepare(all_scaled(whole), {}, whole.keep, true, 1, Backend::cpu);

  EXPECT_EQ(slabs.rows, expected.rows);
  EXPECT_EQ(in_slabs.keep, whole.keep);
  for (std::int64_t c = 0; c < 8; ++c)
    for (std::int64_t r = 0; r < expected.rows; ++r) ASSERT_EQ(in_slabs.at(r, c), whole.at(r, c));
}

#ifndef __CUDACC__
TEST_F(DevicePrepare, MovesHardlyMoreThanItMust) {
  if (!emulation::tracing()) return;
  Table table(20'000, 28);
  emulation::reset_traffic();

  const Prepared prepared = prepare(all_scaled(table), {}, table.keep, true, 0);

  const std::uint64_t x = 8 * 20'000 * 28;
  const auto kept = static_cast<std::uint64_t>(prepared.rows) * 28 * 8;
  const emulation::Traffic look = emulation::traffic_of("mask_and_range_kernel");
  EXPECT_EQ(look.read, x + 20'000) << "each cell and the mask, once";
  EXPECT_EQ(look.read, look.read_once);
  const emulation::Traffic all = emulation::traffic_of("kernel");
  const std::uint64_t floor = x + 20'000 + kept + 20'000 + kept;
  EXPECT_LE(all.read + all.written, floor + floor / 10);
}
#endif

}  // namespace
}  // namespace gradstep::cuda
