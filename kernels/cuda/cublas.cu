#include "kernels/cuda/cublas.cuh"

#include <dlfcn.h>

#include <string>

#include "kernels/core/backend.hpp"
#include "kernels/core/error.hpp"

namespace gradstep::cuda {
namespace {

struct Functions {
  decltype(&cublasCreate_v2) create;
  decltype(&cublasDestroy_v2) destroy;
  decltype(&cublasSetStream_v2) set_stream;
  decltype(&cublasSetWorkspace_v2) set_workspace;
  decltype(&cublasDsyrk_v2_64) dsyrk;
};

template <class Function>
void find(void* library, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  if (function == nullptr) throw BackendUnavailable(std::string("cuBLAS has no ") + name);
}

Functions load() {
  const std::string name = "libcublas.so." + std::to_string(CUBLAS_VER_MAJOR);
  void* const library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);  // stays open
  if (library == nullptr)
    throw BackendUnavailable(std::string("cuBLAS is needed and cannot be opened: ") + dlerror());
  Functions found{};
  find(library, "cublasCreate_v2", found.create);
  find(library, "cublasDestroy_v2", found.destroy);
  find(library, "cublasSetStream_v2", found.set_stream);
  find(library, "cublasSetWorkspace_v2", found.set_workspace);
  find(library, "cublasDsyrk_v2_64", found.dsyrk);
  return found;
}

const Functions& functions() {
  static const Functions found = load();
  return found;
}

void check(cublasStatus_t status, Where where = Where::here()) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw Error("cuBLAS status " + std::to_string(static_cast<int>(status)) + " (" + where.file +
              ':' + std::to_string(where.line) + ')');
}

}  // namespace

std::string why_no_cublas() {
  try {
    (void)functions();
    return {};
  } catch (const BackendUnavailable& error) {
    return error.what();
  }
}

void Cublas::Destroy::operator()(cublasHandle_t handle) const noexcept {
  (void)functions().destroy(handle);
}

Cublas::Cublas(cudaStream_t stream) : workspace_(workspace_bytes, stream) {
  cublasHandle_t raw = nullptr;
  check(functions().create(&raw));
  handle_.reset(raw);
  check(functions().set_stream(raw, stream));
  check(functions().set_workspace(raw, workspace_.data(), workspace_bytes));
}

void Cublas::add_gram(const double* a, std::int64_t rows, std::int64_t columns, std::int64_t stride,
                      double* c) const {
  if (rows == 0 || columns == 0) return;
  const double one = 1;
  check(functions().dsyrk(handle_.get(), CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_T, columns, rows, &one,
                          a, stride, &one, c, columns));
}

}  // namespace gradstep::cuda
