#include "kernels/column_sweeps.cuh"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "kernels/core/error.hpp"
#include "kernels/cuda/memory.cuh"

namespace gradstep::cuda {
namespace {

constexpr std::int64_t bytes_of_a_cell = 8;
// Long copies come near the bus's speed; longer ones only take more pinned memory.
constexpr std::int64_t preferred_bytes_of_a_slab = std::int64_t{8} << 20;

std::int64_t blocks_of(std::int64_t rows) { return pieces(rows, rows_of_a_block); }

const std::byte* cell_at(const void* column, std::int64_t row) {
  return static_cast<const std::byte*>(column) + row * bytes_of_a_cell;
}
std::byte* cell_at(void* column, std::int64_t row) {
  return static_cast<std::byte*>(column) + row * bytes_of_a_cell;
}

}  // namespace

struct ColumnSweeps::Lanes {
  std::array<DeviceBuffer<double>, 2> cells;
  std::array<DeviceBuffer<std::uint8_t>, 2> keep;
};

// The device holds numbers for all rows, and of each slab under way its cells and mask, the
// extremes that blocks find, and what change() makes of it.
ColumnSweeps::Plan ColumnSweeps::plan_of(std::int64_t rows, std::int64_t columns,
                                         const Roles& roles, const Options& options) {
  if (rows == 0) return {.rows_of_a_slab = 0, .slabs = 0, .resident = false};
  const std::int64_t blocks = blocks_of(rows);
  const std::int64_t extremes = roles.measured * std::int64_t{sizeof(Extremes)};
  const std::int64_t fixed = (blocks + 1) * std::int64_t{sizeof(std::int64_t)} + 2 * extremes +
                             columns * std::int64_t{sizeof(ColumnScale)};
  const std::int64_t cells = rows_of_a_block * columns * bytes_of_a_cell;
  const std::int64_t input = cells + rows_of_a_block;  // of a block of rows, as what follows
  const std::int64_t others = extremes + (options.changes ? cells : 0);
  const std::int64_t lanes = std::min<std::int64_t>(blocks, 2);
  const std::int64_t memory = usable_memory(options.device_memory);
  const std::int64_t least = fixed + lanes * (input + others);
  const std::int64_t fit = memory < least ? 1 : (memory - fixed) / (lanes * (input + others));
  const std::int64_t most = std::min(fit, blocks);
  const std::int64_t of_a_slab =
      std::clamp(preferred_bytes_of_a_slab / input, std::int64_t{1}, most);
  return {.rows_of_a_slab = of_a_slab * rows_of_a_block,
          .slabs = pieces(blocks, of_a_slab),
          .resident = options.changes && roles.looked_at > 0 &&
                      fixed + blocks * input + lanes * of_a_slab * others <= memory};
}

ColumnSweeps::ColumnSweeps(std::vector<const void*> columns, const Roles& roles,
                           std::span<const std::uint8_t> keep, const Options& options)
    : columns_(std::move(columns)),
      roles_(roles),
      keep_(keep),
      plan_(plan_of(std::ssize(keep_), std::ssize(columns_), roles_, options)),
      cells_(plan_.resident ? blocks_of(std::ssize(keep_)) * rows_of_a_block * std::ssize(columns_)
                            : 0,
             streams_[0].get()),
      mask_(plan_.resident ? std::ssize(keep_) : 0, streams_[0].get()),
      kept_before_(blocks_of(std::ssize(keep_)) + 1, streams_[0].get()) {
  kept_before_.set_to_zero();
  streams_[0].wait();  // the other stream will write there, too
}

ColumnSweeps::Lanes ColumnSweeps::lanes(std::int64_t columns) const {
  const std::int64_t rows = plan_.resident ? 0 : plan_.rows_of_a_slab;
  const std::int64_t rows_of_second = plan_.slabs > 1 ? rows : 0;
  return {{DeviceBuffer<double>(rows * columns, streams_[0].get()),
           DeviceBuffer<double>(rows_of_second * columns, streams_[1].get())},
          {DeviceBuffer<std::uint8_t>(rows, streams_[0].get()),
           DeviceBuffer<std::uint8_t>(rows_of_second, streams_[1].get())}};
}

ColumnSweeps::Slab ColumnSweeps::slab(std::int64_t index, const Lanes& lanes) const {
  const std::int64_t first = index * plan_.rows_of_a_slab;
  const std::int64_t rows = std::min(plan_.rows_of_a_slab, std::ssize(keep_) - first);
  const auto lane = static_cast<std::size_t>(index % 2);
  return {.index = index,
          .first_row = first,
          .rows = rows,
          .stride = pieces(rows, 32) * 32,
          .cells = plan_.resident ? cells_.data() + first * std::ssize(columns_)
                                  : lanes.cells[lane].data(),
          .keep = plan_.resident ? mask_.data() + first : lanes.keep[lane].data(),
          .stream = streams_[lane].get()};
}

std::int64_t ColumnSweeps::kept_in(const Slab& slab) const {
  const auto first = static_cast<std::size_t>(slab.first_row / rows_of_a_block);
  const auto end = first + static_cast<std::size_t>(blocks_of(slab.rows));
  return kept_before_on_host_[end] - kept_before_on_host_[first];
}

// Queues the copy of some columns, and of the mask, to the slab's place on the device.
void ColumnSweeps::upload(const Slab& slab, std::int64_t first_column, std::int64_t end_column,
                          bool mask, Staging& staging) const {
  std::byte* const buffer = staging.next().data();
  const std::int64_t pitch = slab.stride * bytes_of_a_cell;
  for (std::int64_t c = first_column; c < end_column; ++c)
    std::memcpy(buffer + (c - first_column) * pitch,
                cell_at(columns_[static_cast<std::size_t>(c)], slab.first_row),
                static_cast<std::size_t>(slab.rows * bytes_of_a_cell));
  const std::int64_t cells = (end_column - first_column) * pitch;
  if (cells > 0)
    check(cudaMemcpyAsync(slab.cells + first_column * slab.stride, buffer,
                          static_cast<std::size_t>(cells), cudaMemcpyHostToDevice, slab.stream));
  if (mask) {
    std::memcpy(buffer + cells, keep_.data() + slab.first_row, static_cast<std::size_t>(slab.rows));
    check(cudaMemcpyAsync(slab.keep, buffer + cells, static_cast<std::size_t>(slab.rows),
                          cudaMemcpyHostToDevice, slab.stream));
  }
  staging.queued(slab.stream);
}

// Two slabs are under way at a time. `send` queues the work on a slab, `fetch` the copy of its
// result to a pinned buffer, and `store` gets that buffer when the copy is done.
template <class Send, class Fetch, class Store>
void ColumnSweeps::for_each_slab(const Lanes& lanes, std::int64_t bytes_of_a_result,
                                 const Send& send, const Fetch& fetch, const Store& store) const {
  Staging results(bytes_of_a_result);
  for (std::int64_t index = 0; index < plan_.slabs + 2; ++index) {
    const bool sends = index < plan_.slabs;
    if (sends) send(slab(index, lanes));
    std::byte* const result = results.next().data();
    if (index >= 2) store(slab(index - 2, lanes), result);
    if (!sends) continue;
    fetch(slab(index, lanes), result);
    results.queued(slab(index, lanes).stream);
  }
}

ColumnSweeps::Found ColumnSweeps::look(std::span<std::uint8_t> mask) {
  const bool drops = roles_.looked_at > roles_.measured_only;
  const std::vector<Extremes> none(static_cast<std::size_t>(roles_.measured));
  const std::int64_t parts =
      roles_.measured * std::min(blocks_of(plan_.rows_of_a_slab), most_parts);
  const std::array scratch{DeviceBuffer<Extremes>(parts, streams_[0].get()),
                           DeviceBuffer<Extremes>(parts, streams_[1].get())};
  const std::array extremes{DeviceBuffer<Extremes>(none, streams_[0].get()),
                            DeviceBuffer<Extremes>(none, streams_[1].get())};
  const Lanes under_way = lanes(roles_.looked_at);
  Staging staging(plan_.rows_of_a_slab * (roles_.looked_at * bytes_of_a_cell + 1));

  for_each_slab(
      under_way, drops ? plan_.rows_of_a_slab : 0,
      [&](const Slab& slab) {
        const auto lane = static_cast<std::size_t>(slab.index % 2);
        upload(slab, 0, roles_.looked_at, true, staging);
        look_at_rows({slab.cells, slab.rows, roles_.looked_at, slab.stride}, roles_, slab.keep,
                     kept_before_.data() + slab.first_row / rows_of_a_block, scratch[lane].data(),
                     extremes[lane].data(), slab.stream);
      },
      [&](const Slab& slab, std::byte* result) {
        if (drops)
          check(cudaMemcpyAsync(result, slab.keep, static_cast<std::size_t>(slab.rows),
                                cudaMemcpyDeviceToHost, slab.stream));
      },
      [&](const Slab& slab, const std::byte* result) {
        if (drops)
          std::memcpy(mask.data() + slab.first_row, result, static_cast<std::size_t>(slab.rows));
      });

  std::array<std::vector<Extremes>, 2> found{none, none};
  for (const std::size_t lane : {0U, 1U}) {
    extremes[lane].copy_to(found[lane]);
    streams_[lane].wait();
  }
  for (std::size_t c = 0; c < none.size(); ++c) found[0][c].add(found[1][c]);
  add_up_blocks(kept_before_.data(), kept_before_.size() - 1, streams_[0].get());
  kept_before_on_host_.resize(static_cast<std::size_t>(kept_before_.size()));
  kept_before_.copy_to(kept_before_on_host_);
  streams_[0].wait();
  return {kept_before_on_host_.back(), std::move(found[0])};
}

void ColumnSweeps::change(std::span<void* const> columns, std::span<const ColumnScale> scales) {
  const std::int64_t kept = kept_before_on_host_.back();
  const std::int64_t changed = kept == std::ssize(keep_) ? std::ssize(scales) : std::ssize(columns);
  if (kept == 0 || changed == 0) return;
  const std::int64_t first = plan_.resident ? std::min(roles_.looked_at, changed) : 0;
  const std::int64_t cells = plan_.rows_of_a_slab * changed;
  const DeviceBuffer<ColumnScale> by(scales, streams_[0].get());
  const std::array output{DeviceBuffer<double>(cells, streams_[0].get()),
                          DeviceBuffer<double>(cells, streams_[1].get())};
  streams_[0].wait();  // the other stream reads the scales, too
  const Lanes under_way = lanes(changed);
  Staging staging(plan_.rows_of_a_slab * ((changed - first) * bytes_of_a_cell + 1));

  for_each_slab(
      under_way, cells * bytes_of_a_cell,
      [&](const Slab& slab) {
        const auto lane = static_cast<std::size_t>(slab.index % 2);
        const std::int64_t rows = kept_in(slab);
        upload(slab, first, changed, !plan_.resident, staging);
        compact_and_scale({slab.cells, slab.rows, changed, slab.stride}, slab.keep,
                          kept_before_.data() + slab.first_row / rows_of_a_block, by.data(),
                          std::ssize(scales), {output[lane].data(), rows, changed, rows},
                          slab.stream);
      },
      [&](const Slab& slab, std::byte* result) {
        const std::int64_t bytes = kept_in(slab) * changed * bytes_of_a_cell;
        if (bytes > 0)
          check(cudaMemcpyAsync(result, output[static_cast<std::size_t>(slab.index % 2)].data(),
                                static_cast<std::size_t>(bytes), cudaMemcpyDeviceToHost,
                                slab.stream));
      },
      [&](const Slab& slab, const std::byte* result) {
        const std::int64_t rows = kept_in(slab);
        const std::int64_t before =
            kept_before_on_host_[static_cast<std::size_t>(slab.first_row / rows_of_a_block)];
        for (std::int64_t c = 0; c < changed; ++c)
          std::memcpy(cell_at(columns[static_cast<std::size_t>(c)], before),
                      result + c * rows * bytes_of_a_cell,
                      static_cast<std::size_t>(rows * bytes_of_a_cell));
      });
}

}  // namespace gradstep::cuda
