#include "steps/mlflow/pickle.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "kernels/core/error.hpp"

namespace gradstep::pickle {
namespace {

using namespace std::string_literals;

// Expected bytes: Python 3.11's pickle.dumps(value, 4) without PROTO, FRAME, MEMOIZE and STOP.

TEST(Pickle, WritesIntegersOfEverySize) {
  EXPECT_EQ(integer(std::int64_t{0}), "K\0"s);
  EXPECT_EQ(integer(std::int64_t{255}), "K\xff");
  EXPECT_EQ(integer(std::int64_t{256}), "M\0\x01"s);
  EXPECT_EQ(integer(std::int64_t{65535}), "M\xff\xff");
  EXPECT_EQ(integer(std::int64_t{65536}), "J\0\0\x01\0"s);
  EXPECT_EQ(integer(std::int64_t{-1}), "J\xff\xff\xff\xff");
  EXPECT_EQ(integer(std::int64_t{2147483647}), "J\xff\xff\xff\x7f");
  EXPECT_EQ(integer(std::int64_t{2147483648}), "\x8a\x05\0\0\0\x80\0"s);
  EXPECT_EQ(integer(std::int64_t{-2147483648}), "J\0\0\0\x80"s);
  EXPECT_EQ(integer(std::int64_t{-2147483649}), "\x8a\x05\xff\xff\xff\x7f\xff");
}

TEST(Pickle, WritesTheLargestIntegers) {
  EXPECT_EQ(integer(std::numeric_limits<std::int64_t>::max()),
            "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f");
  EXPECT_EQ(integer(std::numeric_limits<std::int64_t>::min()), "\x8a\x08\0\0\0\0\0\0\0\x80"s);
  EXPECT_EQ(integer(std::uint64_t{1} << 63), "\x8a\x09\0\0\0\0\0\0\0\x80\0"s);
  EXPECT_EQ(integer(std::numeric_limits<std::uint64_t>::max()),
            "\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\0"s);
  EXPECT_EQ(integer(std::uint64_t{7}), "K\x07");
}

TEST(Pickle, WritesOtherScalars) {
  EXPECT_EQ(boolean(true), "\x88");
  EXPECT_EQ(boolean(false), "\x89");
  EXPECT_EQ(real(1.5), "G\x3f\xf8\0\0\0\0\0\0"s);
  EXPECT_EQ(real(-std::numeric_limits<double>::infinity()), "G\xff\xf0\0\0\0\0\0\0"s);
}

TEST(Pickle, CountsTheBytesOfATextNotItsCharacters) {
  EXPECT_EQ(text("\xc3\xa4"), "\x8c\x02\xc3\xa4");
  EXPECT_EQ(text(""), "\x8c\0"s);
  EXPECT_EQ(text(std::string(255, 'a')), "\x8c\xff" + std::string(255, 'a'));
  EXPECT_EQ(text(std::string(256, 'a')), "X\0\x01\0\0"s + std::string(256, 'a'));
}

TEST(Pickle, WritesContainers) {
  const Value one = integer(std::int64_t{1});
  const Value two = integer(std::int64_t{2});

  EXPECT_EQ(list({one, two}), "](K\x01K\x02"s + "e");
  EXPECT_EQ(list({}), "](e");
  EXPECT_EQ(tuple({one, two}), "K\x01K\x02\x86");
  EXPECT_EQ(dict({{"a", one}, {"b", two}}), "}(\x8c\x01"s + "aK\x01\x8c\x01"s + "bK\x02u");
  EXPECT_THROW((void)tuple({one, one, one, one}), InvalidArgument);
}

TEST(Pickle, CallsAFunctionAndSetsAState) {
  const Value function = global("m", "f");

  EXPECT_EQ(function, "\x8c\x01m\x8c\x01"s + "f\x93");
  EXPECT_EQ(call(function, {}), function + ")R");
  EXPECT_EQ(call(function, {text("x"), text("y")}), function + "\x8c\x01x\x8c\x01y\x86R");
  EXPECT_EQ(with_state("object", "state"), "objectstateb");
  EXPECT_EQ(file("value"), "\x80\x04value.");
}

}  // namespace
}  // namespace gradstep::pickle
