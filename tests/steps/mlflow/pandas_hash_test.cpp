#include "steps/mlflow/pandas_hash.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace gradstep {
namespace {

// All hashes below are pandas 3.1's.

TEST(PandasHash, TakesIntegersAsTheirBits) {
  EXPECT_EQ(pandas_hash(std::uint64_t{1}), 6238072747940578789U);
  EXPECT_EQ(pandas_hash(std::uint64_t{2}), 15839785061582574730U);
  EXPECT_EQ(pandas_hash(static_cast<std::uint64_t>(-1)), 13029008266876403067U);
}

TEST(PandasHash, HasOneHashForEveryZeroAndEveryNan) {
  EXPECT_EQ(pandas_hash(0.5), 306524380890059637U);
  EXPECT_EQ(pandas_hash(0.0), 0U);
  EXPECT_EQ(pandas_hash(-0.0), 0U);
  EXPECT_EQ(pandas_hash(std::numeric_limits<double>::quiet_NaN()), 5087927234000983963U);
  EXPECT_EQ(pandas_hash(-std::numeric_limits<double>::quiet_NaN()), 5087927234000983963U);
}

TEST(PandasHash, TakesTextsOfAnyLength) {
  EXPECT_EQ(pandas_hash(""), 1760245841805064774U);
  EXPECT_EQ(pandas_hash("a"), 13950350942979735504U);
  EXPECT_EQ(pandas_hash("exactly8"), 15303394091889216105U);
  EXPECT_EQ(pandas_hash("more than eight bytes"), 10867494914930062912U);
  EXPECT_EQ(pandas_hash("Gr\xC3\xB6\xC3\x9F"
                        "e"),
            6127157662880439173U);
}

// hash_pandas_object of the frame {b: [1, 2], a: [0.5, 1.5]} with its index.
TEST(PandasHash, CombinesTheCellsOfARowInTheirOrder) {
  const auto row = [](std::uint64_t b, double a, std::uint64_t index) {
    return pandas_row_hash(std::vector{pandas_hash(b), pandas_hash(a), pandas_hash(index)});
  };

  EXPECT_EQ(row(1, 0.5, 0), 4874175929418599701U);
  EXPECT_EQ(row(2, 1.5, 1), 2307813249644961706U);
}

// RFC 1321: MD5("abc") = 900150983cd24fb0…
TEST(PandasHash, ShortensMd5ToEightDigits) { EXPECT_EQ(short_md5("abc"), "90015098"); }

}  // namespace
}  // namespace gradstep
