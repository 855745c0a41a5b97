#include "steps/plot/draw_pictures.hpp"

#include <dlfcn.h>

#include <cstddef>
#include <cstdint>
#include <system_error>
#include <vector>

#include "steps/error.hpp"
#include "steps/output_folder.hpp"
#include "steps/plot/pictures.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;

/// By plot::Picture.
using Files = std::array<std::string, 3>;
constexpr std::array<const char*, 3> names{"ROC-Curve.png", "Confusion-Matrix.png",
                                           "Precision-Recall-Curve.png"};

/// The library, beside the program or where it is installed. An absolute path, because a sanitizer
/// that sits between the program and dlopen hides the program's own search path.
fs::path plot_library() {
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  fs::path beside = program.parent_path() / "gradstep_plot.so";
  if (fs::exists(beside, failed)) return beside;
  return program.parent_path().parent_path() / "lib" / "gradstep" / "gradstep_plot.so";
}

plot::Draw open_plot_library() {
  const fs::path path = plot_library();
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);  // stays open
  void* const symbol = library == nullptr ? nullptr : dlsym(library, plot::draw_symbol);
  if (symbol == nullptr) {
    const char* const reason = dlerror();
    throw IoError("cannot draw: cannot open '" + path.string() +
                  "': " + (reason == nullptr ? "no " + std::string(plot::draw_symbol) : reason));
  }
  return reinterpret_cast<plot::Draw>(symbol);
}

plot::Curve curve(const std::vector<double>& x, const std::vector<double>& y) {
  return {x.data(), y.data(), std::ssize(x)};
}

plot::Pictures as_plain_data(const PictureContent& content) {
  const auto& [negatives, positives] = content.confusion;
  const auto positive_rows = static_cast<double>(positives[0] + positives[1]);
  const auto negative_rows = static_cast<double>(negatives[0] + negatives[1]);
  return {
      .roc = curve(content.roc.fpr, content.roc.tpr),
      .auc = content.auc,
      .confusion = {{negatives[0], negatives[1]}, {positives[0], positives[1]}},
      .class_names = {content.class_names[0].c_str(), content.class_names[1].c_str()},
      .precision_recall =
          curve(content.precision_recall.recall, content.precision_recall.precision),
      .average_precision = average_precision(content.precision_recall),
      .positive_share = positive_rows / (negative_rows + positive_rows),
  };
}

Files draw(const PictureContent& content) {
  static const plot::Draw draw = open_plot_library();
  const plot::Pictures pictures = as_plain_data(content);
  Files files;
  const plot::Take take = [](void* to, plot::Picture picture, const char* bytes,
                             std::int64_t size) {
    (*static_cast<Files*>(to))[static_cast<std::size_t>(picture)].assign(
        bytes, static_cast<std::size_t>(size));
  };
  if (const char* const problem = draw(&pictures, take, &files)) {
    throw IoError("cannot draw: " + std::string(problem));
  }
  return files;
}

}  // namespace

void draw_pictures(const PictureContent& content, const fs::path& folder) {
  create_folder(folder);
  const Files files = draw(content);
  for (std::size_t k = 0; k < files.size(); ++k) {
    PartFile file(folder / names[k]);
    file.write(files[k]);
    file.commit();
  }
}

}  // namespace gradstep
