#include "steps/plot/draw_path_pictures.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "steps/error.hpp"
#include "steps/helper_library.hpp"
#include "steps/output_folder.hpp"
#include "steps/plot/pictures.hpp"

namespace gradstep {
namespace {

void take(void* to, plot::Picture picture, const char* bytes, std::int64_t size) {
  auto& files = *static_cast<PathPictureFiles*>(to);
  std::string& file =
      picture == plot::Picture::cross_validation ? files.cross_validation : files.coefficient_path;
  file.assign(bytes, static_cast<std::size_t>(size));
}

}  // namespace

PathPictureFiles draw_path_pictures(const PathPictureContent& content) {
  static const auto draw = reinterpret_cast<plot::DrawPath>(
      function_of_library("draw", "gradstep_plot.so", plot::draw_path_symbol));
  std::vector<const char*> names(content.feature_names.size());
  std::ranges::transform(content.feature_names, names.begin(), &std::string::c_str);
  const plot::PathPictures pictures{.rates = content.rates.data(),
                                    .rate_count = std::ssize(content.rates),
                                    .chosen = static_cast<std::int64_t>(content.chosen),
                                    .score = content.score.c_str(),
                                    .means = content.means.data(),
                                    .standard_errors = content.standard_errors.data(),
                                    .folds = content.folds,
                                    .feature_names = names.data(),
                                    .feature_count = std::ssize(names),
                                    .coefficients = content.coefficients.data()};
  PathPictureFiles files;
  if (const char* const problem = draw(&pictures, take, &files))
    throw IoError("cannot draw: " + std::string(problem));
  return files;
}

void write_path_pictures(const PathPictureFiles& files, const std::filesystem::path& folder) {
  create_folder(folder);
  write_whole(folder / cross_validation_name, files.cross_validation);
  write_whole(folder / coefficient_path_name, files.coefficient_path);
}

}  // namespace gradstep
