#include "steps/csv/source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "steps/error.hpp"
#include "tests/steps/csv/csv_test.hpp"

namespace gradstep::csv {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::StartsWith;

std::string read_at(const Source& source, std::int64_t offset, std::size_t length) {
  std::string text(length, '?');
  text.resize(static_cast<std::size_t>(source.read(offset, text)));
  return text;
}

// Puts `text` into standard input, through a pipe, while it lives.
class PipedInput {
 public:
  explicit PipedInput(const std::string& text) : before_(::dup(STDIN_FILENO)) {
    int ends[2] = {};
    EXPECT_EQ(::pipe(ends), 0);
    ::dup2(ends[0], STDIN_FILENO);
    ::close(ends[0]);
    writer_ = std::jthread([text, to = ends[1]] {
      EXPECT_EQ(::write(to, text.data(), text.size()), static_cast<ssize_t>(text.size()));
      ::close(to);
    });
  }
  PipedInput(const PipedInput&) = delete;
  PipedInput& operator=(const PipedInput&) = delete;
  ~PipedInput() {
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }

 private:
  int before_;
  std::jthread writer_;
};

TEST(Source, ReadsAtAnyOffsetUpToTheEnd) {
  const auto source = source_of("0123456789");

  EXPECT_EQ(read_at(*source, 7, 2), "78");
  EXPECT_EQ(read_at(*source, 2, 3), "234");
  EXPECT_EQ(read_at(*source, 8, 5), "89");
  EXPECT_EQ(read_at(*source, 10, 5), "");
}

TEST(Source, ReadsAPipeMoreThanOnce) {
  const std::string text(3'000'000, 'x');
  const PipedInput input(text + "end");
  const auto source = Source::standard_input();

  EXPECT_EQ(source->name(), "<stdin>");
  EXPECT_EQ(read_at(*source, 3'000'000, 10), "end");
  EXPECT_EQ(read_at(*source, 0, 3'000'000), text);
}

TEST(Source, ReadsANamedPipe) {
  const TemporaryFolder folder;
  const fs::path pipe = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const std::jthread writer([&pipe] { std::ofstream(pipe) << "x\n1\n"; });

  EXPECT_EQ(read_at(Source(pipe), 2, 9), "1\n");
}

TEST(Source, ReadsAPipeOnwardsAndForgets) {
  std::string text;
  for (int line = 1; line <= 200'000; ++line) text += std::to_string(line) + "\r\n";
  const PipedInput input(text);
  const auto source = Source::standard_input(Reading::onwards);
  const auto third = static_cast<std::int64_t>(text.find("66667"));

  EXPECT_EQ(source->size(), 0);
  EXPECT_EQ(read_at(*source, 0, 300'000), text.substr(0, 300'000));
  EXPECT_EQ(source->line_at(0), 1);
  EXPECT_EQ(source->line_at(3), 2);
  source->forget(200'000);
  EXPECT_EQ(read_at(*source, 200'000, 900'000), text.substr(200'000, 900'000));
  source->forget(third);
  EXPECT_EQ(source->line_at(third), 66'667);
  EXPECT_EQ(source->line_at(third + 8), 66'668);
  EXPECT_EQ(read_at(*source, third, text.size()), text.substr(static_cast<std::size_t>(third)));
  EXPECT_EQ(read_at(*source, std::ssize(text), 5), "");
  source->forget(std::ssize(text));
  EXPECT_EQ(source->line_at(std::ssize(text)), 200'001);
}

TEST(Source, ReadsAFileOnwardsAsAnywhere) {
  const TemporaryFolder folder;
  put(folder.path() / "file", "1\n2\n3\n");
  const Source source(folder.path() / "file", Reading::onwards);

  EXPECT_EQ(source.size(), 6);
  EXPECT_EQ(read_at(source, 2, 9), "2\n3\n");
  source.forget(4);
  EXPECT_EQ(source.line_at(2), 2);
}

TEST(Source, TellsWhyAFileCannotBeRead) {
  const TemporaryFolder folder;
  const std::string file = folder.path() / "none.csv";

  EXPECT_EQ(message_of<IoError>([&] { const Source source(file); }),
            "cannot open '" + file + "': No such file or directory");
  EXPECT_EQ(message_of<IoError>([&] { const Source source(folder.path()); }),
            "cannot read '" + folder.path().string() + "': Is a directory");
}

TEST(OpenSources, TakesTheCsvFilesOfAFolderByName) {
  const TemporaryFolder folder;
  for (const char* name : {"b.csv", "a.csv", "B.csv", ".hidden.csv", "c.txt", "d.csv.gz"})
    put(folder.path() / name, "x\n");
  fs::create_directory(folder.path() / "e.csv");

  std::vector<std::string> names;
  for (const auto& source : open_sources(folder.path()))
    names.push_back(fs::path(source->name()).filename());

  EXPECT_THAT(names, ElementsAre("B.csv", "a.csv", "b.csv"));
}

TEST(OpenSources, TakesADashForStandardInput) {
  const PipedInput input("x\n1\n");

  EXPECT_EQ(read_at(*open_sources("-").at(0), 0, 9), "x\n1\n");
}

TEST(OpenSources, RefusesAFolderWithoutCsv) {
  const TemporaryFolder folder;

  EXPECT_THAT(message_of<DataError>([&] { (void)open_sources(folder.path()); }),
              StartsWith(folder.path().string() + ": found no *.csv file"));
}

TEST(OpenSources, RefusesWhatDoesNotExist) {
  EXPECT_THROW((void)open_sources("no/such/file.csv"), IoError);
}

}  // namespace
}  // namespace gradstep::csv
