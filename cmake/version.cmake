# Two roles in one file. Included: makes the target gradstep_version, which carries the generated
# header "steps/version.hpp". Run as a script at every build: writes that header, and touches it
# only when something in it changed, so that a new commit recompiles its few users and no more.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(GRADSTEP_COMMIT "" CACHE STRING "The commit that --version names; asked of git when empty")
  set(header ${PROJECT_BINARY_DIR}/generated/steps/version.hpp)
  add_custom_target(gradstep_version_header
    COMMAND ${CMAKE_COMMAND} -D SOURCE=${PROJECT_SOURCE_DIR} -D HEADER=${header}
            -D GRADSTEP_VERSION=${PROJECT_VERSION} -D GRADSTEP_HAVE_CUDA=${GRADSTEP_HAVE_CUDA}
            -D "ARCHITECTURES=${CMAKE_CUDA_ARCHITECTURES}" -D "COMMIT=${GRADSTEP_COMMIT}"
            -P ${CMAKE_CURRENT_LIST_FILE}
    BYPRODUCTS ${header} VERBATIM COMMENT "Looking at the commit")
  add_library(gradstep_version INTERFACE)
  target_include_directories(gradstep_version INTERFACE ${PROJECT_BINARY_DIR}/generated)
  add_dependencies(gradstep_version gradstep_version_header)
  return()
endif()

set(commit unknown)
if(COMMIT)
  set(commit ${COMMIT})
elseif(EXISTS ${SOURCE}/.git)  # not the commit of some repository that this folder was copied into
  execute_process(COMMAND git describe --always --dirty --exclude=* WORKING_DIRECTORY ${SOURCE}
    OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(commit ${described})
  endif()
endif()
set(cuda_architectures "")
if(GRADSTEP_HAVE_CUDA)
  set(GRADSTEP_HAVE_CUDA true)
  string(REPLACE ";" " " cuda_architectures "${ARCHITECTURES}")
else()
  set(GRADSTEP_HAVE_CUDA false)
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/version.hpp.in ${HEADER} @ONLY)
