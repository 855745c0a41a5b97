#include "steps/pipeline/check/shape.hpp"

#include <algorithm>
#include <cmath>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "steps/pipeline/check/numbers.hpp"
#include "steps/pipeline/ports.hpp"

namespace gradstep::pipeline {
namespace {

std::vector<std::string> names_of(const Fields& fields) {
  std::vector<std::string> names;
  for (const Field& field : fields)
    if (field.shape.kind != Shape::Kind::refused) names.push_back(field.name);
  return names;
}

/// @param merged  the mappings that have given their keys: merges of merges may name one many times
void collect(const YamlNode& mapping, std::set<const YamlNode*>& merged,
             std::set<std::string>& seen, std::vector<const YamlEntry*>& entries) {
  if (!merged.insert(&mapping).second) return;
  std::vector<const YamlEntry*> own;
  for (auto entry = mapping.entries.rbegin(); entry != mapping.entries.rend(); ++entry) {
    if (entry->key->is_scalar() && entry->key->text == "<<" &&
        entry->key->style == ScalarStyle::plain)
      continue;
    if (!entry->key->is_scalar() || seen.insert(entry->key->text).second) own.push_back(&*entry);
  }
  entries.insert(entries.end(), own.rbegin(), own.rend());
  for (const YamlEntry& entry : mapping.entries) {
    if (!entry.key->is_scalar() || entry.key->text != "<<") continue;
    collect(*entry.value, merged, seen, entries);
    for (const auto& item : entry.value->items) collect(*item, merged, seen, entries);
  }
}

/// The values of one mapping, each against its shape.
class ShapeCheck {
 public:
  ShapeCheck(const Report& report, Bindings bindings) : report_(report), bindings_(bindings) {}

  void check(const YamlEntry& entry, const Shape& shape) const {
    const std::string& name = entry.key->text;
    const YamlNode& value = *entry.value;
    if (shape.kind == Shape::Kind::anything) return;
    if (shape.kind == Shape::Kind::refused) {
      report_.error(entry.key->at, in_quotes(name) + ' ' + shape.words.front());
    } else if (value.is_null()) {
      report_.error(value.at, in_quotes(name) + " has no value: give it one, or remove the key");
    } else if (!is_binding(value, bindings_)) {
      check_value(name, entry, shape);
    }
  }

 private:
  void refuse(const YamlNode& value, const std::string& name, const std::string& expected) const {
    report_.error(value.at, in_quotes(name) + " must be " + expected + ", not " + describe(value));
  }

  void check_value(const std::string& name, const YamlEntry& entry, const Shape& shape) const {
    const YamlNode& value = *entry.value;
    switch (shape.kind) {
      case Shape::Kind::anything:
      case Shape::Kind::refused:
        break;
      case Shape::Kind::text:
        check_text(name, value);
        break;
      case Shape::Kind::boolean:
        check_boolean(name, value);
        break;
      case Shape::Kind::integer:
        check_integer(name, value, shape.least);
        break;
      case Shape::Kind::number:
        if (!number_in(value)) refuse(value, name, "a number");
        break;
      case Shape::Kind::word:
        check_word(name, value, shape.words);
        break;
      case Shape::Kind::version:
        check_version(value);
        break;
      case Shape::Kind::texts:
        check_texts(name, value);
        break;
      case Shape::Kind::text_map:
      case Shape::Kind::loose_text_map:
        check_text_map(name, value, shape.kind == Shape::Kind::loose_text_map);
        break;
      case Shape::Kind::any_map:
        (void)check_names(report_, value, name);
        break;
      case Shape::Kind::mapping:
        check_fields(report_, value, {entry.key->at, in_quotes(name)}, *shape.fields, bindings_);
        break;
      case Shape::Kind::mappings:
        check_mappings(name, value, *shape.fields);
        break;
    }
  }

  void check_text(const std::string& name, const YamlNode& value) const {
    if (value.is_scalar() && value.type == ScalarType::text) return;
    report_.error(value.at, in_quotes(name) + " must be a text, not " + describe(value) +
                                (value.is_scalar() ? write_in_quotes(value) : ""));
  }

  void check_boolean(const std::string& name, const YamlNode& value) const {
    if (!boolean_in(value)) refuse(value, name, "true or false");
  }

  void check_integer(const std::string& name, const YamlNode& value, double least) const {
    const std::optional<double> number = number_in(value);
    if (!number) return refuse(value, name, "a whole number");
    if (const std::string why = misread_number(value); !why.empty())
      return report_.error(value.at, why);
    if (std::floor(*number) != *number) return refuse(value, name, "a whole number");
    if (*number < least)
      refuse(value, name, "a whole number of at least " + std::to_string(std::llround(least)));
  }

  void check_word(const std::string& name, const YamlNode& value,
                  const std::vector<std::string>& words) const {
    if (value.is_scalar() &&
        std::find(words.begin(), words.end(), lower_case(value.text)) != words.end())
      return;
    refuse(value, name, one_of(words) + (value.is_scalar() ? "" : " (a word)"));
  }

