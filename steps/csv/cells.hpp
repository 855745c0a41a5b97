#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "steps/csv/temporary_file.hpp"

namespace gradstep::csv {

/// The missing cell of a text or big_int column; any other cell is an offset in the file.
inline constexpr std::int64_t missing_text = -1;
/// The missing cell of a boolean column.
inline constexpr std::int64_t missing_boolean = 2;

/// Where cells are kept.
enum class CellPlace {
  memory,
  temporary_file,  ///< one a column, in $TMPDIR, else /tmp; mapped, so that they read as in memory
};

/// A growing array of eight-byte cells, contiguous. In memory it grows by realloc, which on Linux
/// moves pages instead of copying them: a large column never exists twice.
class Cells {
 public:
  Cells() = default;
  /// @throws IoError  when there can be no temporary file
  explicit Cells(CellPlace place);

  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] CellPlace place() const {
    return file() == nullptr ? CellPlace::memory : CellPlace::temporary_file;
  }

  /// Appends `count` cells, uninitialised, and returns them.
  /// @throws std::bad_alloc; IoError when the disk is full; then the cells are as before
  std::span<std::int64_t> append(std::int64_t count);
  /// Forgets the cells behind the first `size`. @param size at most size()
  void shrink(std::int64_t size);

  // Of cells in a temporary file, what keeps memory small; of cells in memory, nothing. Cells
  // [first, end) may be read and written by other threads meanwhile.

  /// Gives back the memory of cells that have been read.
  void release(std::int64_t first, std::int64_t end) const;
  /// Gives back that of the system's cache of files, too; cells that have been written go to the
  /// disk now.
  void evict(std::int64_t first, std::int64_t end) const;
  /// Asks for cells that will be read soon; without, each page of them is waited for by itself.
  void prefetch(std::int64_t first, std::int64_t end) const;

  [[nodiscard]] std::span<std::int64_t> int64() { return view<std::int64_t>(); }
  [[nodiscard]] std::span<const std::int64_t> int64() const { return view<const std::int64_t>(); }
  [[nodiscard]] std::span<std::uint64_t> uint64() { return view<std::uint64_t>(); }
  [[nodiscard]] std::span<const std::uint64_t> uint64() const {
    return view<const std::uint64_t>();
  }
  [[nodiscard]] std::span<double> float64() { return view<double>(); }
  [[nodiscard]] std::span<const double> float64() const { return view<const double>(); }

 private:
  friend class ReadInOrder;

  // Unmaps or frees.
  struct Owner {
    std::unique_ptr<MappedFile> file;  // none: the cells are in memory
    void operator()(void* memory) const noexcept {
      if (file == nullptr) std::free(memory);
    }
  };

  template <class T>
  [[nodiscard]] std::span<T> view() const {
    return {static_cast<T*>(memory_.get()), static_cast<std::size_t>(size_)};
  }
  [[nodiscard]] MappedFile* file() const { return memory_.get_deleter().file.get(); }
  void grow_memory(std::int64_t capacity);
  void grow_file(std::int64_t capacity);

  std::unique_ptr<void, Owner> memory_;
  std::int64_t size_ = 0;
  std::int64_t capacity_ = 0;
};

/// While one lives, each access to the cells brings in those that follow, if they are on disk: for
/// a walk through one column. They must not grow nor move meanwhile.
class ReadInOrder {
 public:
  explicit ReadInOrder(const Cells& cells);
  ReadInOrder(const ReadInOrder&) = delete;
  ReadInOrder& operator=(const ReadInOrder&) = delete;
  ~ReadInOrder();

 private:
  const MappedFile* file_;
};

}  // namespace gradstep::csv
