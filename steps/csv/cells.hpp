#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

namespace gradstep::csv {

/// The missing cell of a text or big_int column; any other cell is an offset in the file.
inline constexpr std::int64_t missing_text = -1;
/// The missing cell of a boolean column.
inline constexpr std::int64_t missing_boolean = 2;

/// A growing array of eight-byte cells, contiguous. Grows by realloc, which on Linux moves pages
/// instead of copying them: a large column never exists twice.
class Cells {
 public:
  [[nodiscard]] std::int64_t size() const { return size_; }

  /// Appends `count` cells, uninitialised, and returns them. @throws std::bad_alloc
  std::span<std::int64_t> append(std::int64_t count);
  /// Forgets the cells behind the first `size`. @param size at most size()
  void shrink(std::int64_t size);

  [[nodiscard]] std::span<std::int64_t> int64() { return view<std::int64_t>(); }
  [[nodiscard]] std::span<const std::int64_t> int64() const { return view<const std::int64_t>(); }
  [[nodiscard]] std::span<std::uint64_t> uint64() { return view<std::uint64_t>(); }
  [[nodiscard]] std::span<const std::uint64_t> uint64() const {
    return view<const std::uint64_t>();
  }
  [[nodiscard]] std::span<double> float64() { return view<double>(); }
  [[nodiscard]] std::span<const double> float64() const { return view<const double>(); }

 private:
  template <class T>
  [[nodiscard]] std::span<T> view() const {
    return {static_cast<T*>(memory_.get()), static_cast<std::size_t>(size_)};
  }
  struct Free {
    void operator()(void* memory) const noexcept { std::free(memory); }
  };
  std::unique_ptr<void, Free> memory_;
  std::int64_t size_ = 0;
  std::int64_t capacity_ = 0;
};

}  // namespace gradstep::csv
