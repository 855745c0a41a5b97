// A fit that something else times, from an array in memory to coefficients.
//
//     fit_bench FOLDER REG THREADS free|penalized cpu|cuda
//
// Maps FOLDER's x.f64 (float64, column after column) and classes.i32, fits the first rows once so
// that everything is loaded, and prints "ready". Then for each line on standard input, a tolerance,
// it fits by gradient_descent and prints the coefficients and the intercept; "penalized" when the
// intercept is in the regulariser. Standard error gets "reads" and Fit's passes, hessians and
// sample_reads, before the answer.

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kernels/gradient_descent.hpp"
#include "kernels/row_blocks.hpp"
#include "steps/descriptor.hpp"

namespace {

constexpr std::int64_t warm_up_rows = 1000;

// A file's numbers, where the page cache has them: a set that fills most of the memory is not held
// twice. Loaded and read once when this is made.
template <class T>
class MappedNumbers {
 public:
  explicit MappedNumbers(const std::filesystem::path& path) : size_(file_size(path) / sizeof(T)) {
    if (size_ == 0) throw std::runtime_error(path.string() + " is empty");
    const gradstep::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    void* const mapped =
        ::mmap(nullptr, size_ * sizeof(T), PROT_READ, MAP_PRIVATE | MAP_POPULATE, file.get(), 0);
    if (mapped == MAP_FAILED) throw std::runtime_error(path.string() + " cannot be read");
    values_.reset(static_cast<const T*>(mapped));
    values_.get_deleter().bytes = size_ * sizeof(T);
    touch();
  }
  [[nodiscard]] std::span<const T> all() const { return {values_.get(), size_}; }

 private:
  // A virtual machine may have to fetch a page that nobody has used for a while: once, and now.
  void touch() const {
    constexpr std::size_t page = 4096 / sizeof(T);
    T sum{};
    for (std::size_t i = 0; i < size_; i += page) sum += values_.get()[i];
    [[maybe_unused]] const volatile T used = sum;
  }

  struct Unmap {
    std::size_t bytes = 0;
    // munmap takes back what mmap gave, which was const to everyone else.
    void operator()(const T* values) const noexcept {
      (void)::munmap(const_cast<T*>(values), bytes);
    }
  };
  std::size_t size_;
  std::unique_ptr<const T, Unmap> values_;
};

// X column-major, n rows by d columns, and the class of each row.
struct TrainingSet {
  explicit TrainingSet(const std::filesystem::path& folder)
      : x_(folder / "x.f64"), classes_(folder / "classes.i32") {
    if (x().size() % class_of_row().size() != 0)
      throw std::runtime_error("x.f64 and classes.i32 do not belong together");
  }

  [[nodiscard]] std::span<const std::int32_t> class_of_row() const { return classes_.all(); }

  [[nodiscard]] gradstep::ColumnsInMemory<double> first_rows(std::int64_t count) const {
    const std::size_t rows = class_of_row().size();
    std::vector<const double*> columns(x().size() / rows);
    for (std::size_t c = 0; c < columns.size(); ++c) columns[c] = x().data() + c * rows;
    return {std::move(columns), count};
  }

 private:
  [[nodiscard]] std::span<const double> x() const { return x_.all(); }

  MappedNumbers<double> x_;
  MappedNumbers<std::int32_t> classes_;
};

struct Settings {
  double reg;
  bool penalize_intercept;
  gradstep::SolverOptions solver;
};

gradstep::Fit fit(const TrainingSet& set, std::int64_t count, const Settings& settings,
                  double tolerance) {
  const auto rows = set.first_rows(count);
  const gradstep::Model model{.reg = settings.reg};
  const auto classes = set.class_of_row().first(static_cast<std::size_t>(count));
  gradstep::SolverOptions options = settings.solver;
  options.tolerance = tolerance;
  return gradstep::gradient_descent(
             {&rows, classes, {}, {}, {&model, 1}, settings.penalize_intercept}, options)
      .front();
}

[[noreturn]] void refuse(const std::string& why) {
  throw std::runtime_error(why + "usage: fit_bench FOLDER REG THREADS free|penalized cpu|cuda");
}

// Whether the word is `yes`; refuses what is neither `yes` nor `no`.
bool is(const std::string& word, const std::string& yes, const std::string& no) {
  if (word != yes && word != no) refuse("\"" + word + "\" is neither " + no + " nor " + yes + "; ");
  return word == yes;
}

int serve(std::span<char*> arguments) {
  if (arguments.size() != 6) refuse("");
  Settings settings{std::stod(arguments[2]), is(arguments[4], "penalized", "free"), {}};
  settings.solver.threads = std::stoi(arguments[3]);
  settings.solver.backend =
      is(arguments[5], "cuda", "cpu") ? gradstep::Backend::cuda : gradstep::Backend::cpu;
  const TrainingSet set(arguments[1]);
  const auto rows = std::ssize(set.class_of_row());

  static_cast<void>(fit(set, std::min(warm_up_rows, rows), settings, 1e-2));
  std::cout << "ready" << '\n' << std::flush;
  std::cout.precision(17);
  for (std::string line; std::getline(std::cin, line);) {
    const gradstep::Fit answer = fit(set, rows, settings, std::stod(line));
    std::cerr << "reads " << answer.passes << ' ' << answer.hessians << ' ' << answer.sample_reads
              << '\n';
    for (const double coefficient : answer.coefficients) std::cout << coefficient << ' ';
    std::cout << answer.intercept << '\n' << std::flush;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return serve({argv, static_cast<std::size_t>(argc)});
  } catch (const std::exception& error) {
    std::cerr << "fit_bench: " << error.what() << '\n';
    return 1;
  }
}
