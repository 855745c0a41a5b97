#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gradstep {

// The hashes that MLflow's digests of data sets are made of.
// Source: pandas 3.1, `pandas.util.hash_array` and `hash_pandas_object`.

/// The hash of an integer or boolean cell; negative ones as two's complement.
[[nodiscard]] std::uint64_t pandas_hash(std::uint64_t value);
/// The hash of a float64 cell; 0.0 and -0.0 have the same, and so do all NaN.
[[nodiscard]] std::uint64_t pandas_hash(double value);
/// The hash of a text cell, UTF-8.
[[nodiscard]] std::uint64_t pandas_hash(std::string_view text);

/// One row's hash from its cells' hashes, the index last.
[[nodiscard]] std::uint64_t pandas_row_hash(std::span<const std::uint64_t> cells);

/// The first 8 hexadecimal digits of the MD5 of `bytes`.
/// Source: mlflow 3.17, `mlflow.data.digest_utils.get_normalized_md5_digest`.
[[nodiscard]] std::string short_md5(std::string_view bytes);

}  // namespace gradstep
