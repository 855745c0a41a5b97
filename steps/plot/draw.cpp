// The library gradstep_plot: the only file that makes pictures, opened when the first is wanted
// because loading PLplot costs more than starting the program.

#include <plplot/plplot.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <future>
#include <initializer_list>
#include <string>
#include <utility>

#include "steps/plot/canvas.hpp"
#include "steps/plot/draw_path.hpp"
#include "steps/plot/draw_scores.hpp"
#include "steps/plot/pictures.hpp"
#include "steps/plot/png.hpp"

namespace gradstep::plot {
namespace {

/// PLplot asks on standard input when it lacks the driver, so it is asked beforehand.
bool has_driver() {
  constexpr int most = 64;
  std::array<const char*, most> menu{};
  std::array<const char*, most> names{};
  const char** menu_list = menu.data();
  const char** name_list = names.data();
  int count = most;
  plgDevs(&menu_list, &name_list, &count);
  return std::any_of(names.begin(), names.begin() + std::clamp(count, 0, most),
                     [](const char* name) { return std::strcmp(name, "memcairo") == 0; });
}

template <class Content>
using DrawOne = void (*)(Canvas&, const Content&);

/// Draws what `pictures` holds in each way and hands over the files. While one is compressed, the
/// next is drawn: PLplot itself can draw one at a time only.
// No plend(): it would lose what libltdl has allocated for the driver, and save nothing.
template <class Content>
void draw_all(const Content& pictures,
              std::initializer_list<std::pair<Picture, DrawOne<Content>>> ways, Take take,
              void* to) {
  std::future<void> previous;
  for (const auto& [which, draw] : ways) {
    Canvas canvas;
    draw(canvas, pictures);
    if (previous.valid()) previous.get();
    previous = std::async([which, take, to, pixels = canvas.finish()] {
      const std::string file = png_file(pixels, width, height);
      take(to, which, file.data(), std::ssize(file));
    });
  }
  previous.get();
}

/// PLplot keeps its table of drivers in a temporary file; a container whose root cannot be written
/// to has room for one in shared memory only.
void find_room_for_temporary_files() {
  if (::access(P_tmpdir, W_OK) != 0) ::setenv("TMPDIR", "/dev/shm", 0);
}

/// Calls `draw`. Returns nullptr, or why there are no pictures.
template <class Work>
const char* problem_of(const Work& draw) {
  static std::string problem;
  find_room_for_temporary_files();
  if (!has_driver()) return "PLplot has no driver memcairo (Debian: plplot-driver-cairo)";
  try {
    draw();
    return nullptr;
  } catch (const std::exception& error) {
    problem = error.what();
    return problem.c_str();
  }
}

}  // namespace
}  // namespace gradstep::plot

extern "C" __attribute__((visibility("default"))) const char* gradstep_draw_pictures(
    const gradstep::plot::Pictures* pictures, gradstep::plot::Take take, void* to) {
  using namespace gradstep::plot;
  return problem_of([&] {
    draw_all(*pictures,
             {{Picture::roc, draw_roc},
              {Picture::confusion, draw_confusion},
              {Picture::precision_recall, draw_precision_recall}},
             take, to);
  });
}

extern "C" __attribute__((visibility("default"))) const char* gradstep_draw_path_pictures(
    const gradstep::plot::PathPictures* pictures, gradstep::plot::Take take, void* to) {
  using namespace gradstep::plot;
  return problem_of([&] {
    draw_all(*pictures,
             {{Picture::cross_validation, draw_cross_validation},
              {Picture::coefficient_path, draw_coefficient_path}},
             take, to);
  });
}
