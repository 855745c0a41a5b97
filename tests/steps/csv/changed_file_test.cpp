// Files that change while prep-data reads them for the second time.
#include <filesystem>
#include <optional>

#include "steps/csv/survey.hpp"
#include "steps/error.hpp"
#include "tests/steps/csv/csv_test.hpp"

namespace gradstep::csv {
namespace {

namespace fs = std::filesystem;

// What comes of a rewrite when the file holds something else by then.
class ChangedFile : public testing::Test {
 protected:
  // Number column n; t and m are copied.
  void survey(std::string_view text, bool drop_missing = true) {
    put(path_, text);
    SurveyOptions options;
    options.numbers = {"n"};
    options.drop_missing = drop_missing;
    survey_ = Survey::of({std::make_shared<const Source>(path_)}, options, {});
    ASSERT_TRUE(survey_);
  }
  [[nodiscard]] std::string rewrite() const {
    if (!survey_) return "no survey";
    std::string text;
    survey_->rewrite([](auto, auto) {},
                     [&text](std::string_view piece, std::int64_t) { text += piece; }, 1);
    return text;
  }
  [[nodiscard]] std::string message() const {
    return message_of<DataError>([this] { (void)rewrite(); });
  }
  void change(std::string_view text) const { put(path_, text); }

  static constexpr const char* original = "n,t,m\n1,a,2\n3,b,4\n";
  static constexpr const char* expected = "data.csv: the file changed while it was being read";
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  TemporaryFolder folder_;
  fs::path path_ = folder_.path() / "data.csv";
  std::optional<Survey> survey_;
};

TEST_F(ChangedFile, IsWrittenWhereItHasNotChanged) {
  survey(original);

  EXPECT_EQ(rewrite(), "n,t,m\n1.0,a,2\n3.0,b,4\n");
  EXPECT_EQ(rewrite(), "n,t,m\n1.0,a,2\n3.0,b,4\n");
}

TEST_F(ChangedFile, IsRefusedWhateverIsInIt) {
  for (const char* const text : {
           "n,t,m\n1,a,2\n3,c,4\n",   // other text that is copied
           "n,t,m\n1,a,2\n3,b,5\n",   // another number that is copied
           "n,t,m\n1,a,2\n9,b,4\n",   // another number that is changed
           "n,t,m\n1,a,2\n",          // shorter by a record
           "n,t,m\n1,a,2\n3,b,\n",    // shorter
           "n,t,m\n1,a,2\n345678\n",  // a record without commas
           "n,t,m\n1,a,2 345678\n",   // a record fewer
           "n,t,m\n1,a\n2\n3,b,4\n",  // a record more
           "n,t,m\n1,a,2\nNA,b,4",    // a missing value, in each column
           "n,t,m\n1,a,2\n,,4  \n",
           "n,t,m\n1,a,\n3,b,45\n",
           "n,t,m\n1,a,2\nx,b,4\n",  // no number
           "n,t,m\n1,a,2\n.5,b,4",   // a float among ints
           "",
       }) {
    for (const bool drop_missing : {false, true}) {
      survey(original, drop_missing);
      change(text);
      EXPECT_EQ(message(), expected) << text;
    }
  }
}

TEST_F(ChangedFile, IsRefusedWhereAQuoteIsOpenNow) {
  for (const char* const text : {"n,t,m\n1,a,2\n3,\"b,4", "n,t,m\n1,a,2\n3,b,\"4"}) {
    for (const bool drop_missing : {false, true}) {
      survey(original, drop_missing);
      change(text);
      EXPECT_THROW((void)rewrite(), DataError) << text;
    }
  }
}

TEST_F(ChangedFile, IsRefusedWhereAMissingValueIsThereNow) {
  for (const char* const changed : {"n,t,m\n1,a,2\n3,b,4\n5,c,6", "n,t,m\n1,a,\n3,b,\n5,c,66\n"}) {
    survey("n,t,m\n1,a,\n3,b,4\n5,c,6\n");
    change(changed);
    EXPECT_EQ(message(), expected) << changed;
  }
}

// Names are not read again, and what was not there is not looked for.
TEST_F(ChangedFile, IsWrittenAsItWasWhereItsRowsAreTheSame) {
  for (const char* const text :
       {original, "x,t,m\n1,a,2\n3,b,4\n", "n,t,m\n1,a,2\n3,b,4\n5,c,6\n"}) {
    survey(original);
    change(text);
    EXPECT_EQ(rewrite(), "n,t,m\n1.0,a,2\n3.0,b,4\n") << text;
  }
}

// An input that another program replaces, not overwrites, is read on as it was opened.
TEST_F(ChangedFile, IsAnotherFileWhereItsNameIsTaken) {
  survey(original);
  put(path().string() + ".new", "n,t,m\n9,z,9\n");
  fs::rename(path().string() + ".new", path());

  EXPECT_EQ(rewrite(), "n,t,m\n1.0,a,2\n3.0,b,4\n");
}

TEST_F(ChangedFile, IsRefusedAmongOthers) {
  TemporaryFolder folder;
  std::vector<std::shared_ptr<const Source>> sources;
  for (const char* const name : {"a.csv", "data.csv", "z.csv"}) {
    put(folder.path() / name, original);
    sources.push_back(std::make_shared<const Source>(folder.path() / name));
  }
  const auto survey = Survey::of(sources, {}, {});
  ASSERT_TRUE(survey);

  put(folder.path() / "data.csv", "n,t,m\n1,a,2\n3,b,5\n");

  EXPECT_EQ(message_of<DataError>(
                [&survey] { survey->rewrite([](auto, auto) {}, [](auto, auto) {}, 2); }),
            expected);
}

}  // namespace
}  // namespace gradstep::csv
