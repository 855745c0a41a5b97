#include "steps/plot/draw_pictures.hpp"

#include <dlfcn.h>

#include <cerrno>
#include <fstream>
#include <system_error>
#include <vector>

#include "steps/error.hpp"
#include "steps/output_folder.hpp"
#include "steps/plot/pictures.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;

/// The library, beside the program or where it is installed. An absolute path, because a sanitizer
/// that sits between the program and dlopen hides the program's own search path.
fs::path plot_library() {
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  const fs::path beside = program.parent_path() / "gradstep_plot.so";
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

/// PLplot neither reports a full disk nor takes any path: both are found out here.
void expect_whole_png(const PartFile& file) {
  constexpr std::string_view last_chunk("\0\0\0\0IEND\xae\x42\x60\x82", 12);
  std::string end(last_chunk.size(), ' ');
  std::ifstream written(file.path(), std::ios::binary);
  written.seekg(-static_cast<std::streamoff>(end.size()), std::ios::end);
  written.read(end.data(), static_cast<std::streamsize>(end.size()));
  if (!written || end != last_chunk) {
    throw IoError("cannot write '" + file.final_path().string() +
                  "': the picture is incomplete; is the disk full?");
  }
}

void expect_path_plplot_can_take(const fs::path& path) {
  constexpr std::size_t longest = 1000;
  if (path.native().size() > longest) throw IoError("create", path, ENAMETOOLONG);
}

}  // namespace

void draw_pictures(const PictureContent& content, const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) throw IoError("create", folder, failed.value());
  PartFile roc(folder / "ROC-Curve.png");
  PartFile confusion(folder / "Confusion-Matrix.png");
  PartFile precision_recall(folder / "Precision-Recall-Curve.png");
  for (const PartFile* file : {&roc, &confusion, &precision_recall}) {
    expect_path_plplot_can_take(file->path());
  }

  const auto points = [](const std::vector<double>& x, const std::vector<double>& y) {
    return plot::Curve{x.data(), y.data(), std::ssize(x)};
  };
  const auto& counts = content.confusion;
  const std::int64_t negatives = counts[0][0] + counts[0][1];
  const std::int64_t positives = counts[1][0] + counts[1][1];
  const plot::Pictures pictures{
      .roc = points(content.roc.fpr, content.roc.tpr),
      .auc = content.auc,
      .roc_file = roc.path().c_str(),
      .confusion = {{counts[0][0], counts[0][1]}, {counts[1][0], counts[1][1]}},
      .class_names = {content.class_names[0].c_str(), content.class_names[1].c_str()},
      .confusion_file = confusion.path().c_str(),
      .precision_recall =
          points(content.precision_recall.recall, content.precision_recall.precision),
      .average_precision = average_precision(content.precision_recall),
      .positive_share = static_cast<double>(positives) / static_cast<double>(negatives + positives),
      .precision_recall_file = precision_recall.path().c_str(),
  };
  static const plot::Draw draw = open_plot_library();
  if (const char* const problem = draw(&pictures)) {
    throw IoError("cannot write '" + roc.final_path().string() + "': " + problem);
  }
  for (PartFile* file : {&roc, &confusion, &precision_recall}) {
    expect_whole_png(*file);
    file->commit();
  }
}

}  // namespace gradstep
