#!/usr/bin/env bash
# All that needs a GPU: the tests on it, compute-sanitizer, Nsight Compute on the fused pass, and the
# benchmarks. Needs no network; a build made elsewhere will do, if it links its libraries statically.
# usage: gpu.sh [BUILD_FOLDER [OUTPUT_FOLDER [STAGE...]]]     default: build/gpu (made if absent),
# build/gpu-report, all stages. Each stage's output goes to OUTPUT_FOLDER; one that fails is named at
# the end, with exit code 1.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
build=${1:-build/gpu} out=${2:-build/gpu-report}
mkdir -p "$out"
export GRADSTEP_REQUIRE_GPU=1
tests=(device_descent_test dropna_test gram_test logistic_test logistic_sizes_test minmax_test prepare_test
  solver_end_test solver_test)
device_tests=(logistic_device_test prepare_device_test row_blocks_device_test)
short=(logistic_test prepare_test solver_test "${device_tests[@]}")  # under the sanitizers

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

run_tests() {
  local test
  for test in "${tests[@]}"; do "$build/tests/kernels/$test" --gtest_brief=1 '--gtest_filter=*cuda*'; done
  for test in "${device_tests[@]}"; do "$build/tests/kernels/$test" --gtest_brief=1; done
}

sanitizer() {  # $1: memcheck, racecheck, initcheck or synccheck
  local test filter
  for test in "${short[@]}"; do
    filter='*cuda*'
    [[ $test != *device* ]] || filter='*'
    # The largest sizes would take hours; they differ from the others in nothing the tools look at.
    compute-sanitizer --tool "$1" --error-exitcode 9 \
      "$build/tests/kernels/$test" --gtest_brief=1 "--gtest_filter=$filter-*100003*"
  done
}

profile() {  # bytes and time of the fused pass
  ncu --set full --kernel-name 'regex:narrow_kernel|tile_kernel' --launch-count 4 \
    "$build/bin/logistic_device_bench" --benchmark_filter=rows:1000000
}

benchmark() {  # $1: a program of benchmarks/
  "$build/bin/$1" --benchmark_repetitions=5 --benchmark_report_aggregates_only=true \
    --benchmark_filter=cuda --benchmark_out="$out/$1.json" --benchmark_out_format=json
}

run_stage() {
  case $1 in
    machine | run_tests | profile) "$1" ;;
    memcheck | racecheck | initcheck | synccheck) sanitizer "$1" ;;
    *_bench) benchmark "$1" ;;
    *) echo "There is no stage $1." >&2; return 2 ;;
  esac
}

if [ $# -eq 3 ]; then  # one stage, in a shell of its own: `set -e` is off inside `if stage; then`
  run_stage "$3"
  exit
fi
stages=("${@:3}")
[ $# -gt 3 ] || stages=(machine run_tests memcheck racecheck initcheck synccheck profile
  prepare_device_bench logistic_device_bench prepare_bench solver_bench)
failed=()
for stage in "${stages[@]}"; do
  echo "=== $stage"
  benchmarks/gpu.sh "$build" "$out" "$stage" </dev/null 2>&1 | tee "$out/$stage.txt" ||
    failed+=("$stage")
done
echo "The report is in $out."
[ ${#failed[@]} -eq 0 ] || { echo "Failed: ${failed[*]}" >&2; exit 1; }
