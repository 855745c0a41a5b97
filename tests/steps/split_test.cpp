#include "steps/split.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>

#include "kernels/core/error.hpp"

namespace gradstep {
namespace {

using testing::ElementsAre;

// The expected rows are those of sklearn.model_selection.train_test_split (scikit-learn 1.9.1).

TEST(TrainTestSplit, TakesTheRowsThatScikitLearnTakesInItsOrder) {
  const Split split = train_test_split(10, 0.3, 42);

  EXPECT_THAT(split.train, ElementsAre(0, 7, 2, 9, 4, 3, 6));
  EXPECT_THAT(split.test, ElementsAre(8, 1, 5));
}

TEST(TrainTestSplit, TakesTheLargestSeed) {
  const Split split = train_test_split(12, 0.25, 4'294'967'295);

  EXPECT_THAT(split.train, ElementsAre(9, 1, 10, 6, 0, 4, 7, 2, 3));
  EXPECT_THAT(split.test, ElementsAre(11, 8, 5));
}

TEST(TrainTestSplit, RoundsTheTestPartUp) {
  EXPECT_THAT(train_test_split(2, 0.3, 0).test, ElementsAre(1));
  EXPECT_THAT(train_test_split(3, 0.3, 0).test, ElementsAre(2));
  EXPECT_THAT(train_test_split(5, 0.4, 0).test, ElementsAre(2, 0));
}

std::string sha256(std::span<const std::int64_t> rows) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("gradstep-split-" + std::to_string(getpid()) + ".bin");
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(rows.data()),
             static_cast<std::streamsize>(rows.size_bytes()));
  struct Close {
    void operator()(std::FILE* pipe) const { pclose(pipe); }
  };
  const std::unique_ptr<std::FILE, Close> pipe(popen(("sha256sum " + path.string()).c_str(), "r"));
  std::string digest(64, ' ');
  const std::size_t read = std::fread(digest.data(), 1, digest.size(), pipe.get());
  std::filesystem::remove(path);
  return digest.substr(0, read);
}

// From the reference of the lab's job: 10,000 rows, test_size=0.30, random_state=0.
TEST(TrainTestSplit, SplitsTheLabsRowsAsTheLabDoes) {
  const Split split = train_test_split(10'000, 0.30, 0);

  EXPECT_EQ(sha256(split.train),
            "0cd7471724a3b0d72c18636e0fcbd9e1e852ab58193745b500f715a1682e02fb");
  EXPECT_EQ(sha256(split.test), "c27643ab945d969165c458b59265a35902c63b7a67409a863fcbaf58ce02d40e");
}

TEST(TrainTestSplit, RefusesDataThatLeaveNoRowToTrainWith) {
  EXPECT_THROW((void)train_test_split(0, 0.3, 0), DataError);
  EXPECT_THROW((void)train_test_split(1, 0.3, 0), DataError);
}

TEST(TrainTestSplit, RefusesASharePastItsRange) {
  EXPECT_THROW((void)train_test_split(10, 0.0, 0), InvalidArgument);
  EXPECT_THROW((void)train_test_split(10, 1.0, 0), InvalidArgument);
}

}  // namespace
}  // namespace gradstep
