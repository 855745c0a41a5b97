#include "steps/csv/column_texts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "steps/csv/number_parse.hpp"
#include "steps/csv/number_print.hpp"

namespace gradstep::csv {
namespace {

constexpr Verdict ints{CellType::int64};
constexpr Verdict floats{CellType::float64};
constexpr Verdict floats_of_ints{CellType::float64, true};

void change(std::span<double> numbers) {
  for (double& number : numbers) number = 3 - number / 7;
}

// What a field's text is, without a memory.
std::string text_of_field(const std::string& field, const Verdict& verdict, bool changed) {
  if (is_na(field)) return "";
  double value = 0;
  if (verdict.type == CellType::int64 || verdict.of_ints) {
    std::int64_t whole = 0;
    const IntOutcome outcome = parse_int64(field, whole);
    EXPECT_TRUE(outcome == IntOutcome::ok || outcome == IntOutcome::ok_float_differs) << field;
    value = static_cast<double>(whole);
  } else {
    EXPECT_TRUE(parse_float64(field, value)) << field;
  }
  if (changed) change({&value, 1});
  std::array<char, longest_number> text{};
  return {text.data(), print(text.data(), value)};
}

// A block whose first column is `fields`: the first field starts where the text does.
struct BlockOfFields {
  explicit BlockOfFields(const std::vector<std::string>& fields) {
    for (const std::string& field : fields) {
      text.insert(text.end(), field.begin(), field.end());
      text.insert(text.end(), {',', '\n'});
    }
    EXPECT_FALSE(records.split(text, 2).has_value());
    EXPECT_EQ(records.rows(), std::ssize(fields));
  }
  [[nodiscard]] ColumnFields column() const { return {records, 0, text, 0}; }

  std::vector<char> text;
  Records records;
};

// The column's memory, together with what is to be done with numbers.
struct Printer {
  explicit Printer(std::size_t entries, bool changes = false) : texts(entries), changed(changes) {}

  void expect_right(const std::vector<std::string>& fields, const Verdict& verdict) {
    const BlockOfFields block(fields);
    ASSERT_TRUE(texts.print(block.column(), verdict,
                            changed ? ColumnTexts::Change(change) : ColumnTexts::Change(),
                            unknown));
    for (std::size_t row = 0; row < fields.size(); ++row)
      ASSERT_EQ(texts.of_rows()[row].view(), text_of_field(fields[row], verdict, changed))
          << "row " << row << ": '" << fields[row] << "'";
  }

