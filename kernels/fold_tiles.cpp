#include "kernels/fold_tiles.hpp"

namespace gradstep {

void FoldTile::fill_up(const LogisticProblem& problem) {
  double* column = values_.data();
  for (const double*& filled : columns_) {
    filled = column;
    std::fill(column + rows_, column + filled_rows(), 0.0);
    column += stride;
  }
  column -= stride;
  std::fill_n(column, rows_, 1.0);
  double* const weight = weight_.data();
  std::fill_n(weight, rows_, 1.0);
  std::fill(weight + rows_, weight + filled_rows(), 0.0);
  if (problem.row_weight.empty()) return;
  std::transform(row().begin(), row().end(), weight, [&](std::int64_t row) {
    return problem.row_weight[static_cast<std::size_t>(row)];
  });
}

void FoldTile::look_up_signs(const LogisticProblem& problem, int positive_class,
                             double* signs) const {
  const auto sign_of = [&](std::int64_t row) {
    return problem.class_of_row[static_cast<std::size_t>(row)] == positive_class ? 1.0 : -1.0;
  };
  double* const end = std::transform(row().begin(), row().end(), signs, sign_of);
  std::fill(end, signs + filled_rows(), 0.0);
}

void FoldTiles::take_rows(const RowBlock& block, std::int64_t first, std::int64_t count,
                          const LogisticProblem& problem, const FoldSlots& slots) {
  std::size_t taken = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto row = static_cast<std::size_t>(block.first_row + first + i);
    if (!problem.row_weight.empty() && problem.row_weight[row] == 0) continue;
    const int slot = slots.of(problem.fold_of_row.empty() ? 0 : problem.fold_of_row[row],
                              problem.class_of_row[row]);
    if (slot < 0) continue;
    FoldTile& tile = tiles_[static_cast<std::size_t>(slot)];
    tile.row_[static_cast<std::size_t>(tile.rows_)] = block.first_row + first + i;
    destinations_[taken++] = {tile.values_.data() + tile.rows_++, first + i};
  }
  std::int64_t offset = 0;
  const auto place_column = [&](const auto* column) {
    const Destination* const end = destinations_.data() + taken;
    for (const Destination* to = destinations_.data(); to != end; ++to)
      to->out[offset] = static_cast<double>(column[to->row]);
    offset += FoldTile::stride;
  };
  std::for_each(block.float64.begin(), block.float64.end(), place_column);
  std::for_each(block.float32.begin(), block.float32.end(), place_column);
}

}  // namespace gradstep
