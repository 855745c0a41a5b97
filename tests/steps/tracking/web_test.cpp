// The small parts that requests are made of: encodings, addresses, waits.

#include <gtest/gtest.h>

#include <string>

#include "steps/tracking/azure.hpp"
#include "steps/tracking/encoding.hpp"
#include "steps/tracking/retry.hpp"
#include "steps/tracking/url.hpp"

namespace gradstep {
namespace {

// RFC 4648, section 10.
TEST(Base64, GivesTheTestVectorsOfTheRfc) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xfb\xff\xfe"), "+//+");
}

TEST(Base64url, IsDecodedWithAndWithoutPadding) {
  EXPECT_EQ(base64url_decoded("Zm9vYg"), "foob");
  EXPECT_EQ(base64url_decoded("Zm9vYg=="), "foob");
  EXPECT_EQ(base64url_decoded("-__-"), "\xfb\xff\xfe");
  EXPECT_EQ(base64url_decoded("a b"), std::nullopt);
}

TEST(PercentEncoding, KeepsWhatNeedsNone) {
  EXPECT_EQ(percent_encoded("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encoded("a b/\xc3\xa4%"), "a%20b%2F%C3%A4%25");
  EXPECT_EQ(percent_encoded("a b/c", "/"), "a%20b/c");
}

TEST(PercentEncoding, IsDecodedWhereItIsOne) {
  EXPECT_EQ(percent_decoded("a%20b%2f%C3%A4"), "a b/\xc3\xa4");
  EXPECT_EQ(percent_decoded("100%, %2, %zz"), "100%, %2, %zz");
}

TEST(Url, GivesItsParts) {
  const auto url = parse_url("HTTP://u%20x:p%40@Host:80/a%20b?c=d#e");

  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "http");
  EXPECT_EQ(url->user, "u x");
  EXPECT_EQ(url->password, "p@");
  EXPECT_EQ(url->authority, "host");
  EXPECT_EQ(url->path, "/a%20b");
  EXPECT_EQ(url->origin(), "http://host");
}

TEST(Url, IsRefusedWithoutSchemeOrHost) {
  for (const char* const none : {"", "host", "://host", "http://", "http:///x", "http://u@/x",
                                 "http://a b", "http://a\n", "http:\\\\host", "http://a\\b"}) {
    EXPECT_FALSE(parse_url(none)) << none;
  }
}

TEST(Url, IsShownWithoutUserAndQuery) {
  EXPECT_EQ(shown_url("https://u:p@host/x?token=y"), "https://host/x");
}

bool share(const char* first, const char* other) {
  const auto from = parse_url(first);
  const auto to = parse_url(other);
  return from && to && may_share_secrets(*from, *to);
}

TEST(Secrets, StayWithTheirServer) {
  EXPECT_TRUE(share("https://a/x", "https://A:443/y"));
  EXPECT_TRUE(share("http://a", "https://a"));
  EXPECT_TRUE(share("http://[::1]", "https://[::1]"));
  EXPECT_FALSE(share("https://a", "http://a"));
  EXPECT_FALSE(share("https://a", "https://b"));
  EXPECT_FALSE(share("https://a", "https://a:444"));
  EXPECT_FALSE(share("http://a:5000", "https://a:5000"));
  EXPECT_FALSE(share("https://a", "https://a.b"));
  EXPECT_FALSE(share("https://a", "https://a@b"));
}

TEST(WaitBeforeRetry, Doubles) {
  EXPECT_EQ(wait_before_retry(0, 2, 1, 0), 0.5);
  EXPECT_EQ(wait_before_retry(1, 2, 1, 0), 1);
  EXPECT_EQ(wait_before_retry(6, 2, 1, 0), 32);
  EXPECT_EQ(wait_before_retry(2, 2, 0.75, 0), 1.5);
  EXPECT_EQ(wait_before_retry(2, 0, 1, 0), 0);
}

TEST(WaitBeforeRetry, IsAsLongAsTheServerAsks) {
  EXPECT_EQ(wait_before_retry(0, 2, 1, 7), 7);
  EXPECT_EQ(wait_before_retry(5, 2, 1, 7), 16);
}

TEST(IsTransient, NamesMlflowsCodes) {
  for (const int status : {408, 429, 500, 502, 503, 504}) EXPECT_TRUE(is_transient(status));
  for (const int status : {200, 302, 400, 401, 403, 404, 501}) EXPECT_FALSE(is_transient(status));
}

TEST(AzureToken, TellsItsExpiry) {
  // {"alg":"none"}.{"sub":"a","exp":1800000000}.
  EXPECT_EQ(expiry_of_token("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwiZXhwIjoxODAwMDAwMDAwfQ.x"),
            1800000000);
  for (const char* const none : {"", "a", "a.b", "a.b.c", "e30.e30.x", "e30.MQ.x"}) {
    EXPECT_EQ(expiry_of_token(none), 0) << none;
  }
}

TEST(AzureToken, IsReadFromTheAnswer) {
  EXPECT_EQ(renewed_token(R"({"token": "t", "expiry_time_utc": "x"})"), "t");
  for (const char* const none : {"", "[]", "{}", R"({"token": 1})", "<html>"}) {
    EXPECT_EQ(renewed_token(none), "") << none;
  }
}

}  // namespace
}  // namespace gradstep
