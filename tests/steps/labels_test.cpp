#include "steps/labels.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "kernels/core/error.hpp"

namespace gradstep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// A CSV file with a column y, and a column x so that an empty y is no blank line.
class LabelFile {
 public:
  explicit LabelFile(const std::vector<std::string>& labels)
      : path_(std::filesystem::temp_directory_path() /
              ("gradstep-labels-" + std::to_string(getpid()) + ".csv")) {
    std::ofstream file(path_);
    file << "x,y\n";
    for (const std::string& label : labels) file << "1," << label << '\n';
  }
  LabelFile(const LabelFile&) = delete;
  LabelFile& operator=(const LabelFile&) = delete;
  ~LabelFile() { std::filesystem::remove(path_); }

  [[nodiscard]] Labels read() const {
    csv::Table table = csv::read(csv::open_sources(path_.string()), {});
    return read_labels(table, table.find("y"));
  }
  /// What the refusal says; empty when there is none.
  [[nodiscard]] std::string refusal() const {
    try {
      (void)read();
      return "";
    } catch (const DataError& error) {
      return error.what();
    }
  }

 private:
  std::filesystem::path path_;
};

TEST(ReadLabels, TakesWholeNumbersInAscendingOrder) {
  const Labels labels = LabelFile({"7", "-3", "-3", "7"}).read();

  EXPECT_THAT(labels.classes,
              ElementsAre(ClassValue(std::int64_t{-3}), ClassValue(std::int64_t{7})));
  EXPECT_THAT(labels.class_of_row, ElementsAre(1, 0, 0, 1));
}

TEST(ReadLabels, TakesNumbersPastInt64) {
  const Labels labels = LabelFile({"18446744073709551615", "1"}).read();

  EXPECT_THAT(labels.classes, ElementsAre(ClassValue(std::uint64_t{1}),
                                          ClassValue(std::uint64_t{18446744073709551615U})));
  EXPECT_THAT(labels.class_of_row, ElementsAre(1, 0));
}

TEST(ReadLabels, TakesFloatsThatAreWhole) {
  const Labels labels = LabelFile({"1.0", "0.0", "1"}).read();

  EXPECT_THAT(labels.classes, ElementsAre(ClassValue(0.0), ClassValue(1.0)));
  EXPECT_THAT(labels.class_of_row, ElementsAre(1, 0, 1));
}

TEST(ReadLabels, TakesTrueAndFalse) {
  const Labels labels = LabelFile({"True", "False", "True"}).read();

  EXPECT_THAT(labels.classes, ElementsAre(ClassValue(false), ClassValue(true)));
  EXPECT_THAT(labels.class_of_row, ElementsAre(1, 0, 1));
}

TEST(ReadLabels, TakesTextInOrderOfCodePoints) {
  const Labels labels = LabelFile({"zebra", "\"\xc3\xa9l\xc3\xa9phant, gris\"", "zebra"}).read();

  EXPECT_THAT(labels.classes,
              ElementsAre(ClassValue("zebra"), ClassValue("\xc3\xa9l\xc3\xa9phant, gris")));
  EXPECT_THAT(labels.class_of_row, ElementsAre(0, 1, 0));
}

TEST(ReadLabels, RefusesAMissingLabelWithItsLine) {
  EXPECT_THAT(LabelFile({"0", "1", ""}).refusal(),
              AllOf(HasSubstr(".csv:4: "), HasSubstr("'y'"), HasSubstr("missing")));
  EXPECT_THAT(LabelFile({"yes", "NA", "no"}).refusal(),
              AllOf(HasSubstr(".csv:3: "), HasSubstr("missing")));
  EXPECT_THAT(LabelFile({"True", "False", "None"}).refusal(),
              AllOf(HasSubstr(".csv:4: "), HasSubstr("missing")));
}

TEST(ReadLabels, RefusesNumbersThatNameNoClass) {
  EXPECT_THAT(LabelFile({"0.5", "1", "1"}).refusal(),
              AllOf(HasSubstr(".csv:2: "), HasSubstr("whole number")));
  EXPECT_THAT(LabelFile({"0", "inf", "1"}).refusal(),
              AllOf(HasSubstr(".csv:3: "), HasSubstr("infinite")));
  EXPECT_THAT(LabelFile({"0", "18446744073709551616"}).refusal(), HasSubstr("64 bits"));
}

TEST(ReadLabels, TakesManyClassesInAscendingOrder) {
  const Labels numbers = LabelFile({"10", "9", "-1", "9", "10"}).read();
  const Labels texts = LabelFile({"b", "a", "c", "B", "a"}).read();

  EXPECT_THAT(numbers.classes,
              ElementsAre(ClassValue(std::int64_t{-1}), ClassValue(std::int64_t{9}),
                          ClassValue(std::int64_t{10})));
  EXPECT_THAT(numbers.class_of_row, ElementsAre(2, 1, 0, 1, 2));
  EXPECT_THAT(texts.classes,
              ElementsAre(ClassValue("B"), ClassValue("a"), ClassValue("b"), ClassValue("c")));
  EXPECT_THAT(texts.class_of_row, ElementsAre(2, 1, 3, 0, 1));
}

TEST(ReadLabels, TakesAHundredClassesAndNoMore) {
  std::vector<std::string> labels(100);
  for (std::size_t k = 0; k < labels.size(); ++k) labels[k] = std::to_string(k);
  EXPECT_EQ(LabelFile(labels).read().classes.size(), 100U);

  labels.emplace_back("100");
  labels.emplace_back("0");

  EXPECT_THAT(
      LabelFile(labels).refusal(),
      HasSubstr("more than 100 classes (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …); that looks like a "
                "quantity or a name of each row, and at most 100 classes"));
}

TEST(ReadLabels, RefusesOneClassAndNamesIt) {
  EXPECT_THAT(LabelFile({"3", "3"}).refusal(),
              HasSubstr("'y' is the label and has 1 class (3); two or more are needed"));
}

TEST(ReadLabels, RefusesNoLabels) { EXPECT_THAT(LabelFile({}).refusal(), HasSubstr("0 classes")); }

TEST(ClassText, ReadsAsPythonShowsIt) {
  EXPECT_EQ(class_text(true), "True");
  EXPECT_EQ(class_text(std::int64_t{-1}), "-1");
  EXPECT_EQ(class_text(1.0), "1.0");
  EXPECT_EQ(class_text("yes"), "yes");
}

}  // namespace
}  // namespace gradstep
