# cmake --build build/… --target tidy: clang-tidy (.clang-tidy) over our own files, on every core.
# The pinned version that .ci/install-tools makes, if it is there, else the system's.
find_program(GRADSTEP_RUN_CLANG_TIDY NAMES run-clang-tidy.py run-clang-tidy
  HINTS ${PROJECT_SOURCE_DIR}/build/tools/bin)
if(GRADSTEP_RUN_CLANG_TIDY AND CMAKE_EXPORT_COMPILE_COMMANDS)
  get_filename_component(tools ${GRADSTEP_RUN_CLANG_TIDY} DIRECTORY)
  add_custom_target(tidy
    COMMAND ${GRADSTEP_RUN_CLANG_TIDY} -quiet -p ${PROJECT_BINARY_DIR}
            -clang-tidy-binary ${tools}/clang-tidy
            "^${PROJECT_SOURCE_DIR}/(kernels|steps|tests|benchmarks)/.*[.]cpp$"
    USES_TERMINAL VERBATIM)
endif()
