#pragma once

/// Marks a function that both backends call. A CPU-only build has no `__host__`/`__device__`.
#ifdef __CUDACC__
#define GRADSTEP_HOST_DEVICE __host__ __device__
#else
#define GRADSTEP_HOST_DEVICE
#endif
