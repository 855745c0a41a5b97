# One place for language level, warnings and the CPU baseline; every target links it PRIVATE.
add_library(gradstep_options INTERFACE)
target_compile_features(gradstep_options INTERFACE cxx_std_20)

set(gradstep_warnings -Wall -Wextra -Wshadow -Wconversion)
target_compile_options(gradstep_options INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:${gradstep_warnings};-Wpedantic>")

# A product and a sum stay two roundings: prep's bytes must not depend on the CPU or the compiler.
target_compile_options(gradstep_options INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>")

# The CPU baseline; the programs check it when they start.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(GRADSTEP_MARCH x86-64-v3 CACHE STRING "-march for the CPU code")
  target_compile_options(gradstep_options INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:-march=${GRADSTEP_MARCH}>")
endif()
