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

/// The content as plain data, for as long as both live.
class PlainData {
 public:
  explicit PlainData(const PictureContent& content) {
    for (const std::string& name : content.class_names) names_.push_back(name.c_str());
    for (const RocCurve& roc : content.roc) {
      roc_.push_back(curve(roc.fpr, roc.tpr));
      areas_.push_back(area_under(roc));
    }
    for (const PrecisionRecallCurve& one : content.precision_recall) {
      precision_recall_.push_back(curve(one.recall, one.precision));
      average_precisions_.push_back(average_precision(one));
    }
    for (const std::vector<std::int64_t>& row : content.confusion)
      confusion_.insert(confusion_.end(), row.begin(), row.end());
    const auto rows_of = [&](std::size_t k) {
      return static_cast<double>(content.confusion[k][0] + content.confusion[k][1]);
    };
    pictures_ = {.class_count = std::ssize(names_),
                 .class_names = names_.data(),
                 .roc = roc_.data(),
                 .areas = areas_.data(),
                 .auc = mean_area_under(content.roc),
                 .confusion = confusion_.data(),
                 .precision_recall = precision_recall_.data(),
                 .average_precisions = average_precisions_.data(),
                 .positive_share = rows_of(1) / (rows_of(0) + rows_of(1))};
  }
  PlainData(const PlainData&) = delete;
  PlainData& operator=(const PlainData&) = delete;
  ~PlainData() = default;

  [[nodiscard]] const plot::Pictures& get() const { return pictures_; }

 private:
  std::vector<const char*> names_;
  std::vector<plot::Curve> roc_;
  std::vector<double> areas_;
  std::vector<std::int64_t> confusion_;
  std::vector<plot::Curve> precision_recall_;
  std::vector<double> average_precisions_;
  plot::Pictures pictures_{};
};

}  // namespace

PictureFiles draw_pictures(const PictureContent& content) {
  static const auto draw = reinterpret_cast<plot::Draw>(
      function_of_library("draw", "gradstep_plot.so", plot::draw_symbol));
  const PlainData data(content);
  PictureFiles files;
  const plot::Take take = [](void* to, plot::Picture picture, const char* bytes,
                             std::int64_t size) {
    file_of(*static_cast<PictureFiles*>(to), picture).assign(bytes, static_cast<std::size_t>(size));
  };
  if (const char* const problem = draw(&data.get(), take, &files)) {
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
