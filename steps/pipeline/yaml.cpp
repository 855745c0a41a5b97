#include "steps/pipeline/yaml.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "steps/error.hpp"
#include "steps/pipeline/findings.hpp"

namespace gradstep::pipeline {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// How many characters of UTF-8 text are not blank.
std::size_t visible_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return !is_blank(c) && !continues_character(c); }));
}

std::size_t byte_offset(std::string_view bytes, Position at) {
  std::size_t offset = 0;
  for (int line = 1; line < at.line && offset < bytes.size(); ++line)
    offset = std::min(bytes.find('\n', offset), bytes.size() - 1) + 1;
  for (int column = 1; column < at.column && offset < bytes.size(); ++column) do
      ++offset;
    while (offset < bytes.size() && continues_character(bytes[offset]));
  return offset;
}

/// What one character of a quoted scalar takes in the file, and whether it is a visible one.
struct QuotedCharacter {
  std::size_t bytes = 1;
  bool visible = true;
};
QuotedCharacter quoted_character(std::string_view rest, ScalarStyle style) {
  if (style == ScalarStyle::single_quoted && rest.starts_with("''")) return {2, true};
  if (style != ScalarStyle::double_quoted || rest.size() < 2 || rest[0] != '\\')
    return {1, !is_blank(rest[0]) && !continues_character(rest[0])};
  switch (rest[1]) {
    case 'x':
      return {4, true};
    case 'u':
      return {6, true};
    case 'U':
      return {10, true};
    case 'n':
    case 't':
    case 'r':
    case ' ':
    case '\t':
    case '\n':
    case '\r':
      return {2, false};
    default:
      return {2, true};
  }
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::vector<std::string> keys_of(const YamlNode& mapping) {
  std::vector<std::string> keys;
  keys.reserve(mapping.entries.size());
  for (const YamlEntry& entry : mapping.entries) keys.push_back(entry.key->text);
  return keys;
}

std::shared_ptr<YamlNode> new_scalar(const std::string& text) {
  auto node = std::make_shared<YamlNode>();
  node->text = text;
  node->type = plain_scalar_type(text);
  return node;
}

/// The value of `key`, for writing: a copy that this mapping alone has, no alias and no merge; an
/// empty mapping when there is none.
std::shared_ptr<YamlNode>& own_value(YamlNode& mapping, const std::string& key) {
  const YamlNode* found = mapping.find(key);
  auto copy = found != nullptr ? std::make_shared<YamlNode>(*found) : std::make_shared<YamlNode>();
  if (found == nullptr) copy->kind = YamlNode::Kind::mapping;
  const auto own = std::find_if(mapping.entries.rbegin(), mapping.entries.rend(),
                                [&](const YamlEntry& entry) { return entry.key->text == key; });
  if (own != mapping.entries.rend()) return own->value = copy;
  return mapping.entries.emplace_back(new_scalar(key), copy).value;
}

/// @param seen  the mappings that do not have the key: merges of merges may name one many times
const YamlEntry* entry_of(const YamlNode& node, std::string_view key,
                          std::set<const YamlNode*>& seen) {
  for (auto found = node.entries.rbegin(); found != node.entries.rend(); ++found)
    if (found->key->is_scalar() && found->key->text == key) return &*found;
  for (const YamlEntry& merge : node.entries) {
    if (!merge.key->is_scalar() || merge.key->text != "<<") continue;
    if (!seen.insert(merge.value.get()).second) continue;
    if (const YamlEntry* found = entry_of(*merge.value, key, seen)) return found;
    for (const auto& item : merge.value->items)
      if (seen.insert(item.get()).second)
        if (const YamlEntry* found = entry_of(*item, key, seen)) return found;
  }
  return nullptr;
}

}  // namespace

const YamlEntry* YamlNode::entry(std::string_view key) const {
  std::set<const YamlNode*> seen;
  return entry_of(*this, key, seen);
}

const YamlNode* YamlNode::find(std::string_view key) const {
  const YamlEntry* found = entry(key);
  return found == nullptr ? nullptr : found->value.get();
}

std::string YamlNode::text_of(std::string_view key) const {
  const YamlNode* found = find(key);
  return found == nullptr || !found->is_scalar() ? std::string() : found->text;
}

Position YamlFile::position_in(const YamlNode& scalar, std::size_t offset) const {
  if (scalar.at == Position{}) return {};
  // Folding and indenting move blanks only: the n-th visible character stays the n-th.
  std::size_t left = visible_characters(std::string_view(scalar.text).substr(0, offset));
  std::size_t at = byte_offset(bytes, scalar.at);
  if (scalar.style == ScalarStyle::block) at = std::min(bytes.find('\n', at), bytes.size());
  if (scalar.style == ScalarStyle::single_quoted || scalar.style == ScalarStyle::double_quoted)
    ++at;
  while (at < bytes.size()) {
    const auto [length, visible] =
        quoted_character(std::string_view(bytes).substr(at), scalar.style);
    if (visible && left == 0) break;
    if (visible) --left;
    at += length;
  }
  const std::string_view before(bytes.data(), std::min(at, bytes.size()));
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto characters =
      std::count_if(before.begin() + static_cast<std::ptrdiff_t>(line_start), before.end(),
                    [](char c) { return !continues_character(c); });
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(characters) + 1};
}

void set_value(YamlFile& file, std::string_view path, const std::string& value) {
  const auto refuse = [&](const std::string& why) {
    throw UsageError("--set " + std::string(path) + ": " + why + " in " + file.path.string());
  };
  const std::vector<std::string> keys = split(path, '.');
  YamlNode* mapping = file.root.get();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].empty()) refuse("a name is missing");
    if (!mapping->is_mapping()) refuse("'" + keys[i - 1] + "' holds no names");
    const std::size_t after = keys.size() - i - 1;
    // Only the last mapping may be new (the inputs of a step without any): the rest is a typo.
    if (after > 1 && mapping->find(keys[i]) == nullptr)
      refuse("there is no '" + keys[i] + "'" + did_you_mean(keys[i], keys_of(*mapping)));
    std::shared_ptr<YamlNode>& own = own_value(*mapping, keys[i]);
    if (after == 0) own = new_scalar(value);
    mapping = own.get();
  }
}

}  // namespace gradstep::pipeline