  ColumnTexts texts;
  ColumnTexts::Unknown unknown;
  bool changed;
};

TEST(ColumnTexts, AreTheTextsOfTheNumbers) {
  ColumnTexts texts(16);
  ColumnTexts::Unknown unknown;
  const BlockOfFields block(
      {"12345678901234567", "1", "2.50", "", "1", "1e3", "NA", "2.50", "12345678901234567"});

  ASSERT_TRUE(texts.print(block.column(), floats, {}, unknown));
  std::vector<std::string_view> found;
  for (int row = 0; row < 9; ++row) found.push_back(texts.of_rows()[row].view());

  EXPECT_EQ(found, (std::vector<std::string_view>{"1.2345678901234568e+16", "1.0", "2.5", "", "1.0",
                                                  "1000.0", "", "2.5", "1.2345678901234568e+16"}));
}

TEST(ColumnTexts, DependOnTheVerdict) {
  for (const std::size_t entries : {0U, 1U, 16U}) {
    ColumnTexts texts(entries);
    ColumnTexts::Unknown unknown;
    // Behind a long one, as nothing is remembered at the very start of a text.
    const BlockOfFields block({"12345678901234567", "-0", "-0"});
    for (int again = 0; again < 2; ++again) {
      ASSERT_TRUE(texts.print(block.column(), ints, {}, unknown));
      EXPECT_EQ(texts.of_rows()[2].view(), "0.0");
      ASSERT_TRUE(texts.print(block.column(), floats, {}, unknown));
      EXPECT_EQ(texts.of_rows()[2].view(), "-0.0");
      ASSERT_TRUE(texts.print(block.column(), floats_of_ints, {}, unknown));
      EXPECT_EQ(texts.of_rows()[2].view(), "0.0");
    }
  }
}

TEST(ColumnTexts, RefuseAFieldThatDoesNotFit) {
  for (const std::size_t entries : {0U, 16U}) {
    ColumnTexts texts(entries);
    ColumnTexts::Unknown unknown;
    std::vector<std::string> fields(600, "1");
    ASSERT_TRUE(texts.print(BlockOfFields(fields).column(), ints, {}, unknown));

    for (const std::size_t row : {0U, 255U, 256U, 599U}) {
      for (const char* const odd : {"x", "1.5"}) {
        std::vector<std::string> others = fields;
        others[row] = odd;
        EXPECT_FALSE(texts.print(BlockOfFields(others).column(), ints, {}, unknown))
            << row << " '" << odd << "'";
      }
    }
  }
}

// The memory tells fields apart by their last bytes and their size, up to 15 bytes.
TEST(ColumnTexts, TellFieldsOfOneEndApart) {
  const std::string digits = "1234567890.12345678901234567";
  std::vector<std::string> fields = {""};
  for (std::size_t size = 1; size <= digits.size(); ++size) {
    const std::string end = digits.substr(digits.size() - size);
    if (end.find_first_not_of('.') != std::string::npos) fields.push_back(end);
  }
  for (const char* const head : {"", "1", "2", "12", "-", "0"})
    for (const char* const tail : {"0.1234567890123", "5.1234567890123", "1.5", "5", "0", "50"})
      fields.push_back(std::string(head) + tail);
  const std::vector<std::string> once = fields;
  for (int again = 0; again < 30; ++again) fields.insert(fields.end(), once.begin(), once.end());

  for (const std::size_t entries : {1U, 2U, 16U, 4096U}) {
    Printer printer(entries);
    printer.expect_right(fields, floats);
    std::ranges::reverse(fields);
    printer.expect_right(fields, floats);
  }
}

// A field's sixteen bytes up to its end would start before the text.
TEST(ColumnTexts, KnowFieldsAtTheStartOfTheText) {
  for (const std::size_t entries : {0U, 1U, 16U, 4096U}) {
    Printer printer(entries);
    for (int again = 0; again < 3; ++again)
      for (const char* const first : {"1", "-2.5", "0.1234567890123", "0.12345678901234",
                                      "0.123456789012345", "12345678901234567", ""})
        printer.expect_right({first, "1", first, "2", first, "1", "1", first}, floats);
  }
}

enum class Fields { repeat, never_repeat, begin_to_repeat, cease_to_repeat };

std::vector<std::string> random_fields(std::mt19937_64& random, Fields kind, std::size_t rows,
                                       bool whole, bool missing) {
  std::vector<std::string> fields;
  fields.reserve(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const bool repeats = kind == Fields::repeat ||
                         (kind == Fields::begin_to_repeat && row >= 300) ||
                         (kind == Fields::cease_to_repeat && row < 300);
    std::string field = std::to_string(repeats ? random() % 50 : random() % 1'000'000'000'000'000U);
    if (random() % 4 == 0) field.insert(0, 1, '-');
    if (!whole) field += '.' + std::to_string(repeats ? random() % 3 : random() % 10'000'000);
    if (missing && random() % 20 == 0) field = random() % 2 == 0 ? "" : "NA";
    fields.push_back(field);
  }
  return fields;
}

TEST(ColumnTexts, AreTheSameWhetherRememberingPaysOrNot) {
  std::mt19937_64 random(5);
  const std::array kinds = {Fields::repeat, Fields::never_repeat, Fields::begin_to_repeat,
                            Fields::cease_to_repeat};
  for (const std::size_t entries : {0U, 1U, 16U, 4096U}) {
    for (const bool changed : {false, true}) {
      Printer printer(entries, changed);
      for (int block = 0; block < 40; ++block) {
        const Fields kind = kinds[random() % kinds.size()];
        const std::array<std::size_t, 7> sizes = {1, 31, 255, 256, 257, 700, 1500};
        const std::size_t rows = sizes[random() % sizes.size()];
        // One verdict's entries must not be the next one's.
        const Verdict verdict = std::array{ints, floats, floats_of_ints}[random() % 3];
        const bool whole = verdict.type == CellType::int64 || verdict.of_ints || block % 4 == 0;
        printer.expect_right(
            random_fields(random, kind, rows, whole, verdict.type == CellType::float64), verdict);
      }
    }
  }
}

}  // namespace
}  // namespace gradstep::csv
