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

  Prepared prepare(bool drop_missing, int threads, Backend backend) {
    std::vector<PrepareColumn> views;
    for (std::size_t c = 0; c < columns.size(); ++c)
      views.push_back({columns[c].data(), scale[c], drops_rows[c]});
    std::uint64_t* const others[] = {cells.data()};
    const Prepared prepared =
        gradstep::prepare(views, others, keep, drop_missing, threads, backend);
    if (!prepared.infinite) {
      for (auto& column : columns) column.resize(static_cast<std::size_t>(prepared.rows));
      cells.resize(static_cast<std::size_t>(prepared.rows));
    }
    return prepared;
  }
};

// `rows` rows of two scaled columns, one unscaled, one whose NaN drops nothing; 1 in 16 is NaN.
Frame random_frame(std::int64_t rows) {
  std::mt19937_64 random(20261123);
  std::normal_distribution<double> normal(3, 100);
  Frame frame{{{}, {}, {}, {}}, {true, true, false, true}, {true, true, true, false}, {}, {}};
  for (std::int64_t r = 0; r < rows; ++r) {
    for (auto& column : frame.columns)
      column.push_back(random() % 16 == 0 ? missing : normal(random));
    frame.cells.push_back(random());
    frame.keep.push_back(random() % 32 == 0 ? 0 : 1);
  }
  return frame;
}

// What one row at a time gives, written from the definition.
Frame expected_of(const Frame& frame) {
  Frame kept{{{}, {}, {}, {}}, {}, {}, {}, {}};
  for (std::size_t r = 0; r < frame.keep.size(); ++r) {
    bool drop = frame.keep[r] == 0;
    for (std::size_t c = 0; c < 3; ++c) drop = drop || std::isnan(frame.columns[c][r]);
    kept.keep.push_back(drop ? 0 : 1);
    if (drop) continue;
    for (std::size_t c = 0; c < 4; ++c) kept.columns[c].push_back(frame.columns[c][r]);
    kept.cells.push_back(frame.cells[r]);
  }
  for (const std::size_t c : {0U, 1U, 3U}) {
    double lo = infinity, hi = -infinity;
    for (const double x : kept.columns[c]) lo = std::fmin(lo, x), hi = std::fmax(hi, x);
    const double scale = hi - lo < 10 * std::ldexp(1.0, -52) ? 1.0 : 1 / (hi - lo);
    const double offset = 0 - lo * scale;
    for (double& x : kept.columns[c]) {
      volatile double product = x * scale;  // rounded before the sum
      x = product + offset;
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

TEST_P(Prepare, EqualsTheDefinitionRowByRowAtEverySizeAndNumberOfThreads) {
  for (const std::int64_t rows : {0, 1, 31, 32, 33, 255, 256, 257, 16'384, 16'385, 100'003}) {
    SCOPED_TRACE(rows);
    const Frame expected = expected_of(random_frame(rows));
    for (const int threads : {1, 2, 8}) {
      Frame frame = random_frame(rows);

      frame.prepare(true, threads, backend());

      EXPECT_EQ(frame.keep, expected.keep);
      EXPECT_EQ(frame.cells, expected.cells);
      for (std::size_t c = 0; c < 3; ++c)
        EXPECT_EQ(bits_of(frame.columns[c]), bits_of(expected.columns[c])) << c;
    }
  }
}

TEST_P(Prepare, EqualsItsFourPartsOneAfterTheOther) {
  Frame fused = random_frame(100'003);
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

}  // namespace
}  // namespace gradstep::test
