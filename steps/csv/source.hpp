#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace gradstep::csv {

/// A file opened for reading, more than once and from several threads. Standard input that is a
/// pipe is copied to an unnamed temporary file first, because text columns are read again.
class Source {
 public:
  /// @throws IoError with the path and the system's reason
  explicit Source(const std::filesystem::path& path);
  /// Standard input; its name is "<stdin>".
  static std::shared_ptr<const Source> standard_input();
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source();

  /// As messages name it.
  [[nodiscard]] const std::string& name() const { return name_; }
  /// How many bytes there are to read. @throws IoError
  [[nodiscard]] std::int64_t size() const;
  /// Reads at `offset` until `to` is full or the file ends; returns the number of bytes.
  [[nodiscard]] std::int64_t read(std::int64_t offset, std::span<char> to) const;

 private:
  Source(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  int fd_;
  std::string name_;
};

/// Opens what `--input_data` or `--training_data` names: a file, the `*.csv` of a folder sorted by
/// name, or "-".
/// @throws IoError when it does not exist; DataError when a folder holds no `*.csv`
[[nodiscard]] std::vector<std::shared_ptr<const Source>> open_sources(const std::string& argument);

}  // namespace gradstep::csv
