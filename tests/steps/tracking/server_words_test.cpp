#include "steps/tracking/server_words.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gradstep {
namespace {

TEST(ServerWords, AreTheCodeAndTheMessageOfJson) {
  EXPECT_EQ(server_words(R"({"error_code": "BAD", "message": "a <b>\n\u001b[0m c"})", {}),
            "BAD: a <b> [0m c");
  EXPECT_EQ(server_words(R"({"error": {"code": "UserError", "message": "no"}})", {}),
            "UserError: no");
  EXPECT_EQ(server_words(R"({"error_code": "BAD"})", {}), "BAD");
}

TEST(ServerWords, AreAnythingElseAsItIs) {
  EXPECT_EQ(server_words("Invalid Host header\r\n", {}), "Invalid Host header");
  EXPECT_EQ(server_words(R"({"detail": "x"})", {}), R"({"detail": "x"})");
  EXPECT_EQ(server_words("a < b", {}), "a < b");
  EXPECT_EQ(server_words("{}", {}), "");
  EXPECT_EQ(server_words(" \n", {}), "");
}

TEST(ServerWords, AreTheTextOfHtml) {
  EXPECT_EQ(server_words("<!doctype html>\n<style>b{}</style><h1>Not&nbsp;Found</h1>"
                         "<script>x<y</script><p>a &lt;b&gt; &amp;lt;</p><!-- c -->",
                         {}),
            "Not Found a <b> &lt;");
  EXPECT_EQ(server_words("<h1>cut <scr", {}), "cut");
}

TEST(ServerWords, AreShort) {
  const std::string words = server_words(std::string(1000, 'a') + "\xc3\xa4", {});

  EXPECT_EQ(words, std::string(397, 'a') + "...");
  // 396 letters, then one of two bytes: it is not torn.
  EXPECT_EQ(server_words(std::string(396, 'a') + "\xc3\xa4" + std::string(9, 'b'), {}),
            std::string(396, 'a') + "...");
}

TEST(ServerWords, HoldNoSecret) {
  EXPECT_EQ(server_words("Bearer abcabcd, abc and ab", {"abc", "abcd", ""}),
            "Bearer ******, *** and ab");
  EXPECT_EQ(server_words("a\n  b", {"a\n  b"}), "***");
  // Not even a part of one where the words are cut off.
  EXPECT_EQ(server_words(std::string(390, 'x') + "secret-secret-secret", {"secret-secret-secret"}),
            std::string(390, 'x') + "***");
}

TEST(PlainWords, HoldNoSecretInDisguise) {
  for (const char* const text :
       {"x/y", "x\\/y", "x\\u002fy", "x%2fy", "x%252Fy", "x&#47;y", "x&#x2F;y"}) {
    EXPECT_EQ(plain_words(text, {"x/y"}), "***") << text;
  }
  EXPECT_EQ(plain_words("a\xc2\x9b 31m\nb", {}), "a 31m b");
}

TEST(PlainUrl, KeepsOurOwnPart) {
  const std::string base = "http://mlflow";
  EXPECT_EQ(plain_url(base + "/api/2.0/mlflow/runs/create", base, {"mlflow"}),
            base + "/api/2.0/mlflow/runs/create");
  EXPECT_EQ(plain_url(base + "/api/2.0/mlflow/logged-models/secret", base, {"secret"}),
            base + "/api/2.0/mlflow/logged-models/***");
}

}  // namespace
}  // namespace gradstep
