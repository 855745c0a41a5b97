#include "steps/prep_output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "steps/csv/source.hpp"
#include "steps/error.hpp"
#include "tests/steps/temporary_folder.hpp"

namespace gradstep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(PreparedName, IsTheInputsWithCsvAppendedWhereItIsMissing) {
  EXPECT_EQ(prepared_name("data/diabetes.csv"), "diabetes.csv");
  EXPECT_EQ(prepared_name("diabetes"), "diabetes.csv");
  EXPECT_EQ(prepared_name("/a/b.tar.gz"), "b.tar.gz.csv");
  EXPECT_EQ(prepared_name("-"), "stdin.csv");
}

TEST(PreparedName, OfAFolderIsItsNameHoweverItIsWritten) {
  const TemporaryFolder base;
  const std::filesystem::path folder = base.path() / "rows.v1";
  std::filesystem::create_directories(folder / "below");

  for (const std::string end : {"", "/", "/.", "/below/..", "/below/../"})
    EXPECT_EQ(prepared_name(folder.string() + end), "rows.v1.csv") << end;
}

TEST(OtherCsv, AreTheFilesThatTrainModelWouldReadToo) {
  const TemporaryFolder base;
  for (const char* name : {"ours.csv", "b.csv", "a.csv", ".hidden.csv", "a.txt", "x.csv.part"})
    put(base.path() / name, "");
  std::filesystem::create_directory(base.path() / "folder.csv");

  EXPECT_THAT(other_csv(base.path(), "ours.csv"),
              ElementsAre(base.path() / "a.csv", base.path() / "b.csv"));
  EXPECT_THAT(other_csv(base.path() / "missing", "ours.csv"), IsEmpty());
  EXPECT_THROW((void)other_csv(base.path() / "a.txt", "ours.csv"), IoError);
}

TEST(CheckOutput, RefusesToReplaceOrDeleteTheInput) {
  const TemporaryFolder base;
  put(base.path() / "in" / "data.csv", "a\n1\n");
  put(base.path() / "out" / "data.csv", "older result");
  const std::vector inputs = {std::make_shared<const csv::Source>(base.path() / "in" / "data.csv")};

  EXPECT_NO_THROW(check_output(base.path() / "out", "data.csv", false, inputs));
  EXPECT_THROW(check_output(base.path() / "in", "data.csv", true, inputs), DataError);
  EXPECT_THROW(check_output(base.path() / "in", "other.csv", true, inputs), DataError);
}

TEST(CheckOutput, RefusesOtherCsvUnlessToldToOverwrite) {
  const TemporaryFolder base;
  put(base.path() / "in.csv", "a\n1\n");
  put(base.path() / "out" / "other.csv", "");
  const std::vector inputs = {std::make_shared<const csv::Source>(base.path() / "in.csv")};

  EXPECT_THROW(check_output(base.path() / "out", "in.csv", false, inputs), DataError);
  EXPECT_NO_THROW(check_output(base.path() / "out", "in.csv", true, inputs));
}

}  // namespace
}  // namespace gradstep
