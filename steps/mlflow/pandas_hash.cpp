#include "steps/mlflow/pandas_hash.hpp"

#include <md5.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace gradstep {
namespace {

// SipHash-2-4 (Aumasson, Bernstein 2012).
struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }
  void take(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return word;
}

}  // namespace

// The finalizer of SplitMix64.
std::uint64_t pandas_hash(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

std::uint64_t pandas_hash(double value) {
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  if (value == 0) value = 0;
  return pandas_hash(std::bit_cast<std::uint64_t>(value));
}

std::uint64_t pandas_hash(std::string_view text) {
  constexpr std::string_view key = "0123456789123456";
  const std::uint64_t k0 = little_endian(key.substr(0, 8));
  const std::uint64_t k1 = little_endian(key.substr(8));
  SipState state{k0 ^ 0x736F6D6570736575U, k1 ^ 0x646F72616E646F6DU, k0 ^ 0x6C7967656E657261U,
                 k1 ^ 0x7465646279746573U};
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) state.take(little_endian(text.substr(at, 8)));
  state.take(little_endian(text.substr(at)) | std::uint64_t{text.size()} << 56);
  state.v2 ^= 0xFF;
  for (int i = 0; i < 4; ++i) state.round();
  return pandas_hash(state.v0 ^ state.v1 ^ state.v2 ^ state.v3);
}

std::uint64_t pandas_row_hash(std::span<const std::uint64_t> cells) {
  std::uint64_t hash = 0x345678;
  std::uint64_t factor = 1000003;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    hash = (hash ^ cells[i]) * factor;
    factor += 82520 + 2 * (cells.size() - i);
  }
  return hash + 97531;
}

std::string short_md5(std::string_view bytes) {
  MD5_CTX context;
  MD5Init(&context);
  MD5Update(&context, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  std::array<std::uint8_t, MD5_DIGEST_LENGTH> digest{};
  MD5Final(digest.data(), &context);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < 4; ++i) {
    text += digits[digest[i] >> 4];
    text += digits[digest[i] & 15];
  }
  return text;
}

}  // namespace gradstep
