#pragma once

#include <fcntl.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "kernels/row_blocks.hpp"
#include "steps/descriptor.hpp"

namespace gradstep::benchmarks {

/// A file's numbers, where the page cache has them: a set that fills most of the memory is not held
/// twice. Loaded and read once when this is made.
template <class T>
class MappedNumbers {
 public:
  explicit MappedNumbers(const std::filesystem::path& path) : size_(file_size(path) / sizeof(T)) {
    if (size_ == 0) throw std::runtime_error(path.string() + " is empty");
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    void* const mapped =
        ::mmap(nullptr, size_ * sizeof(T), PROT_READ, MAP_PRIVATE | MAP_POPULATE, file.get(), 0);
    if (mapped == MAP_FAILED) throw std::runtime_error(path.string() + " cannot be read");
    values_.reset(static_cast<const T*>(mapped));
    values_.get_deleter().bytes = size_ * sizeof(T);
    touch();
  }
  [[nodiscard]] std::span<const T> all() const { return {values_.get(), size_}; }

 private:
  // A virtual machine may have to fetch a page that nobody has used for a while: once, and now.
  void touch() const {
    constexpr std::size_t page = 4096 / sizeof(T);
    T sum{};
    for (std::size_t i = 0; i < size_; i += page) sum += values_.get()[i];
    [[maybe_unused]] const volatile T used = sum;
  }

  struct Unmap {
    std::size_t bytes = 0;
    // munmap takes back what mmap gave, which was const to everyone else.
    void operator()(const T* values) const noexcept {
      (void)::munmap(const_cast<T*>(values), bytes);
    }
  };
  std::size_t size_;
  std::unique_ptr<const T, Unmap> values_;
};

/// X column-major, n rows by d columns, and the class of each row.
struct TrainingSet {
  explicit TrainingSet(const std::filesystem::path& folder)
      : x_(folder / "x.f64"), classes_(folder / "classes.i32") {
    if (x().size() % class_of_row().size() != 0)
      throw std::runtime_error("x.f64 and classes.i32 do not belong together");
  }

  [[nodiscard]] std::span<const std::int32_t> class_of_row() const { return classes_.all(); }

  [[nodiscard]] ColumnsInMemory<double> first_rows(std::int64_t count) const {
    const std::size_t rows = class_of_row().size();
    std::vector<const double*> columns(x().size() / rows);
    for (std::size_t c = 0; c < columns.size(); ++c) columns[c] = x().data() + c * rows;
    return {std::move(columns), count};
  }

 private:
  [[nodiscard]] std::span<const double> x() const { return x_.all(); }

  MappedNumbers<double> x_;
  MappedNumbers<std::int32_t> classes_;
};

}  // namespace gradstep::benchmarks
