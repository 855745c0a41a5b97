#include "steps/csv/column_look.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "steps/csv/number_parse.hpp"
#include "steps/csv/number_print.hpp"

namespace gradstep::csv {
namespace {

struct Look {
  BlockColumn found;
  FieldForms forms;
  std::vector<std::uint8_t> keep;
};

Look look(const std::vector<std::string>& fields, Start start = Start::ints) {
  std::vector<char> text;
  for (const std::string& field : fields) {
    text.insert(text.end(), field.begin(), field.end());
    text.insert(text.end(), {',', 'x', '\n'});
  }
  Records records;
  EXPECT_FALSE(records.split(text, 2).has_value());
  std::vector<std::int64_t> scratch(fields.size());
  Look result;
  result.keep.assign(fields.size(), 1);
  result.found = look_at({records, 0, text, 0}, start, result.forms, scratch, result.keep);
  return result;
}

std::string printed(const std::string& field, BlockKind kind) {
  std::array<char, longest_number> buffer{};
  if (kind == BlockKind::int64) {
    std::int64_t value = 0;
    EXPECT_EQ(parse_int64(field, value), IntOutcome::ok) << field;
    return {buffer.data(), print(buffer.data(), value)};
  }
  double value = 0;
  EXPECT_TRUE(parse_float64(field, value)) << field;
  return {buffer.data(), print(buffer.data(), value)};
}

TEST(LookAt, TellsNumbersThatPrintAsTheyStand) {
  for (const char* const field : {"0", "7", "-7", "10", "123456789012345"}) {
    EXPECT_EQ(look({field}).found.kind, BlockKind::int64) << field;
    EXPECT_TRUE(look({field}).forms.same) << field;
    EXPECT_FALSE(look({field}).forms.pointed) << field;
  }
  for (const char* const field : {"0.0", "-0.0", "1.0", "-10.5", "0.0001", "0.00012", "100.25",
                                  "1234567890123.4", "12345678901234.5", "0.33333333333333"}) {
    EXPECT_EQ(look({field}).found.kind, BlockKind::float64) << field;
    EXPECT_TRUE(look({field}).forms.same) << field;
    EXPECT_TRUE(look({field}).forms.pointed) << field;
  }
}

TEST(LookAt, TellsNumbersThatPrintAnotherWay) {
  for (const char* const field :
       {"-0",   "00",   "007",  "-01",   "+1",      " 1",       "1 ",  "1.",   ".5",  "-.5",
        "00.5", "1.50", "0.00", "-0.00", "0.00001", "0.000012", "1e5", "1E-3", "inf", "-Infinity"})
    EXPECT_FALSE(look({field}).forms.same) << field;
}

TEST(LookAt, TellsAMixture) {
  EXPECT_FALSE(look({"1", "2.5"}).forms.pointed);
  EXPECT_TRUE(look({"1", "2.5"}).forms.same);
  EXPECT_TRUE(look({"1", "2.5", "", "3"}).found.missing);
  EXPECT_TRUE(look({"1", "2.5", "", "3"}).forms.missing_empty);
  EXPECT_FALSE(look({"1", "2.5", "NA", "3"}).forms.missing_empty);
  EXPECT_TRUE(look({"True", "", "False"}).forms.same);
  EXPECT_FALSE(look({"True", "false"}).forms.same);
}

TEST(LookAt, FindsWhatParsingFinds) {
  const std::vector<std::vector<std::string>> columns = {
      {"1", "2", "3"}, {"1", "", "3"},  {"", "NA"},         {"1", "-0"},
      {"1", "2.5"},    {"1", "x"},      {"True", "1"},      {"True", "NA"},
      {"x", "NA"},     {"007", "1e3"},  {"1.5", "", "-0"},  {"18446744073709551616"},
      {" 1", "+1"},    {"-0", "", "1"}, {"nan", "", "2.5"}, {"true", "x", "", "1"}};
  for (const auto& fields : columns) {
    for (const Start start : {Start::ints, Start::floats, Start::booleans, Start::text}) {
      std::vector<char> text;
      for (const std::string& field : fields) {
        text.insert(text.end(), field.begin(), field.end());
        text.insert(text.end(), {',', '\n'});
      }
      Records records;
      EXPECT_FALSE(records.split(text, 2).has_value());
      const ColumnFields column(records, 0, text, 0);
      std::vector<std::int64_t> cells(fields.size());
      std::vector<std::uint8_t> present(fields.size(), 1);
      std::vector<std::uint8_t> keep(fields.size(), 1);
      clear_missing(column, present);

      const BlockColumn expected = parse_inferred(column, start, cells, keep);
      const auto [found, forms, kept] = look(fields, start);

      EXPECT_EQ(found.kind, expected.kind) << fields[0];
      EXPECT_EQ(found.first_failure, expected.first_failure) << fields[0];
      EXPECT_EQ(found.missing, expected.missing) << fields[0];
      EXPECT_EQ(found.float_differs, expected.float_differs) << fields[0];
      EXPECT_EQ(keep, present) << fields[0];
      EXPECT_EQ(kept, present) << fields[0];
    }
  }
}

// Whatever is said to print as it stands does, be it long, short, near a power of ten or of two.
TEST(LookAt, NeverErrsOnRandomDecimals) {
  std::mt19937_64 random(7);
  int same = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::size_t size = 1 + random() % 18;
    std::string field;
    if (random() % 4 == 0) field += '-';
    for (std::size_t k = 0; k < size; ++k)
      field += random() % 3 == 0 ? "09"[random() % 2] : static_cast<char>('0' + random() % 10);
    if (random() % 4 != 0) field.insert(field.size() - random() % (size + 1), 1, '.');
    if (field == "." || field == "-.") continue;
    const Look found = look({field}, random() % 2 == 0 ? Start::ints : Start::floats);
    if (!found.forms.same) continue;
    ++same;
    const bool whole = found.found.kind == BlockKind::float64 && !found.forms.pointed;
    EXPECT_EQ(printed(field, found.found.kind), field + (whole ? ".0" : ""));
  }
  EXPECT_GT(same, 50'000);
}

}  // namespace
}  // namespace gradstep::csv
