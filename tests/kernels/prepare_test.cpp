#include "kernels/prepare.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/dropna.hpp"
#include "tests/support/every_backend.hpp"
#include "tests/support/every_size.hpp"

namespace gradstep::test {
namespace {

using testing::ElementsAre;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<std::uint64_t> bits_of(const std::vector<double>& values) {
  std::vector<std::uint64_t> bits;
  for (const double value : values) bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

// A small table: float64 columns to look into, one column of cells to carry along, the mask.
struct Frame {
  std::vector<std::vector<double>> columns;
  std::vector<bool> scale;
  std::vector<bool> drops_rows;
  std::vector<std::uint64_t> cells;
  std::vector<std::uint8_t> keep;

  Prepared prepare(bool drop_missing, int threads, Backend backend,
                   std::int64_t device_memory = 0) {
    std::vector<PrepareColumn> views;
    for (std::size_t c = 0; c < columns.size(); ++c)
      views.push_back({columns[c].data(), scale[c], drops_rows[c]});
    std::uint64_t* const others[] = {cells.data()};
    const Prepared prepared =
        gradstep::prepare(views, others, keep, drop_missing, threads, backend, device_memory);
    if (!prepared.infinite) {
      for (auto& column : columns) column.resize(static_cast<std::size_t>(prepared.rows));
      cells.resize(static_cast<std::size_t>(prepared.rows));
    }
    return prepared;
  }
};

// Every role: of eight columns in a row, two are scaled only, two drop rows only, one does neither.
// Missing values, of either sign, drop about every eighth row.
Frame random_frame(std::int64_t rows, std::int64_t columns) {
  std::mt19937_64 random(20261123);
  std::uniform_real_distribution<double> uniform(-3, 100);
  Frame frame;
  for (std::int64_t c = 0; c < columns; ++c) {
    frame.scale.push_back(c % 4 != 2 && c % 8 != 7);
    frame.drops_rows.push_back(c % 4 != 3 && c % 8 != 5);
    auto& column = frame.columns.emplace_back();
    for (std::int64_t r = 0; r < rows; ++r) {
      const bool is_missing = random() % static_cast<std::uint64_t>(8 * columns) == 0;
      column.push_back(is_missing ? (r % 2 == 0 ? missing : -missing) : uniform(random));
    }
  }
  for (std::int64_t r = 0; r < rows; ++r) {
    frame.cells.push_back(random());
    frame.keep.push_back(static_cast<std::uint8_t>(random() % 32 == 0 ? 0 : 1 + r % 255));
  }
  return frame;
}

// What one row at a time gives, written from the definition.
Frame expected_of(const Frame& frame) {
  Frame kept;
  kept.columns.resize(frame.columns.size());
  for (std::size_t r = 0; r < frame.keep.size(); ++r) {
    bool drop = frame.keep[r] == 0;
    for (std::size_t c = 0; c < frame.columns.size(); ++c)
      drop = drop || (frame.drops_rows[c] && std::isnan(frame.columns[c][r]));
    kept.keep.push_back(drop ? std::uint8_t{0} : frame.keep[r]);
    if (drop) continue;
    for (std::size_t c = 0; c < frame.columns.size(); ++c)
      kept.columns[c].push_back(frame.columns[c][r]);
    kept.cells.push_back(frame.cells[r]);
  }
  for (std::size_t c = 0; c < frame.columns.size(); ++c) {
    if (!frame.scale[c]) continue;
    double lo = infinity, hi = -infinity;
    for (const double x : kept.columns[c]) lo = std::fmin(lo, x), hi = std::fmax(hi, x);
    const double scale = hi - lo < 10 * std::ldexp(1.0, -52) ? 1.0 : 1 / (hi - lo);
    const double offset = 0 - lo * scale;
    for (double& x : kept.columns[c]) {
      volatile double product = x * scale;  // rounded before the sum
      x = std::isnan(x) ? x : product + offset;
    }
  }
  return kept;
}

class Prepare : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(on, Prepare, testing::Values(Backend::cpu, Backend::cuda), backend_name);

TEST_P(Prepare, DropsIncompleteRowsAndScalesTheRest) {
  Frame frame{{{1, missing, 3, 5}, {10, 20, missing, 40}},
              {true, false},
              {true, true},
              {7, 8, 9, 10},
              {1, 1, 1, 1}};

  const Prepared prepared = frame.prepare(true, 1, backend());

  EXPECT_EQ(prepared.rows, 2);
  EXPECT_FALSE(prepared.infinite);
  EXPECT_THAT(frame.columns[0], ElementsAre(0, 1));
  EXPECT_THAT(frame.columns[1], ElementsAre(10, 40));
  EXPECT_THAT(frame.cells, ElementsAre(7, 10));
  EXPECT_THAT(frame.keep, ElementsAre(1, 0, 0, 1));
  ASSERT_EQ(prepared.scales.size(), 1U);
  EXPECT_EQ(prepared.scales[0].minimum, 1);
  EXPECT_EQ(prepared.scales[0].maximum, 5);
  EXPECT_EQ(prepared.scales[0].scale, 0.25);
  EXPECT_EQ(prepared.scales[0].offset, -0.25);
}

TEST_P(Prepare, KeepsIncompleteRowsWhenToldTo) {
  Frame frame{{{missing, 2, 4}}, {true}, {true}, {7, 8, 9}, {1, 1, 1}};

  const Prepared prepared = frame.prepare(false, 1, backend());

  EXPECT_EQ(prepared.rows, 3);
  EXPECT_THAT(frame.columns[0], ElementsAre(testing::IsNan(), 0, 1));
  EXPECT_THAT(frame.cells, ElementsAre(7, 8, 9));
}

TEST_P(Prepare, DropsRowsThatTheCallerHasMarked) {
  Frame frame{{{1, 2, 3, 100}}, {true}, {true}, {7, 8, 9, 10}, {1, 2, 255, 0}};

  const Prepared prepared = frame.prepare(true, 1, backend());

  EXPECT_EQ(prepared.rows, 3);
  EXPECT_EQ(prepared.scales[0].maximum, 3);
  EXPECT_THAT(frame.columns[0], ElementsAre(0, 0.5, 1));
}

TEST_P(Prepare, IgnoresAMissingValueOfAColumnThatDropsNothing) {
  Frame frame{{{missing, 2, 4}}, {true}, {false}, {7, 8, 9}, {1, 1, 1}};

  EXPECT_EQ(frame.prepare(true, 1, backend()).rows, 3);
}

TEST_P(Prepare, LeavesTheCellsAloneWhenAKeptValueIsInfinite) {
  Frame frame{{{1, infinity, 3, missing}}, {true}, {true}, {7, 8, 9, 10}, {1, 1, 1, 1}};
  const Frame before = frame;

  const Prepared prepared = frame.prepare(true, 1, backend());

  EXPECT_TRUE(prepared.infinite);
  EXPECT_EQ(prepared.scales[0].maximum, infinity);
  EXPECT_EQ(bits_of(frame.columns[0]), bits_of(before.columns[0]));
  EXPECT_EQ(frame.cells, before.cells);
  EXPECT_THAT(frame.keep, ElementsAre(1, 1, 1, 0));
}

TEST_P(Prepare, DoesNotMindAnInfinityInADroppedRowOrAnUnscaledColumn) {
  Frame frame{{{1, -infinity, 3}, {1, missing, infinity}},
              {true, false},
              {true, true},
              {7, 8, 9},
              {1, 1, 1}};

  const Prepared prepared = frame.prepare(true, 1, backend());

  EXPECT_FALSE(prepared.infinite);
  EXPECT_THAT(frame.columns[0], ElementsAre(0, 1));
  EXPECT_THAT(frame.columns[1], ElementsAre(1, infinity));
}

TEST_P(Prepare, GivesNoScaleToAColumnWithoutNumbers) {
  Frame frame{{{missing, missing}}, {true}, {true}, {7, 8}, {1, 1}};

  const Prepared prepared = frame.prepare(false, 1, backend());

  EXPECT_EQ(prepared.rows, 2);
  EXPECT_TRUE(std::isnan(prepared.scales[0].minimum));
  EXPECT_TRUE(std::isnan(prepared.scales[0].scale));
}

TEST_P(Prepare, CompactsCellsWithoutAnyColumn) {
  Frame frame;
  frame.cells = {7, 8, 9};
  frame.keep = {1, 0, 1};

  EXPECT_EQ(frame.prepare(true, 1, backend()).rows, 2);

  EXPECT_THAT(frame.cells, ElementsAre(7, 9));
}

TEST_P(Prepare, EqualsItsFourPartsOneAfterTheOther) {
  Frame fused = random_frame(100'003, 4);
  Frame parts = fused;
  const double* looked_at[] = {parts.columns[0].data(), parts.columns[1].data(),
                               parts.columns[2].data()};
  const double* measured[] = {parts.columns[0].data(), parts.columns[1].data(),
                              parts.columns[3].data()};
  double* changed[] = {parts.columns[0].data(), parts.columns[1].data(), parts.columns[3].data()};
  std::vector<std::uint64_t*> all{parts.cells.data()};
  std::vector<std::vector<std::uint64_t>> cells;
  std::vector<ColumnScale> scales(3);

  const Prepared prepared = fused.prepare(true, 2, backend());
  const std::int64_t rows = drop_missing_rows(looked_at, parts.keep, 2, backend());
  column_minmax(measured, parts.keep, scales, 2, backend());
  scale_columns(changed, std::ssize(parts.keep), scales, 2, backend());
  for (auto& column : parts.columns) cells.push_back(bits_of(column));
  for (auto& column : cells) all.push_back(column.data());
  EXPECT_EQ(compact_rows(all, parts.keep, 2, backend()), rows);

  EXPECT_EQ(prepared.rows, rows);
  EXPECT_EQ(fused.keep, parts.keep);
  for (std::size_t c = 0; c < 4; ++c) {
    cells[c].resize(static_cast<std::size_t>(rows));
    EXPECT_EQ(bits_of(fused.columns[c]), cells[c]);
  }
  parts.cells.resize(static_cast<std::size_t>(rows));
  EXPECT_EQ(fused.cells, parts.cells);
}

// Enough for 256 rows at a time on a device.
std::int64_t little_memory(std::int64_t columns) { return 12'288 * (columns + 1) + 8'192; }

class PrepareEverySize : public EverySize {};
INSTANTIATE_TEST_SUITE_P(on, PrepareEverySize, testing::ValuesIn(every_size(3'000'000)), size_name);

void expect_prepared(const Frame& given, const Frame& expected, int threads, Backend backend,
                     std::int64_t device_memory) {
  Frame frame = given;

  const Prepared prepared = frame.prepare(true, threads, backend, device_memory);

  EXPECT_EQ(prepared.rows, std::ssize(expected.cells));
  EXPECT_EQ(frame.keep, expected.keep);
  EXPECT_EQ(frame.cells, expected.cells);
  for (std::size_t c = 0; c < expected.columns.size(); ++c)
    EXPECT_TRUE(bits_of(frame.columns[c]) == bits_of(expected.columns[c])) << "column " << c;
}

TEST_P(PrepareEverySize, EqualsTheDefinitionRowByRow) {
  const Frame given = random_frame(rows(), columns());
  const Frame expected = expected_of(given);

  for (const int threads : backend() == Backend::cpu ? std::vector{1, 2, 8} : std::vector{1})
    expect_prepared(given, expected, threads, backend(), 0);
}

class PrepareInSlabs : public EverySize {};
INSTANTIATE_TEST_SUITE_P(on, PrepareInSlabs, testing::ValuesIn(every_size(850'000)), size_name);

TEST_P(PrepareInSlabs, EqualsTheDefinitionRowByRow) {
  const Frame given = random_frame(rows(), columns());

  expect_prepared(given, expected_of(given), 2, backend(), little_memory(columns()));
}

TEST_P(PrepareInSlabs, OnlyScalesWhenNoRowIsDropped) {
  Frame given = random_frame(std::min(rows(), std::int64_t{2'000}), columns());
  given.keep.assign(given.keep.size(), 1);
  for (auto& column : given.columns)
    for (double& value : column) value = std::isnan(value) ? 0.5 : value;

  expect_prepared(given, expected_of(given), 2, backend(), little_memory(columns()));
}

}  // namespace
}  // namespace gradstep::test
