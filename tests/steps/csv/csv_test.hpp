#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "steps/csv/source.hpp"
#include "steps/csv/table.hpp"
#include "steps/error.hpp"
#include "tests/steps/temporary_folder.hpp"

namespace gradstep::csv {

/// A file that holds `text`, named `name`; it is open, but gone from its folder.
inline std::shared_ptr<const Source> source_of(std::string_view text,
                                               const std::string& name = "data.csv") {
  const TemporaryFolder folder;
  put(folder.path() / name, text);
  return std::make_shared<const Source>(folder.path() / name);
}

inline Table table_of(const std::vector<std::string>& files, const ReadOptions& options = {}) {
  std::vector<std::shared_ptr<const Source>> sources;
  for (const std::string& text : files) sources.push_back(source_of(text));
  return read(sources, options);
}

inline Table table_of(const std::string& file, const ReadOptions& options = {}) {
  return table_of(std::vector{file}, options);
}

inline std::string written(const Table& table, int threads = 1) {
  std::string text;
  table.write([&text](std::string_view piece, std::int64_t) { text += piece; }, threads);
  return text;
}

/// What the file reads and writes as, when it is read in blocks of that size.
inline std::string rewritten(const std::string& file, std::int64_t block_bytes = 1 << 20,
                             int threads = 1) {
  ReadOptions options;
  options.block_bytes = block_bytes;
  options.threads = threads;
  return written(table_of(file, options), threads);
}

/// The error's message, without the folder of the file.
template <class Error, class Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    const std::string text = error.what();
    const std::size_t file = text.find("data.csv");
    return file == std::string::npos ? text : text.substr(file);
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

}  // namespace gradstep::csv
