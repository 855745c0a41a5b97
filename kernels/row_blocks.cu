#include "kernels/row_blocks.cuh"

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/memory.cuh"

namespace gradstep::cuda {
namespace {

constexpr std::int64_t most_bytes_of_a_slab = 64 << 20;

// Slabs end with zeros up to a multiple of 32 rows: kernels read vectors of rows.
std::int64_t padded(std::int64_t rows) { return pieces(rows, 32) * 32; }

std::int64_t bytes_of_a_row(const RowBlocks& rows) {
  return rows.cols() * static_cast<std::int64_t>(rows.float32() ? sizeof(float) : sizeof(double));
}

// Through pinned buffers to rows of a slab that begin at `to`.
template <class T>
void copy_columns(std::span<const T* const> columns, std::int64_t rows, T* to, std::int64_t stride,
                  Staging& staging, cudaStream_t stream) {
  const std::int64_t length = padded(rows);
  const auto bytes = static_cast<std::size_t>(length) * sizeof(T);
  while (!columns.empty()) {
    const std::span<std::byte> buffer = staging.next();
    const std::size_t together = std::min(buffer.size() / bytes, columns.size());
    T* out = reinterpret_cast<T*>(buffer.data());
    // A copy a column: one of them all would need a pitch, which ends at 2 GB.
    for (const T* column : columns.first(together)) {
      std::fill_n(std::copy_n(column, rows, out), length - rows, T{0});
      check(cudaMemcpyAsync(to, out, bytes, cudaMemcpyHostToDevice, stream));
      out += length;
      to += stride;
    }
    staging.queued(stream);
    columns = columns.subspan(together);
  }
}

}  // namespace

DeviceRows::Layout DeviceRows::layout_of(const RowBlocks& rows, std::int64_t device_memory,
                                         std::int64_t reserved) {
  const std::int64_t all = padded(rows.rows());
  const std::int64_t of_a_row = bytes_of_a_row(rows);
  const std::int64_t room = usable_memory(device_memory) - reserved;
  if (all * of_a_row <= room || all * of_a_row == 0) return {true, all, all * of_a_row};
  constexpr std::int64_t block = RowBlocks::rows_per_block;
  const std::int64_t most = std::min(room / 2, most_bytes_of_a_slab) / of_a_row;
  const std::int64_t piece = std::max(rows_of_a_piece(rows.cols()), block);
  const std::int64_t unit = piece <= most ? piece : block;
  const std::int64_t slab = std::max<std::int64_t>(most / unit, 1) * unit;
  return {false, slab, slab * of_a_row};
}

DeviceRows::DeviceRows(const RowBlocks& rows, std::int64_t device_memory, std::int64_t reserved,
                       cudaStream_t stream)
    : source_(rows),
      stream_(stream),
      layout_(layout_of(rows, device_memory, reserved)),
      slabs_(layout_.bytes_of_a_slab * (layout_.resident ? 1 : 2), stream) {
  if (!resident()) {
    streaming_.reset(new Streaming{{}, {}, {}, Staging(bytes_of_a_buffer())});
    for (const Event& visited : streaming_->visited) visited.record(stream);  // the slabs exist
    return;
  }
  Staging staging(bytes_of_a_buffer());
  source_.for_each(
      1,
      [&](const RowBlock& block, int) {
        copy_block(block, slabs_.data(), block.first_row, staging, stream);
      },
      [](std::int64_t, int) {});
}

// For a RowBlock, or for as many of its columns as are worth a copy: at least one.
std::int64_t DeviceRows::bytes_of_a_buffer() const {
  constexpr std::int64_t enough = 16 << 20;
  return std::min(std::min(RowBlocks::rows_per_block, padded(rows())) * bytes_of_a_row(source_),
                  enough);
}

void DeviceRows::copy_block(const RowBlock& block, std::byte* x, std::int64_t row, Staging& staging,
                            cudaStream_t stream) const {
  copy_columns(block.float64, block.rows, reinterpret_cast<double*>(x) + row,
               layout_.rows_of_a_slab, staging, stream);
  copy_columns(block.float32, block.rows, reinterpret_cast<float*>(x) + row, layout_.rows_of_a_slab,
               staging, stream);
}

void DeviceRows::walk(
    const std::function<void(const std::byte* x, std::int64_t first_row)>& visit) const {
  if (rows() == 0) return;
  if (resident()) return visit(slabs_.data(), 0);
  const auto queue_block = [&](const RowBlock& block, int) {
    const std::int64_t index = block.first_row / layout_.rows_of_a_slab;
    const std::int64_t row = block.first_row % layout_.rows_of_a_slab;
    const std::size_t turn = index % 2 == 0 ? 0 : 1;
    std::byte* const x = slabs_.data() + (turn == 0 ? 0 : layout_.bytes_of_a_slab);
    const cudaStream_t copies = streaming_->copies.get();
    if (row == 0) streaming_->visited[turn].hold(copies);  // what it held is no longer needed
    copy_block(block, x, row, streaming_->staging, copies);
    const bool full = row + block.rows == layout_.rows_of_a_slab;
    if (!full && block.first_row + block.rows < rows()) return;
    streaming_->copied[turn].record(copies);
    streaming_->copied[turn].hold(stream_);
    visit(x, block.first_row - row);
    streaming_->visited[turn].record(stream_);
  };
  source_.for_each(1, queue_block, [](std::int64_t, int) {});
}

}  // namespace gradstep::cuda
