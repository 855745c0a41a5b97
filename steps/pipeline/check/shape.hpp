#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "steps/pipeline/check/report.hpp"

namespace gradstep::pipeline {

struct Field;
using Fields = std::vector<Field>;

/// What a value may be.
struct Shape {
  enum class Kind {
    anything,  ///< looked at elsewhere
    refused,   ///< a key that belongs somewhere else; words[0] says where
    text,
    boolean,
    integer,  ///< no less than `least`
    number,
    word,  ///< one of `words`, in letters of any size
    version,
    texts,           ///< a list of texts
    text_map,        ///< names with texts
    loose_text_map,  ///< the same, and a name may go without a value
    any_map,         ///< names with anything
    mapping,         ///< of `fields`
    mappings,        ///< a list of such
  };

  Kind kind = Kind::anything;
  std::vector<std::string> words = {};
  double least = -1e18;
  const Fields* fields = nullptr;
};

/// A key that a mapping may have.
struct Field {
  std::string name;
  Shape shape;
  bool required = false;
};

inline const bool required = true;

[[nodiscard]] inline Shape anything() { return {}; }
[[nodiscard]] inline Shape refused(std::string why) {
  return {.kind = Shape::Kind::refused, .words = {std::move(why)}};
}
[[nodiscard]] inline Shape text() { return {.kind = Shape::Kind::text}; }
[[nodiscard]] inline Shape boolean() { return {.kind = Shape::Kind::boolean}; }
[[nodiscard]] inline Shape number() { return {.kind = Shape::Kind::number}; }
[[nodiscard]] inline Shape integer(double least) {
  return {.kind = Shape::Kind::integer, .least = least};
}
[[nodiscard]] inline Shape word(std::vector<std::string> words) {
  return {.kind = Shape::Kind::word, .words = std::move(words)};
}
[[nodiscard]] inline Shape version() { return {.kind = Shape::Kind::version}; }
[[nodiscard]] inline Shape texts() { return {.kind = Shape::Kind::texts}; }
[[nodiscard]] inline Shape text_map() { return {.kind = Shape::Kind::text_map}; }
[[nodiscard]] inline Shape loose_text_map() { return {.kind = Shape::Kind::loose_text_map}; }
[[nodiscard]] inline Shape any_map() { return {.kind = Shape::Kind::any_map}; }
[[nodiscard]] inline Shape mapping(const Fields& fields) {
  return {.kind = Shape::Kind::mapping, .fields = &fields};
}
[[nodiscard]] inline Shape mappings(const Fields& fields) {
  return {.kind = Shape::Kind::mappings, .fields = &fields};
}

/// Whether `${{ }}` may stand for a value, as in a pipeline's steps.
enum class Bindings { refused, allowed };

/// Whether the value is a binding, and may be one.
[[nodiscard]] bool is_binding(const YamlNode& value, Bindings bindings);

/// The entries of a mapping as Python sees them: merged ones (`<<`) too, of duplicates the last.
[[nodiscard]] std::vector<const YamlEntry*> entries_of(const YamlNode& mapping);

/// Reports a mapping's unknown, missing and misused keys and values that are not of their shape.
/// Returns whether it is a mapping at all.
bool check_fields(const Report& report, const YamlNode& node, const Owner& owner,
                  const Fields& fields, Bindings bindings = Bindings::refused);

/// Whether a mapping has no `key`, but an unknown one that is meant as it. What check_fields has
/// reported so is not missing as well.
[[nodiscard]] bool has_misspelt(const YamlNode& node, const Fields& fields, const std::string& key);

/// Reports what is no mapping of names ("inputs"), or has a name that is no text.
bool check_names(const Report& report, const YamlNode& node, const std::string& name);

/// true, yes, on, 1 and the like, as the SDK takes them; nullopt for anything else.
[[nodiscard]] std::optional<bool> boolean_in(const YamlNode& node);

/// Whether the scalar says `word`, in letters of any size.
[[nodiscard]] bool says(const YamlNode* node, const std::string& word);

}  // namespace gradstep::pipeline
