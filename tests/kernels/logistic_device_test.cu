#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/logistic.cuh"
#include "kernels/logistic_kernels.cuh"
#ifndef __CUDACC__
#include "runtime/traffic.hpp"
#endif
#include "tests/support/every_backend.hpp"
#include "tests/support/random_rows.hpp"

// What the fused pass reads, and what it leaves alone.

namespace gradstep::cuda {
namespace {

using test::RandomRows;

class LogisticPassDevice : public testing::Test {
 protected:
  void SetUp() override { GRADSTEP_SKIP_UNLESS_AVAILABLE(Backend::cuda); }
};

// A fit of `models` models, all of them of class 1, and points that differ.
struct Pass {
  RandomRows data;
  ColumnsInMemory<double> rows;
  std::vector<Model> models;
  DeviceSums sums;
  std::vector<double> v;

  Pass(std::int64_t n, std::int64_t d, std::size_t count)
      : data(n, d),
        rows(data.rows()),
        models(count, Model{1, -1, 1}),
        sums({&rows, data.class_of_row, {}, {}, models}, 0),
        v(count * static_cast<std::size_t>(d + 1)) {
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<double>(i % 7) / 10 - 0.25;
  }

  // Sums of the points, -1 where nothing was written.
  [[nodiscard]] std::vector<double> at(const std::vector<bool>& active) const {
    const cudaStream_t stream = sums.stream();
    std::vector<Slot> slots;
    for (const bool each : active) {
      slots.push_back(sums.slot_of(models[0]));
      slots.back().active = each ? 1 : 0;
    }
    std::vector<double> result(active.size() * static_cast<std::size_t>(rows.cols() + 2), -1.0);
    const DeviceBuffer<double> device_v(v, stream);
    const DeviceBuffer<Slot> device_slots(slots, stream);
    const DeviceBuffer<double> device_result(result, stream);
    sums.queue_loss_and_gradient(device_v.data(), device_slots.data(),
                                 static_cast<int>(active.size()), device_result.data());
    device_result.copy_to(result);
    check(cudaStreamSynchronize(stream));
    return result;
  }
};

void expect_that_inactive_points_are_skipped(std::int64_t n, std::int64_t d, std::size_t count) {
  SCOPED_TRACE(d);
  const Pass pass(n, d, count);
  const auto entries = static_cast<std::size_t>(d + 2);
  const std::vector<double> all = pass.at(std::vector<bool>(count, true));
  std::vector<bool> some(count);
  for (std::size_t k = 0; k < count; ++k) some[k] = k * k % 7 > 1;

  const std::vector<double> sums = pass.at(some);

  for (std::size_t i = 0; i < sums.size(); ++i)
    EXPECT_EQ(sums[i], some[i / entries] ? all[i] : -1.0) << i;
  EXPECT_THAT(pass.at({false}), testing::Each(-1.0));
}

TEST_F(LogisticPassDevice, SkipsWhatIsNotActive) {
  expect_that_inactive_points_are_skipped(700, 3, 20);
  expect_that_inactive_points_are_skipped(700, 40, 20);
  expect_that_inactive_points_are_skipped(100, 300, 20);
  expect_that_inactive_points_are_skipped(40, 900, 20);
  expect_that_inactive_points_are_skipped(40, 2, 70);  // more than a warp lists at once
}

// The same sums from a launch whose blocks take more rows: the loops over tiles and over rows.
TEST_F(LogisticPassDevice, AddsUpAnyNumberOfRowsInABlock) {
  for (const std::int64_t d : {3, 28, 40, 900}) {
    const std::int64_t n = d == 900 ? 300 : 3001;
    const Pass pass(n, d, 1);
    const std::vector<double> expected = pass.at({true});
    const cudaStream_t stream = pass.sums.stream();
    const DeviceRows rows(pass.rows, 0, 0, stream);
    const std::vector<std::int16_t> classes(pass.data.class_of_row.begin(),
                                            pass.data.class_of_row.end());
    const Slot slot = pass.sums.slot_of(pass.models[0]);
    const DeviceBuffer<std::int16_t> device_classes(classes, stream);
    const DeviceBuffer<double> v(pass.v, stream);
    const DeviceBuffer<Slot> slots(std::span(&slot, 1), stream);
    const DeviceBuffer<double> partial_sums(d + 2, stream);
    const DeviceBuffer<double> residuals(n, stream);
    std::vector<double> sums(static_cast<std::size_t>(d + 2));

    rows.for_each_slab([&]<class T>(const Slab<T>& slab) {
      const Terms<T> terms{.slab = slab,
                           .targets = {device_classes.data(), nullptr, nullptr, false},
                           .points = {v.data(), slots.data(), 1, nullptr},
                           .active = nullptr,
                           .active_count = nullptr,
                           .first_point = 0,
                           .batch = 1,
                           .stride = 1,
                           .rows_of_a_partial = 4096,
                           .partials = 1,
                           .partial_sums = partial_sums.data()};
      if (d <= most_columns_in_registers) queue_narrow_terms(terms, stream);
      if (d == 40) queue_tile_terms(terms, stream);
      if (d == 900) queue_wide_terms(terms, residuals.data(), stream);
    });
    partial_sums.copy_to(sums);
    check(cudaStreamSynchronize(stream));

    // Both are off by at most n roundings of the sum of the terms' sizes, which are below 50.
    const double tolerance =
        2 * 50 * static_cast<double>(n * n) * std::numeric_limits<double>::epsilon();
    EXPECT_THAT(sums, testing::Pointwise(testing::DoubleNear(tolerance), expected));
  }
}

// More points than models, then fewer again: a point's bits do not depend on those beside it.
TEST_F(LogisticPassDevice, TakesMorePointsThanThereAreModels) {
  Pass pass(300, 4, 3);
  std::vector<LogisticPoint> points;
  for (int k = 0; k < 20; ++k) points.push_back({k % 3, pass.v.data() + k % 3 * 5});
  std::vector<double> few(18);
  std::vector<double> many(120);

  pass.sums.loss_and_gradient(points, many);
  pass.sums.loss_and_gradient(std::span(points).first(3), few);
  pass.sums.loss_and_gradient({}, {});

  for (std::size_t i = 0; i < many.size(); ++i) EXPECT_EQ(many[i], few[i % 18]) << i;
}

TEST_F(LogisticPassDevice, RefusesClassesAndFoldsThatAreTooLarge) {
  const std::vector<double> x{1, 2};
  const ColumnsInMemory<double> rows({x.data()}, 2);
  const std::vector<std::int32_t> small{0, 32'767};
  const std::vector<std::int32_t> large{0, 32'768};
  const std::vector<std::int32_t> negative{0, -1};
  const std::vector<std::int32_t> more_negative{0, -2};
  const std::vector<Model> models(1);
  const auto sums = [&](std::span<const std::int32_t> classes,
                        std::span<const std::int32_t> folds) {
    (void)DeviceSums({&rows, classes, folds, {}, models}, 0);
  };

  EXPECT_NO_THROW(sums(small, small));
  EXPECT_NO_THROW(sums(small, negative));
  EXPECT_THROW(sums(large, small), InvalidArgument);
  EXPECT_THROW(sums(small, large), InvalidArgument);
  EXPECT_THROW(sums(negative, small), InvalidArgument);
  EXPECT_THROW(sums(small, more_negative), InvalidArgument);
}

TEST(RowsOfATile, AreAsManyAsFit) {
  EXPECT_EQ(rows_of_a_tile(0), 256);
  EXPECT_EQ(rows_of_a_tile(64), 32);
  EXPECT_EQ(rows_of_a_tile(130), 16);
  EXPECT_EQ(rows_of_a_tile(834), 4);
  EXPECT_EQ(rows_of_a_tile(std::int64_t{1} << 40), 0);
}

TEST(PointsOfAGroup, AreEightOrThirtyTwoAsLongAsATileOfEightRowsFits) {
  EXPECT_EQ(points_of_a_group(0, 2), 8);
  EXPECT_EQ(points_of_a_group(28, 8), 8);
  EXPECT_EQ(points_of_a_group(28, 9), 32);
  EXPECT_EQ(points_of_a_group(200, 8), 32);
  EXPECT_EQ(points_of_a_group(522, 160), 32);
  EXPECT_EQ(points_of_a_group(523, 160), 0);
  EXPECT_EQ(points_of_a_group(std::int64_t{1} << 40, 2), 0);
}

#ifndef __CUDACC__

constexpr std::uint64_t bytes_of_slot = 24;

// Bytes of X of n rows: loads of 16 bytes, of rows that are there.
std::uint64_t bytes_of_x(std::uint64_t n, std::uint64_t d) { return (n + 1) / 2 * 2 * d * 8; }

class LogisticTraffic : public LogisticPassDevice {
 protected:
  static emulation::Traffic of(const Pass& pass, const std::vector<bool>& active,
                               const char* kernel) {
    emulation::reset_traffic();
    (void)pass.at(active);
    return emulation::traffic_of(kernel);
  }
};

// X once and the class of each row once; besides, every block reads v and every thread its slot.
TEST_F(LogisticTraffic, ReadsRowsInRegistersOnce) {
  if (!emulation::tracing()) return;
  for (const std::uint64_t d : {5, 8, 24}) {
    const Pass pass(1001, static_cast<std::int64_t>(d), 1);

    const emulation::Traffic traffic = of(pass, {true}, "narrow_kernel");

    constexpr std::uint64_t blocks = 2;
    const std::uint64_t v = 8 * (d + 1);
    EXPECT_EQ(traffic.read,
              bytes_of_x(1001, d) + 1001 * 2 + blocks * (v + 256 * (4 + bytes_of_slot)));
    EXPECT_EQ(traffic.read_once, bytes_of_x(1001, d) + 1001 * 2 + v + bytes_of_slot);
    EXPECT_EQ(traffic.written, blocks * (d + 2) * 8);
  }
}

// Bytes of the rows' array on the device: columns are filled up to 32 rows.
std::size_t bytes_of_slab(std::size_t n, std::size_t d) { return (n + 31) / 32 * 32 * d * 8; }

// Rows in 16 blocks, each of one tile, which stays there for all groups of points. Besides X each
// block reads v and the slots of a group, four threads the class of a row, and all how many points
// are active.
TEST_F(LogisticTraffic, ReadsTilesOnceForAllPoints) {
  if (!emulation::tracing()) return;
  constexpr std::uint64_t n = 1001;
  constexpr std::uint64_t d = 40;
  for (const std::uint64_t points : {32, 160}) {
    emulation::choose_allocation_of(bytes_of_slab(n, d));
    const Pass pass(n, d, points);

    const emulation::Traffic traffic = of(pass, std::vector<bool>(points, true), "points_kernel");

    constexpr std::uint64_t blocks = 16;
    const std::uint64_t v = points * (d + 1) * 8;
    const std::uint64_t slots = points * bytes_of_slot;
    EXPECT_EQ(traffic.read_of_chosen, bytes_of_x(n, d));
    EXPECT_EQ(traffic.read, bytes_of_x(n, d) + 4 * n * 2 + blocks * (v + slots + 256 * 4));
    EXPECT_EQ(traffic.read_once, bytes_of_x(n, d) + n * 2 + v + slots + 4);
    EXPECT_EQ(traffic.written, blocks * points * (d + 2) * 8);
  }
}

// Of 8 and of 32 points a group, of each number of rows a tile, with several tiles a block.
TEST_F(LogisticTraffic, ReadsRowsOfAnyWidthOnceForAllPoints) {
  if (!emulation::tracing()) return;
  for (const auto& [d, points] : {std::pair<std::size_t, std::size_t>{3, 3},
                                  {40, 7},
                                  {100, 5},
                                  {100, 40},
                                  {200, 4},
                                  {250, 33},
                                  {522, 2}}) {
    SCOPED_TRACE(d);
    constexpr std::size_t n = 199;
    emulation::choose_allocation_of(bytes_of_slab(n, d));
    const Pass pass(n, static_cast<std::int64_t>(d), points);

    const emulation::Traffic traffic = of(pass, std::vector<bool>(points, true), "points_kernel");

    EXPECT_EQ(traffic.read_of_chosen, bytes_of_x(n, d));
  }
}

// Ten active ones among forty fit one group. None: nobody reads.
TEST_F(LogisticTraffic, ReadsNothingForPointsThatAreNotActive) {
  if (!emulation::tracing()) return;
  const Pass many(1001, 40, 40);
  std::vector<bool> some(40, false);
  for (std::size_t k = 0; k < 40; k += 4) some[k] = true;

  const emulation::Traffic ten = of(many, some, "points_kernel");
  const emulation::Traffic none = of(many, std::vector<bool>(40, false), "points_kernel");

  const std::uint64_t group = 32 * (41 * 8 + bytes_of_slot);
  EXPECT_EQ(ten.read, bytes_of_x(1001, 40) + 4 * 1001 * 2 + 16 * (group + 256 * 4));
  EXPECT_EQ(none.read, 16 * 256 * 4);  // how many, by every thread
  EXPECT_EQ(none.written, 0);

  const Pass one(1001, 8, 1);
  const emulation::Traffic narrow = of(one, {false}, "narrow_kernel");
  EXPECT_EQ(narrow.read, 2 * 256 * 4);
  EXPECT_EQ(narrow.written, 0);
}

TEST_F(LogisticTraffic, ReadsTheWidestRowsTwice) {
  if (!emulation::tracing()) return;
  const std::uint64_t d = 900;
  const std::uint64_t n = 101;
  const Pass pass(101, 900, 1);

  const emulation::Traffic traffic = of(pass, {true}, "wide_");

  // X twice, and for every element of it a coefficient and a residual, from cache.
  EXPECT_LT(static_cast<double>(traffic.read), 4.3 * static_cast<double>(n * d * 8));
  EXPECT_EQ(traffic.read_once, 2 * n * d * 8 +                  // X
                                   n * 2 + (d + 1) * 8 +        // classes, v
                                   n * 8 + bytes_of_slot + 4);  // residuals, the slot
}

#endif

}  // namespace
}  // namespace gradstep::cuda
