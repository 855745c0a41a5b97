#!/usr/bin/env bash
# All that needs a GPU: the tests on it, compute-sanitizer, Nsight Compute on the fused pass, and
# the benchmarks. Needs no network; a build made elsewhere will do, if it links its libraries
# statically. usage: gpu.sh [BUILD_FOLDER [OUTPUT_FOLDER [STAGE...]]]
#   default: build/gpu (made if absent), build/gpu-report, all stages; folders are seen from the
#   repository's root
# Each stage's output goes to OUTPUT_FOLDER; one that fails is named at the end, with exit code 1.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
build=${1:-build/gpu} out=${2:-build/gpu-report}
mkdir -p "$out"
export GRADSTEP_REQUIRE_GPU=1
tests=(decision_function_test device_descent_test dropna_test gram_test logistic_test
  logistic_sizes_test minmax_test prepare_test solver_end_test solver_test)
device_tests=(logistic_device_test prepare_device_test row_blocks_device_test)
# Under the sanitizers.
short=(decision_function_test logistic_test prepare_test solver_test "${device_tests[@]}")

if [ ! -d "$build" ]; then
  cmake --preset cuda -B "$build" -D GRADSTEP_BENCHMARKS=ON -D GRADSTEP_EMULATION=OFF
  cmake --build "$build"
fi

machine() {  # what the numbers belong to
  nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm,clocks.max.mem --format=csv
  nvcc --version | tail -n 2 || true
  grep -m 1 'model name' /proc/cpuinfo
  nproc
  "$build"/bin/prep-data --version
}

# each TEST... -- COMMAND...: runs COMMAND TEST with the filter for its cuda cases; all of them,
# even when one fails.
each() {
  local tests=() test filter code=0
  while [ "$1" != -- ]; do tests+=("$1"); shift; done
  shift
  for test in "${tests[@]}"; do
    filter='*cuda*'
    [[ $test != *_device_test ]] || filter='*'
    "$@" "$build/tests/kernels/$test" --gtest_brief=1 "--gtest_filter=$filter$without" || code=1
  done
  return $code
}
without=''

run_tests() { each "${tests[@]}" "${device_tests[@]}" -- env; }

sanitizer() {  # $1: memcheck, racecheck, initcheck or synccheck
  # The largest sizes would take hours; they differ from the others in nothing the tools look at.
  without='-*100003*'
  each "${short[@]}" -- compute-sanitizer --tool "$1" --error-exitcode 9
}

profile() {  # bytes and time of the fused pass
  local shape
  for shape in cols:28/models:1 cols:28/models:8 cols:130/models:8; do
    ncu --set full --kernel-name 'regex:narrow_kernel|points_kernel|tile_kernel' --launch-count 1 \
      "$build/bin/logistic_device_bench" --benchmark_filter="rows:1000000/$shape/"
  done
}

benchmark() {  # $1: a program of benchmarks/
  "$build/bin/$1" --benchmark_repetitions=5 --benchmark_report_aggregates_only=true \
    --benchmark_filter=cuda --benchmark_out="$out/$1.json" --benchmark_out_format=json
  grep -q '"run_name"' "$out/$1.json" || { echo "$1: no benchmark ran" >&2; return 1; }
}

run_stage() {
  case $1 in
    machine | run_tests | profile) "$1" ;;
    memcheck | racecheck | initcheck | synccheck) sanitizer "$1" ;;
    *_bench) benchmark "$1" ;;
    *) echo "There is no stage $1." >&2; return 2 ;;
  esac
}

if [ "${3:-}" = --only ]; then  # in a shell of its own: `set -e` is off inside `if stage; then`
  run_stage "$4"
  exit
fi
stages=("${@:3}")
[ $# -ge 3 ] || stages=(machine run_tests memcheck racecheck initcheck synccheck profile
  prepare_device_bench logistic_device_bench decision_function_device_bench prepare_bench
  solver_bench)
failed=()
for stage in "${stages[@]}"; do
  echo "=== $stage"
  benchmarks/gpu.sh "$build" "$out" --only "$stage" </dev/null 2>&1 | tee "$out/$stage.txt" ||
    failed+=("$stage")
done
echo "The report is in $out."
[ ${#failed[@]} -eq 0 ] || { echo "Failed: ${failed[*]}" >&2; exit 1; }
