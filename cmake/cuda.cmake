# Decides whether the CUDA backend is built: sets GRADSTEP_HAVE_CUDA.
# 12.8 is the first toolkit with C++20 device code, compressed fat binaries (--compress-mode),
# Blackwell targets and g++ 14 as a host compiler.
set(oldest_cuda 12.8)

# Sets `why_not` to the reason why CUDA cannot be used here, or to "".
function(gradstep_look_for_nvcc why_not)
  if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
    # check_language looks on PATH only; NVIDIA's own installer does not put nvcc there.
    find_program(CMAKE_CUDA_COMPILER nvcc PATHS $ENV{CUDA_HOME}/bin /usr/local/cuda/bin)
    if(NOT CMAKE_CUDA_COMPILER)
      unset(CMAKE_CUDA_COMPILER CACHE)
    endif()
  endif()
  include(CheckLanguage)
  check_language(CUDA)
  if(NOT CMAKE_CUDA_COMPILER)
    set(${why_not} "no working nvcc was found; put it on PATH or set CUDACXX" PARENT_SCOPE)
    return()
  endif()
  execute_process(COMMAND ${CMAKE_CUDA_COMPILER} --version OUTPUT_VARIABLE answer)
  string(REGEX MATCH "release ([0-9.]+)" matched "${answer}")
  if(CMAKE_MATCH_1 VERSION_LESS oldest_cuda)
    set(${why_not} "${CMAKE_CUDA_COMPILER} is CUDA ${CMAKE_MATCH_1}, and ${oldest_cuda} or newer \
is needed" PARENT_SCOPE)
    return()
  endif()
  # cuBLAS is opened at run time, so its header is all that the build needs of it.
  get_filename_component(nvcc_folder ${CMAKE_CUDA_COMPILER} REALPATH)
  get_filename_component(nvcc_folder ${nvcc_folder} DIRECTORY)
  find_path(GRADSTEP_CUBLAS_DIR cublas_v2.h
    HINTS ${nvcc_folder}/../include ${nvcc_folder}/../targets/x86_64-linux/include)
  if(NOT GRADSTEP_CUBLAS_DIR)
    set(${why_not} "${CMAKE_CUDA_COMPILER} has no cublas_v2.h beside it; install cuBLAS's headers"
      PARENT_SCOPE)
    return()
  endif()
  set(${why_not} "" PARENT_SCOPE)
endfunction()

set(GRADSTEP_HAVE_CUDA FALSE)
if(GRADSTEP_CUDA STREQUAL "AUTO" OR GRADSTEP_CUDA)
  gradstep_look_for_nvcc(why_not)
  if(NOT why_not)
    set(GRADSTEP_HAVE_CUDA TRUE)
  elseif(NOT GRADSTEP_CUDA STREQUAL "AUTO")
    message(FATAL_ERROR "GRADSTEP_CUDA=${GRADSTEP_CUDA}, but ${why_not}.")
  endif()
else()
  set(why_not "GRADSTEP_CUDA=${GRADSTEP_CUDA}")
endif()

if(GRADSTEP_HAVE_CUDA)
  message(STATUS "CUDA backend: on, with ${CMAKE_CUDA_COMPILER}")
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES
      75-real 80-real 86-real 89-real 90-real 100-real 120-real 120-virtual)
  endif()
  enable_language(CUDA)
  find_package(CUDAToolkit ${oldest_cuda} REQUIRED)
  # CMake 3.25 knows no C++20 for nvcc (CUDA_STANDARD 20 is dropped without a word): spelled out.
  list(JOIN gradstep_warnings "," gradstep_host_warnings)
  # Fused multiply-adds only where they are written: prepare's bytes are the CPU's.
  set(options -std=c++20 --fmad=false -lineinfo --compress-mode=size
    -Xcompiler=${gradstep_host_warnings})
  target_compile_options(gradstep_options INTERFACE "$<$<COMPILE_LANGUAGE:CUDA>:${options}>")
  option(GRADSTEP_PTXAS_REPORT "Let ptxas say what each kernel uses: see .ci/ptxas_table" OFF)
  if(GRADSTEP_PTXAS_REPORT)
    target_compile_options(gradstep_options INTERFACE "$<$<COMPILE_LANGUAGE:CUDA>:-Xptxas=-v>")
  endif()
else()
  message(STATUS "CUDA backend: off (${why_not})")
endif()
