#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gradstep::pipeline {

/// A place in a text, counted from 1; a column is a character (a code point). {0, 0}: none.
struct Position {
  int line = 0;
  int column = 0;
};
[[nodiscard]] inline bool operator==(const Position& a, const Position& b) {
  return a.line == b.line && a.column == b.column;
}

/// What YAML 1.1, which Azure ML's SDK reads, makes of a scalar: `yes` is a boolean, `010` is 8,
/// `1e-6` a text and `1.0e-6` a real number. Quoted ones are texts.
enum class ScalarType { null, boolean, integer, real, timestamp, text };
enum class ScalarStyle { plain, single_quoted, double_quoted, block };

struct YamlEntry;

/// A value of a YAML file. What is anchored and its aliases are one node.
struct YamlNode {
  enum class Kind { scalar, sequence, mapping };

  Kind kind = Kind::scalar;
  Position at;  ///< a scalar's first character, its quote, its `>` or `|`; a mapping's first key
  std::string text;  ///< of a scalar, decoded
  ScalarType type = ScalarType::null;
  ScalarStyle style = ScalarStyle::plain;
  std::vector<YamlEntry> entries;                ///< in the file's order, with duplicates
  std::vector<std::shared_ptr<YamlNode>> items;  ///< of a sequence

  [[nodiscard]] bool is_mapping() const { return kind == Kind::mapping; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::sequence; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
  [[nodiscard]] bool is_null() const { return is_scalar() && type == ScalarType::null; }

  /// The entry of `key`; of duplicates the last, as in Python; through `<<`; nullptr: none.
  [[nodiscard]] const YamlEntry* entry(std::string_view key) const;
  /// The value of `key`, nullptr when there is none or this is no mapping.
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
  /// The text of a scalar `key`, "" when there is none.
  [[nodiscard]] std::string text_of(std::string_view key) const;
};

/// A key and its value.
struct YamlEntry {
  std::shared_ptr<YamlNode> key;
  std::shared_ptr<YamlNode> value;
};

/// A YAML file, as read.
struct YamlFile {
  std::filesystem::path path;  ///< as it was named
  std::string bytes;
  std::shared_ptr<YamlNode> root;  ///< a mapping

  /// Where character `offset` of a scalar's decoded text stands in the file.
  [[nodiscard]] Position position_in(const YamlNode& scalar, std::size_t offset) const;
};

/// Reads YAML; a byte order mark and CR LF are fine.
/// @throws IoError    when the file cannot be read
/// @throws DataError  "file:line:column: …" for what is no YAML, no mapping, or more than one
///                    document
[[nodiscard]] YamlFile read_yaml(const std::filesystem::path& path);
[[nodiscard]] YamlFile parse_yaml(const std::filesystem::path& path, std::string bytes);

/// The type that YAML 1.1 gives a plain scalar. Source: PyYAML 6.0, resolver.py
[[nodiscard]] ScalarType plain_scalar_type(std::string_view text);

/// The values of scalars of these types, as Python would have them.
[[nodiscard]] bool boolean_value(const YamlNode& scalar);
[[nodiscard]] double real_value(const YamlNode& scalar);  ///< of an integer, too

/// Replaces or adds the value at a path of keys ("jobs.train_model.inputs.reg_rate"); the new node
/// has no position. Mappings on the way are made where they are missing.
/// @throws UsageError  when the path leads through something that is no mapping
void set_value(YamlFile& file, std::string_view path, const std::string& value);

}  // namespace gradstep::pipeline
