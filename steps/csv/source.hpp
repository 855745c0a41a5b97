#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "steps/csv/pipe_window.hpp"
#include "steps/descriptor.hpp"

namespace gradstep::csv {

/// How a source is going to be read.
enum class Reading {
  anywhere,  ///< at any offset, again and again
  onwards,   ///< once, from the start on; what lies behind is forgotten with Source::forget
};

/// A file opened for reading, from several threads. A pipe that is to be read anywhere is copied to
/// an unnamed temporary file first; one that is read onwards is never copied.
class Source {
 public:
  /// @throws IoError with the path and the system's reason
  explicit Source(const std::filesystem::path& path, Reading reading = Reading::anywhere);
  /// Standard input; its name is "<stdin>".
  static std::shared_ptr<const Source> standard_input(Reading reading = Reading::anywhere);
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source();

  /// As messages name it.
  [[nodiscard]] const std::string& name() const { return name_; }
  /// How many bytes there are to read; 0 for a pipe, which does not tell. @throws IoError
  [[nodiscard]] std::int64_t size() const;
  /// Reads at `offset` until `to` is full or the file ends; returns the number of bytes. Of a pipe
  /// that is read onwards, new bytes are for one thread at a time.
  [[nodiscard]] std::int64_t read(std::int64_t offset, std::span<char> to) const;
  /// Nothing before `offset`, which has been read, will be read again.
  void forget(std::int64_t offset) const;
  /// The line at byte `offset`, which is not forgotten, counted from 1; \n, \r\n and a lone \r end
  /// a line, within quotes too. Cost: reads the file up to there.
  [[nodiscard]] std::int64_t line_at(std::int64_t offset) const;

 private:
  Source(Descriptor from, std::string name, Reading reading);
  Descriptor file_;
  std::string name_;
  std::unique_ptr<PipeWindow> pipe_;  // none when the file can be read anywhere
};

/// Opens what `--input_data` or `--training_data` names: a file, the `*.csv` of a folder sorted by
/// name, or "-".
/// @throws IoError when it does not exist; DataError when a folder holds no `*.csv`
[[nodiscard]] std::vector<std::shared_ptr<const Source>> open_sources(
    const std::string& argument, Reading reading = Reading::anywhere);

}  // namespace gradstep::csv
