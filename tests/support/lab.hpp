#pragma once

#include <nlohmann/json.hpp>

#include <charconv>
#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/prepare.hpp"

namespace gradstep::test {

inline std::ifstream open_file(const std::string& path) {
  std::ifstream in(std::string(GRADSTEP_SOURCE_DIR) + '/' + path);
  if (!in) throw std::runtime_error("cannot read " + path);
  return in;
}

/// The answers of scikit-learn and exact arithmetic for the lab's job (tests/data/README.md).
inline nlohmann::json lab_reference() {
  return nlohmann::json::parse(open_file("tests/data/lab_reference.json"));
}

/// The lab's data as its training step sees them.
struct Lab {
  static constexpr std::size_t features = 8;

  std::vector<std::vector<double>> columns;  ///< 8 features, the first seven min-max scaled
  std::vector<std::int32_t> class_of_row;
  std::vector<std::int64_t> train_rows;   ///< in train_test_split's order
  std::vector<std::int32_t> fold_of_row;  ///< 0 on training rows, -1 on test rows

  [[nodiscard]] std::vector<const double*> views() const {
    std::vector<const double*> views;
    for (const auto& column : columns) views.push_back(column.data());
    return views;
  }
};

/// Reads the sample data: PatientID, 8 features, Diabetic; plain numbers, nothing missing.
inline Lab read_lab() {
  Lab lab;
  lab.columns.resize(Lab::features);
  std::ifstream csv = open_file("components/data/diabetes.csv");
  std::string line;
  std::getline(csv, line);
  while (std::getline(csv, line)) {
    std::vector<double> row(Lab::features + 2);
    const char* at = line.data();
    const char* const end = at + line.size();
    for (double& value : row) at = std::from_chars(at, end, value).ptr + 1;
    for (std::size_t c = 0; c < Lab::features; ++c) lab.columns[c].push_back(row[c + 1]);
    lab.class_of_row.push_back(static_cast<std::int32_t>(row.back()));
  }
  std::vector<PrepareColumn> scaled;
  for (std::size_t c = 0; c + 1 < Lab::features; ++c)
    scaled.push_back({lab.columns[c].data(), true, true});
  std::vector<std::uint8_t> keep(lab.class_of_row.size(), 1);
  (void)prepare(scaled, {}, keep, true, 1, Backend::cpu);

  lab.fold_of_row.assign(lab.class_of_row.size(), -1);
  std::ifstream rows = open_file("tests/data/lab_train_rows.txt");
  for (std::int64_t row = 0; rows >> row;) {
    lab.train_rows.push_back(row);
    lab.fold_of_row[static_cast<std::size_t>(row)] = 0;
  }
  return lab;
}

}  // namespace gradstep::test
