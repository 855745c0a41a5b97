# Fails when a file includes what its place in the tree forbids (README.md, "Who may include what").
# cmake -D ROOT=<the repository> -P include_rules.cmake

# forbid(why pattern GLOBS… [EXCEPT files] [EXCEPT_INCLUDE lines]): no "#include <pattern>" in files
# that match a glob; the exceptions are regular expressions.
function(forbid why pattern)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "EXCEPT;EXCEPT_INCLUDE" "")
  set(looked_at 0)
  foreach(glob IN LISTS arg_UNPARSED_ARGUMENTS)
    file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/${glob})
    if(arg_EXCEPT)
      list(FILTER files EXCLUDE REGEX "${arg_EXCEPT}")
    endif()
    foreach(file IN LISTS files)
      math(EXPR looked_at "${looked_at} + 1")
      file(STRINGS ${ROOT}/${file} hits REGEX "^ *# *include *${pattern}")
      if(arg_EXCEPT_INCLUDE)
        list(FILTER hits EXCLUDE REGEX "${arg_EXCEPT_INCLUDE}")
      endif()
      foreach(hit IN LISTS hits)
        message(SEND_ERROR "${file}: ${hit}\n  ${why}")
      endforeach()
    endforeach()
  endforeach()
  if(looked_at EQUAL 0)
    message(SEND_ERROR "no file matches ${arg_UNPARSED_ARGUMENTS}: this rule checks nothing")
  endif()
endfunction()

forbid("host code builds without the CUDA toolkit"
  "<(cuda|cub/|thrust/|cublas)" kernels/*.hpp kernels/*.cpp steps/*.hpp steps/*.cpp)
forbid("device contracts are for device code"
  "\"[^\"]*[.]cuh\"" kernels/*.hpp kernels/*.cpp steps/*.hpp steps/*.cpp)
forbid("what device code stands on knows none of it"
  "\"kernels/[a-z_]+[.]cuh\"" kernels/cuda/*)
forbid("a .cu file is for nobody"
  "\"[^\"]*[.]cu\"" kernels/* tests/*)
forbid("Eigen takes nvcc minutes to compile, and says nothing on a device"
  "<Eigen/" kernels/*.cu kernels/*.cuh kernels/cuda/*)
forbid("kernels know nothing of steps, components and tests"
  "\"(steps|components|tests|benchmarks)/" kernels/*)
forbid("kernels know nothing of files, flags and pictures"
  "<(CLI|curl|nlohmann|fast_float|plplot)/" kernels/*)
forbid("what is linked knows nothing of the tests"
  "\"(tests|benchmarks)/" steps/*)
forbid("steps use the public headers of kernels only"
  "\"kernels/(cuda/|[^\"]*[.]cuh)" steps/*)
forbid("csv knows nothing of the programs"
  "\"steps/([a-z_]+[.]hpp|mlflow/|plot/|tracking/)" steps/csv/* EXCEPT_INCLUDE "steps/(error|descriptor)[.]hpp")
forbid("one file knows the YAML library"
  "<yaml-cpp/" kernels/* steps/* EXCEPT "^steps/pipeline/yaml_reader[.]cpp$")
forbid("a pipeline's files are read without knowing who checks or runs them"
  "\"steps/pipeline/(check|run)/" steps/pipeline/* EXCEPT "^steps/pipeline/(check|run)/")
forbid("the checker knows nothing of running"
  "\"steps/(pipeline/run|tracking)/" steps/pipeline/check/*)
forbid("what runs knows nothing of the checker"
  "\"steps/pipeline/check/" steps/pipeline/run/*)
forbid("a step knows of no pipeline around it"
  "\"steps/pipeline/" steps/* EXCEPT "^steps/(pipeline/|run_pipeline)")
forbid("core is the bottom layer"
  "\"(kernels/([a-z_]+[.]|cuda/)|steps/)" kernels/core/*)
forbid("libcurl is opened when the first request is sent"
  "<curl/" steps/* EXCEPT "^steps/tracking/curl_(transport[.]cpp|problem[.]hpp)$")
forbid("CLI11 takes seconds to compile: one file a program, and what they share"
  "[<\"]CLI/" kernels/* steps/* EXCEPT "^steps/(command_line[.][ch]pp|[a-z_]+_main[.]cpp)$")
forbid("command_line.hpp brings CLI11 with it"
  "\"steps/command_line.hpp\"" kernels/* steps/*
  EXCEPT "^steps/(command_line[.]cpp|[a-z_]+_main[.]cpp)$")
forbid("includes are written from the root of the repository"
  "\"([^/\"]*\"|[.])" kernels/* steps/*)