  void check_version(const YamlNode& value) const {
    static const std::regex pattern("[A-Za-z0-9][A-Za-z0-9._+-]{0,254}");
    if (!value.is_scalar()) return refuse(value, "version", "a text");
    const std::string read = azure_text(PortType::string, value, false);
    if (read != value.text || value.type == ScalarType::boolean) {
      report_.error(value.at,
                    "version " + value.text + " is read as " + read + write_in_quotes(value));
    } else if (!std::regex_match(value.text.substr(0, 300), pattern)) {
      refuse(value, "version", "up to 255 letters, digits, '.', '_', '-' and '+'");
    }
  }

  void check_texts(const std::string& name, const YamlNode& value) const {
    if (!value.is_sequence()) return refuse(value, name, "a list");
    for (const auto& item : value.items)
      if (!is_binding(*item, bindings_)) check_text(name, *item);
  }

  void check_text_map(const std::string& name, const YamlNode& value, bool loose) const {
    if (!check_names(report_, value, name)) return;
    for (const YamlEntry* entry : entries_of(value)) {
      if (is_binding(*entry->value, bindings_) || (loose && entry->value->is_null())) continue;
      if (entry->key->is_scalar()) check_text(name + '.' + entry->key->text, *entry->value);
    }
  }

  void check_mappings(const std::string& name, const YamlNode& value, const Fields& fields) const {
    if (!value.is_sequence()) return refuse(value, name, "a list");
    for (const auto& item : value.items)
      check_fields(report_, *item, {item->at, in_quotes(name)}, fields, bindings_);
  }

  const Report& report_;
  Bindings bindings_;
};

}  // namespace

bool is_binding(const YamlNode& value, Bindings bindings) {
  return bindings == Bindings::allowed && value.is_scalar() &&
         value.text.find("${{") != std::string::npos;
}

std::vector<const YamlEntry*> entries_of(const YamlNode& mapping) {
  std::set<std::string> seen;
  std::vector<const YamlEntry*> entries;
  std::set<const YamlNode*> merged;
  collect(mapping, merged, seen, entries);
  return entries;
}

bool check_fields(const Report& report, const YamlNode& node, const Owner& owner,
                  const Fields& fields, Bindings bindings) {
  if (!node.is_mapping()) {
    report.error(node.at, owner.name + " must be a mapping with the keys " +
                              one_of(names_of(fields)) + ", not " + describe(node));
    return false;
  }
  const ShapeCheck shapes(report, bindings);
  for (const YamlEntry* entry : entries_of(node)) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& candidate) {
      return entry->key->is_scalar() && candidate.name == entry->key->text;
    });
    if (field != fields.end()) {
      shapes.check(*entry, field->shape);
    } else {
      const std::string key = entry->key->is_scalar() ? entry->key->text : describe(*entry->key);
      report.error(entry->key->at, "unknown key " + in_quotes(key) + " of " + owner.name +
                                       did_you_mean(key, names_of(fields)));
    }
  }
  for (const Field& field : fields) {
    if (!field.required || node.find(field.name) != nullptr) continue;
    if (!has_misspelt(node, fields, field.name))
      report.error(owner.at, owner.name + " has no " + in_quotes(field.name));
  }
  return true;
}

bool has_misspelt(const YamlNode& node, const Fields& fields, const std::string& key) {
  if (node.find(key) != nullptr) return false;
  const std::vector<std::string> names = names_of(fields);
  const auto entries = entries_of(node);
  return std::any_of(entries.begin(), entries.end(), [&](const YamlEntry* entry) {
    const auto known = [&](const Field& field) { return field.name == entry->key->text; };
    return std::none_of(fields.begin(), fields.end(), known) &&
           closest(entry->key->text, names) == key;
  });
}

bool check_names(const Report& report, const YamlNode& node, const std::string& name) {
  if (!node.is_mapping()) {
    report.error(node.at, in_quotes(name) + " must be a mapping of names, not " + describe(node));
    return false;
  }
  for (const YamlEntry* entry : entries_of(node)) {
    if (entry->key->is_scalar() && entry->key->type == ScalarType::text) continue;
    report.error(entry->key->at, "a name in " + in_quotes(name) + " must be a text, not " +
                                     describe(*entry->key) + write_in_quotes(*entry->key));
  }
  return true;
}

std::optional<bool> boolean_in(const YamlNode& node) {
  static const std::set<std::string> yes = {"t", "true", "on", "y", "yes", "1"};
  static const std::set<std::string> no = {"f", "false", "off", "n", "no", "0"};
  if (!node.is_scalar() || node.is_null()) return std::nullopt;
  const std::string word = lower_case(node.text);
  if (yes.count(word) > 0) return true;
  if (no.count(word) > 0) return false;
  return std::nullopt;
}

bool says(const YamlNode* node, const std::string& word) {
  return node != nullptr && node->is_scalar() && lower_case(node->text) == word;
}

}  // namespace gradstep::pipeline
