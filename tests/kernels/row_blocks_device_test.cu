#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "kernels/row_blocks.cuh"
#include "tests/support/every_backend.hpp"

namespace gradstep::cuda {
namespace {

class DeviceRowsTest : public testing::Test {
 protected:
  void SetUp() override { GRADSTEP_SKIP_UNLESS_AVAILABLE(Backend::cuda); }
};

constexpr std::int64_t block = RowBlocks::rows_per_block;

template <class T>
struct Columns {
  std::vector<std::vector<T>> values;
  ColumnsInMemory<T> rows;

  Columns(std::int64_t n, std::int64_t d) : values(make(n, d)), rows(views(values), n) {}

  static std::vector<std::vector<T>> make(std::int64_t n, std::int64_t d) {
    std::vector<std::vector<T>> made(static_cast<std::size_t>(d));
    for (std::size_t c = 0; c < made.size(); ++c)
      for (std::int64_t r = 0; r < n; ++r)
        made[c].push_back(static_cast<T>(r % 100'000) + static_cast<T>(c) / 4);
    return made;
  }
  static std::vector<const T*> views(const std::vector<std::vector<T>>& values) {
    std::vector<const T*> made;
    for (const auto& column : values) made.push_back(column.data());
    return made;
  }
};

// What was seen in the slabs of one visit, copied back by the visitor.
struct Seen {
  std::vector<std::int64_t> first_rows;
  std::vector<std::vector<double>> columns;
  bool zeros_after_the_end = true;
};

template <class T>
Seen look_at(const DeviceRows& rows, const Stream& stream) {
  struct Copy {
    std::int64_t rows;
    std::int64_t stride;
    std::vector<T> values;
  };
  Seen seen;
  std::vector<Copy> copies;
  copies.reserve(100);  // copies are queued into them
  const struct Wait {   // also when the source throws
    const Stream& stream;
    ~Wait() { stream.wait(); }
  } wait{stream};
  rows.for_each_slab([&](const auto& slab) {
    if constexpr (std::is_same_v<decltype(slab.x), const T*>) {
      EXPECT_EQ(slab.stride % 32, 0);
      EXPECT_EQ(slab.columns, rows.columns());
      seen.first_rows.push_back(slab.first_row);
      const std::int64_t padded = (slab.rows + 31) / 32 * 32;
      copies.push_back(
          {slab.rows, padded, std::vector<T>(static_cast<std::size_t>(padded * slab.columns))});
      for (std::int64_t c = 0; c < slab.columns; ++c)
        check(cudaMemcpyAsync(copies.back().values.data() + c * padded, slab.x + c * slab.stride,
                              static_cast<std::size_t>(padded) * sizeof(T), cudaMemcpyDeviceToHost,
                              stream.get()));
    } else {
      FAIL() << "the wrong type";
    }
  });
  stream.wait();
  seen.columns.resize(static_cast<std::size_t>(rows.columns()));
  for (const Copy& copy : copies)
    for (std::int64_t c = 0; c < rows.columns(); ++c) {
      const auto begin = copy.values.begin() + c * copy.stride;
      auto& column = seen.columns[static_cast<std::size_t>(c)];
      column.insert(column.end(), begin, begin + copy.rows);
      seen.zeros_after_the_end &=
          std::all_of(begin + copy.rows, begin + copy.stride, [](T value) { return value == 0; });
    }
  return seen;
}

template <class T>
void expect_all_rows(const Columns<T>& columns, const Seen& seen) {
  for (std::size_t c = 0; c < columns.values.size(); ++c)
    EXPECT_TRUE(std::equal(columns.values[c].begin(), columns.values[c].end(),
                           seen.columns[c].begin(), seen.columns[c].end()))
        << c;
  EXPECT_TRUE(seen.zeros_after_the_end);
}

template <class T>
void expect_that_rows_stay_or_stream() {
  for (const std::int64_t n : {std::int64_t{1}, std::int64_t{33}, block, 4 * block + 5}) {
    SCOPED_TRACE(n);
    const Columns<T> columns(n, 3);
    const Stream stream;
    const DeviceRows resident(columns.rows, 0, 0, stream.get());
    const DeviceRows streamed(columns.rows, 1, 0, stream.get());

    EXPECT_TRUE(resident.resident());
    EXPECT_FALSE(streamed.resident());
    for (int visit = 0; visit < 2; ++visit) {
      const Seen stays = look_at<T>(resident, stream);
      const Seen streams = look_at<T>(streamed, stream);
      EXPECT_THAT(stays.first_rows, testing::ElementsAre(0));
      ASSERT_EQ(std::ssize(streams.first_rows), (n + block - 1) / block);
      for (std::size_t k = 0; k < streams.first_rows.size(); ++k)
        EXPECT_EQ(streams.first_rows[k], static_cast<std::int64_t>(k) * block);
      expect_all_rows(columns, stays);
      expect_all_rows(columns, streams);
    }
  }
}

TEST_F(DeviceRowsTest, KeepsOrStreamsDoubles) { expect_that_rows_stay_or_stream<double>(); }
TEST_F(DeviceRowsTest, KeepsOrStreamsFloats) { expect_that_rows_stay_or_stream<float>(); }

// While a slab's first blocks are copied, kernels on the one before last may still be waiting.
TEST_F(DeviceRowsTest, KeepsASlabUntilItWasVisited) {
  const Columns<double> columns(13 * block + 5, 1);
  const Stream stream;
  const DeviceRows rows(columns.rows, 2 * 4 * block * 8, 0, stream.get());

  const Seen seen = look_at<double>(rows, stream);

  EXPECT_THAT(seen.first_rows, testing::ElementsAre(0, 4 * block, 8 * block, 12 * block));
  expect_all_rows(columns, seen);
}

TEST_F(DeviceRowsTest, TakesWhatFitsBesideWhatIsReserved) {
  const Columns<double> columns(5 * block, 2);
  const Stream stream;
  const std::int64_t all = 5 * block * 2 * 8;
  const auto rows_of_a_slab = [&](std::int64_t memory, std::int64_t reserved) {
    return DeviceRows(columns.rows, memory, reserved, stream.get()).rows_of_a_slab();
  };

  EXPECT_EQ(rows_of_a_slab(all, 0), 5 * block);
  EXPECT_EQ(rows_of_a_slab(all + 100, 100), 5 * block);
  EXPECT_EQ(rows_of_a_slab(all, 1), 2 * block);  // two slabs
  EXPECT_EQ(rows_of_a_slab(all, 2 * all), block);
}

TEST_F(DeviceRowsTest, HasRowsWithoutColumnsAndColumnsWithoutRows) {
  const Stream stream;
  const ColumnsInMemory<double> no_columns({}, 100);
  const Columns<double> no_rows(0, 2);
  for (const std::int64_t memory : {0, 1}) {
    const Seen empty = look_at<double>(DeviceRows(no_rows.rows, memory, 0, stream.get()), stream);
    const Seen thin = look_at<double>(DeviceRows(no_columns, memory, 0, stream.get()), stream);

    EXPECT_THAT(empty.first_rows, testing::IsEmpty());
    EXPECT_THAT(thin.first_rows, testing::ElementsAre(0));
  }
}

// Rows whose source stops half-way, once.
class Failing : public RowBlocks {
 public:
  explicit Failing(const RowBlocks& rows) : rows_(rows) {}
  [[nodiscard]] std::int64_t rows() const override { return rows_.rows(); }
  [[nodiscard]] std::int64_t cols() const override { return rows_.cols(); }
  [[nodiscard]] bool float32() const override { return rows_.float32(); }
  void for_each(int workers, const Work& work, const Commit& commit) const override {
    rows_.for_each(
        workers,
        [&](const RowBlock& each, int worker) {
          if (fails && each.first_row == 3 * block) throw std::runtime_error("no more rows");
          work(each, worker);
        },
        commit);
  }
  bool fails = true;

 private:
  const RowBlocks& rows_;
};

TEST_F(DeviceRowsTest, PassesOnWhatTheSourceThrows) {
  const Columns<double> columns(4 * block, 2);
  Failing source(columns.rows);
  const Stream stream;

  EXPECT_THROW(DeviceRows(source, 0, 0, stream.get()), std::runtime_error);
  const DeviceRows streamed(source, 1, 0, stream.get());
  EXPECT_THROW((void)look_at<double>(streamed, stream), std::runtime_error);
  source.fails = false;
  expect_all_rows(columns, look_at<double>(streamed, stream));
}

TEST(RowsOfAPiece, AreAPowerOfTwoWithinTheirMemory) {
  EXPECT_EQ(rows_of_a_piece(0), std::int64_t{4} << 20);
  EXPECT_EQ(rows_of_a_piece(28), 131'072);
  EXPECT_EQ(rows_of_a_piece(255), 16'384);
  EXPECT_EQ(rows_of_a_piece(256), 8'192);
  EXPECT_EQ(rows_of_a_piece(1'000'000), 256);
}

}  // namespace
}  // namespace gradstep::cuda
