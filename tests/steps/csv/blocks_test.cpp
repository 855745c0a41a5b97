#include "steps/csv/blocks.hpp"

#include "steps/error.hpp"
#include "tests/steps/csv/csv_test.hpp"

namespace gradstep::csv {
namespace {

using testing::ElementsAre;

std::vector<std::string> blocks_of(const std::string& text, std::int64_t block_bytes) {
  const auto source = source_of(text);
  BlockReader reader(*source, 0, block_bytes);
  std::vector<std::string> blocks;
  for (Block block; reader.next(block);) blocks.emplace_back(block.text.begin(), block.text.end());
  return blocks;
}

TEST(LastRecordEnd, IsBehindTheLastNewline) {
  EXPECT_EQ(last_record_end("a,b\nc,d\ne"), 8);
  EXPECT_EQ(last_record_end("a,b\r\nc"), 5);
  EXPECT_EQ(last_record_end("a,b"), 0);
}

TEST(LastRecordEnd, IsOutsideOfQuotes) {
  EXPECT_EQ(last_record_end("a\n\"b\nc\"\n\"d\ne"), 8);
  EXPECT_EQ(last_record_end("\"a\nb"), 0);
  EXPECT_EQ(last_record_end("a\n\"b\"\"\n\"\"c\n"), 2);
  EXPECT_EQ(last_record_end("a\"b\nc\"\nd"), 7);
}

TEST(LastRecordEnd, IsBehindALoneCrWhereNoNewlineIs) { EXPECT_EQ(last_record_end("a\rb\rc"), 4); }

TEST(LastRecordEnd, IsNotBehindACrWhoseLineEndMayGoOn) {
  EXPECT_EQ(last_record_end("a\rb\r"), 2);
  EXPECT_EQ(last_record_end("a\rb\r,"), 2);
  EXPECT_EQ(last_record_end("\"\r\"\r,\"\r"), 0);
}

TEST(BlockReader, CutsAtTheLastRecordThatIsWhole) {
  EXPECT_THAT(blocks_of("ab\ncd\nef\ngh", 7), ElementsAre("ab\ncd\n", "ef\ngh"));
}

TEST(BlockReader, GrowsForALongRecord) {
  EXPECT_THAT(blocks_of("a\n\"bcd\nefgh\nijkl\"\nm\n", 4),
              ElementsAre("a\n", "\"bcd\nefgh\nijkl\"\n", "m\n"));
}

TEST(BlockReader, EndsWithoutANewline) {
  EXPECT_THAT(blocks_of("ab\ncd", 3), ElementsAre("ab\n", "cd"));
  EXPECT_THAT(blocks_of("", 3), ElementsAre());
}

TEST(ReadAgain, TellsOfAFileThatBecameShorter) {
  const TemporaryFolder folder;
  put(folder.path() / "data.csv", "a\n1\n");
  const Source source(folder.path() / "data.csv");
  std::filesystem::resize_file(folder.path() / "data.csv", 1);
  std::vector<char> text;

  EXPECT_THROW(read_again(source, 0, 4, text), DataError);
}

}  // namespace
}  // namespace gradstep::csv
