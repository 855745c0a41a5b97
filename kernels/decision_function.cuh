#pragma once

#include "kernels/dropna.cuh"
#include "kernels/minmax.hpp"

namespace gradstep::cuda {

/// z[i] = x.w + b for every row, with the operations and the order of gradstep::decision_function.
/// Queues on `stream`, does not wait.
///
/// @param weights  x.columns values in device memory
/// @param scales   as many, or null: the rows are taken as they are
/// @param z        out, length x.rows, in device memory
///
/// Work: reads each cell once, writes 8 B per row.
void decide_rows(const DeviceColumns<const double>& x, const double* weights, double intercept,
                 const ColumnScale* scales, double* z, cudaStream_t stream);

}  // namespace gradstep::cuda
