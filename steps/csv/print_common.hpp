#pragma once

#include <cstdint>
#include <span>

#include "steps/csv/number_text.hpp"

namespace gradstep::csv {

/// How many numbers print_common takes at most.
inline constexpr std::int64_t most_at_once = 64;

/// Writes the texts of those numbers that vectors can print: |x| from 1e-4 to below 2^39 and no
/// power of two. Returns a bit for each number that is left over; its text may be overwritten.
/// Built for several instruction sets, with the same bytes for all.
/// @param count  1 ... most_at_once
using PrintCommon = std::uint64_t (*)(const double* numbers, std::int64_t count, NumberText* texts);

/// For every CPU of the build's baseline; without AVX2 and a fused multiply-add, leaves all over.
[[nodiscard]] PrintCommon baseline_print_common();

/// For x86-64-v4. Only where has_x86_64_v4().
[[nodiscard]] PrintCommon avx512_print_common();

/// print_numbers by this function and, for what it leaves over, csv::print.
void print_numbers(std::span<const double> numbers, std::span<NumberText> texts,
                   PrintCommon print_common);

}  // namespace gradstep::csv
