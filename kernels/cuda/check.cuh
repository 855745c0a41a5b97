#pragma once

#include <cuda_runtime.h>

#include <string>

#include "kernels/core/error.hpp"

namespace gradstep::cuda {

/// A CUDA call failed. `code` stays readable, so a caller can tell out-of-memory apart.
struct CudaError : Error {
  CudaError(cudaError_t error, Where where)
      : Error(std::string(cudaGetErrorName(error)) + ": " + cudaGetErrorString(error) + " (" +
              where.file + ':' + std::to_string(where.line) + ')'),
        code(error) {}
  cudaError_t code;
};

/// Throws CudaError with the caller's file and line unless `error` is cudaSuccess.
inline void check(cudaError_t error, Where where = Where::here()) {
  if (error == cudaSuccess) return;
  (void)cudaGetLastError();  // clear it, or the next, innocent call reports it again
  throw CudaError(error, where);
}

}  // namespace gradstep::cuda
