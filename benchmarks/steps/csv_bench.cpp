// Reading and writing CSV on one core, in bytes of text a second, beside a plain read of the same
// bytes (their sum, by words). The texts lie in memory and stay in cache (hot): 1 MB.

#include <benchmark/benchmark.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/core/cpu.hpp"
#include "steps/csv/column_parse.hpp"
#include "steps/csv/number_parse.hpp"
#include "steps/csv/number_print.hpp"
#include "steps/csv/number_text.hpp"
#include "steps/csv/print_common.hpp"
#include "steps/csv/printed_numbers.hpp"
#include "steps/csv/tokenizer.hpp"

namespace {

using namespace gradstep::csv;

constexpr std::int64_t numbers = 65'536;

// What the cells of a column are.
enum class Kind { ints, decimals, scaled_ints, scaled_decimals, fractions };

std::vector<double> values_of(Kind kind) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> fraction(0, 1);
  std::vector<double> values(static_cast<std::size_t>(numbers));
  for (double& value : values) {
    switch (kind) {
      case Kind::ints:
        value = static_cast<double>(random() % 200);
        break;
      case Kind::decimals:
        value = static_cast<double>(random() % 4'000'000'000) / 1e8;
        break;
      case Kind::scaled_ints:
        value = static_cast<double>(random() % 87) / 86;
        break;
      case Kind::scaled_decimals:
        value = static_cast<double>(random() % 4'000'000'000) / 1e8 * (1 / 40.0);
        break;
      case Kind::fractions:
        value = fraction(random);
        break;
    }
  }
  return values;
}

std::string text_of(Kind kind, double value) {
  std::array<char, longest_number> text{};
  char* const end = kind == Kind::ints ? print(text.data(), static_cast<std::int64_t>(value))
                                       : print(text.data(), value);
  return std::string(text.data(), end);
}

// A block of records that all have these columns.
std::string block_of(const std::vector<Kind>& kinds) {
  std::vector<std::vector<double>> columns;
  columns.reserve(kinds.size());
  for (const Kind kind : kinds) columns.push_back(values_of(kind));
  std::string block;
  for (std::size_t row = 0; block.size() < std::size_t{1} << 20U; ++row) {
    for (std::size_t c = 0; c < kinds.size(); ++c)
      block += text_of(kinds[c], columns[c][row % columns[c].size()]) +
               (c + 1 < kinds.size() ? "," : "\n");
  }
  return block;
}

void count_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

const std::vector<Kind>& mixed() {
  static const std::vector<Kind> kinds{Kind::ints,     Kind::ints, Kind::decimals, Kind::ints,
                                       Kind::decimals, Kind::ints, Kind::ints,     Kind::ints};
  return kinds;
}

void plain_read(benchmark::State& state) {
  const std::string block = block_of(mixed());
  for (auto _ : state) {
    std::uint64_t sum = 0;
    for (std::size_t at = 0; at + sizeof(sum) <= block.size(); at += sizeof(sum)) {
      std::uint64_t word = 0;
      std::memcpy(&word, block.data() + at, sizeof(word));
      sum += word;
    }
    benchmark::DoNotOptimize(sum);
  }
  count_bytes(state, block.size());
}

void split(benchmark::State& state) {
  std::string block = block_of(mixed());
  Records records;
  for (auto _ : state)
    benchmark::DoNotOptimize(records.split(block, static_cast<std::int64_t>(mixed().size())));
  count_bytes(state, block.size());
}

void split_and_parse(benchmark::State& state) {
  std::string block = block_of(mixed());
  Records records;
  std::vector<std::int64_t> cells;
  for (auto _ : state) {
    benchmark::DoNotOptimize(records.split(block, static_cast<std::int64_t>(mixed().size())));
    cells.resize(static_cast<std::size_t>(records.rows()));
    for (std::size_t c = 0; c < mixed().size(); ++c)
      benchmark::DoNotOptimize(
          parse_inferred({records, static_cast<std::int64_t>(c), block, 0},
                         mixed()[c] == Kind::ints ? Start::ints : Start::floats, cells));
  }
  count_bytes(state, block.size());
}

void parse_numbers(benchmark::State& state, Kind kind) {
  std::string block = block_of({kind});
  Records records;
  if (records.split(block, 1)) return state.SkipWithError("the block cannot be split");
  std::vector<std::int64_t> cells(static_cast<std::size_t>(records.rows()));
  for (auto _ : state)
    benchmark::DoNotOptimize(parse_inferred(
        {records, 0, block, 0}, kind == Kind::ints ? Start::ints : Start::floats, cells));
  count_bytes(state, block.size());
  state.counters["numbers"] = benchmark::Counter(
      static_cast<double>(state.iterations() * records.rows()), benchmark::Counter::kIsRate);
}

// `put` writes a value's text at a place and returns its end.
template <class Put>
void print_numbers(benchmark::State& state, Kind kind, Put put) {
  const std::vector<double> values = values_of(kind);
  std::vector<char> text(values.size() * 25 + longest_number);
  char* out = text.data();
  for (auto _ : state) {
    out = text.data();
    for (const double value : values) {
      out = put(out, value);
      *out++ = ',';
    }
    benchmark::DoNotOptimize(out);
    benchmark::ClobberMemory();
  }
  count_bytes(state, static_cast<std::size_t>(out - text.data()));
  state.counters["numbers"] = benchmark::Counter(static_cast<double>(state.iterations() * numbers),
                                                 benchmark::Counter::kIsRate);
}

void print_floats(benchmark::State& state, Kind kind) {
  print_numbers(state, kind, [](char* out, double value) { return print(out, value); });
}

void print_remembered(benchmark::State& state, Kind kind) {
  PrintedNumbers printed(4096);
  printed.start_run();
  print_numbers(state, kind, [&](char* out, double value) {
    return printed.print(out, std::bit_cast<std::int64_t>(value));
  });
}

// Some thousand at a time, so that their texts stay in cache.
void print_texts(benchmark::State& state, Kind kind, PrintCommon (*way)()) {
  if (way == avx512_print_common && !gradstep::has_x86_64_v4())
    return state.SkipWithError("this CPU or build has no AVX-512");
  const std::vector<double> values = values_of(kind);
  std::vector<NumberText> texts(2048);
  for (auto _ : state) {
    for (std::size_t i = 0; i < values.size(); i += texts.size())
      print_numbers(std::span(values).subspan(i, texts.size()), texts, way());
    benchmark::ClobberMemory();
  }
  state.counters["numbers"] = benchmark::Counter(static_cast<double>(state.iterations() * numbers),
                                                 benchmark::Counter::kIsRate);
}

void print_ints(benchmark::State& state) {
  print_numbers(state, Kind::ints, [](char* out, double value) {
    return print(out, static_cast<std::int64_t>(value));
  });
}

BENCHMARK(plain_read);
BENCHMARK(split);
BENCHMARK(split_and_parse);
BENCHMARK_CAPTURE(parse_numbers, ints, Kind::ints);
BENCHMARK_CAPTURE(parse_numbers, decimals, Kind::decimals);
BENCHMARK_CAPTURE(parse_numbers, fractions, Kind::fractions);
BENCHMARK(print_ints);
BENCHMARK_CAPTURE(print_floats, decimals, Kind::decimals);
BENCHMARK_CAPTURE(print_floats, fractions, Kind::fractions);
BENCHMARK_CAPTURE(print_floats, scaled_ints, Kind::scaled_ints);
BENCHMARK_CAPTURE(print_floats, scaled_decimals, Kind::scaled_decimals);
BENCHMARK_CAPTURE(print_remembered, scaled_ints, Kind::scaled_ints);
BENCHMARK_CAPTURE(print_remembered, fractions, Kind::fractions);
BENCHMARK_CAPTURE(print_texts, baseline_scaled_decimals, Kind::scaled_decimals,
                  baseline_print_common);
BENCHMARK_CAPTURE(print_texts, avx512_scaled_decimals, Kind::scaled_decimals, avx512_print_common);
BENCHMARK_CAPTURE(print_texts, baseline_scaled_ints, Kind::scaled_ints, baseline_print_common);
BENCHMARK_CAPTURE(print_texts, avx512_scaled_ints, Kind::scaled_ints, avx512_print_common);
BENCHMARK_CAPTURE(print_texts, baseline_decimals, Kind::decimals, baseline_print_common);
BENCHMARK_CAPTURE(print_texts, avx512_decimals, Kind::decimals, avx512_print_common);

}  // namespace
