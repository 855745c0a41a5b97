#include "steps/plot/draw_pictures.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "steps/error.hpp"
#include "steps/helper_library.hpp"
#include "steps/output_folder.hpp"
#include "steps/plot/pictures.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;

std::string& file_of(PictureFiles& files, plot::Picture picture) {
  if (picture == plot::Picture::roc) return files.roc;
  return picture == plot::Picture::confusion ? files.confusion : files.precision_recall;
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

}  // namespace

PictureFiles draw_pictures(const PictureContent& content) {
  static const auto draw = reinterpret_cast<plot::Draw>(
      function_of_library("draw", "gradstep_plot.so", plot::draw_symbol));
  const plot::Pictures pictures = as_plain_data(content);
  PictureFiles files;
  const plot::Take take = [](void* to, plot::Picture picture, const char* bytes,
                             std::int64_t size) {
    file_of(*static_cast<PictureFiles*>(to), picture).assign(bytes, static_cast<std::size_t>(size));
  };
  if (const char* const problem = draw(&pictures, take, &files)) {
    throw IoError("cannot draw: " + std::string(problem));
  }
  return files;
}

void write_pictures(const PictureFiles& files, const fs::path& folder) {
  create_folder(folder);
  write_whole(folder / "ROC-Curve.png", files.roc);
  write_whole(folder / "Confusion-Matrix.png", files.confusion);
  write_whole(folder / "Precision-Recall-Curve.png", files.precision_recall);
}

}  // namespace gradstep
