#include "steps/pipeline/check/syntax.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "kernels/core/error.hpp"
#include "steps/pipeline/check/shape.hpp"

namespace gradstep::pipeline {
namespace {

/// Goes through all of a file once; an aliased value is one node.
class Walk {
 public:
  explicit Walk(const Report& report) : report_(report) {}

  void visit(const YamlNode& node) {
    if (!seen_.insert(&node).second) return;
    for (const auto& item : node.items) visit(*item);
    check_keys(node);
    for (const YamlEntry& entry : node.entries) {
      visit(*entry.key);
      visit(*entry.value);
    }
  }

 private:
  void check_keys(const YamlNode& node) const {
    std::map<std::string, Position> first;
    for (const YamlEntry& entry : node.entries) {
      if (!entry.key->is_scalar()) {
        report_.error(entry.key->at, "a key must be a text, not " + describe(*entry.key));
        continue;
      }
      if (entry.key->text == "<<") {
        check_merge(*entry.value);
        continue;
      }
      const auto [known, is_new] = first.emplace(entry.key->text, entry.key->at);
      if (!is_new)
        report_.error(entry.key->at, "duplicate key '" + entry.key->text + "', first in line " +
                                         std::to_string(known->second.line) +
                                         ": the last one would win");
    }
  }

  void check_merge(const YamlNode& value) const {
    const auto mapping = [](const auto& item) { return item->is_mapping(); };
    if (value.is_mapping() ||
        (value.is_sequence() && std::all_of(value.items.begin(), value.items.end(), mapping)))
      return;
    report_.error(value.at, "'<<' merges mappings, not " + describe(value));
  }

  const Report& report_;
  std::set<const YamlNode*> seen_;
};

}  // namespace

void check_file_syntax(const Report& report) { Walk(report).visit(*report.file().root); }

void check_schema(const Report& report, const std::vector<std::string>& kinds) {
  static const std::regex pattern(
      "https?://azuremlschemas(prod)?\\.azureedge\\.net/[A-Za-z0-9._-]+/([A-Za-z]+)"
      "\\.schema\\.json");
  const YamlNode* schema = report.file().root->find("$schema");
  if (schema == nullptr || !schema->is_scalar() || schema->type != ScalarType::text) return;
  std::smatch parts;
  if (schema->text.size() < 300 && std::regex_match(schema->text, parts, pattern) &&
      std::find(kinds.begin(), kinds.end(), parts[2].str()) != kinds.end())
    return;
  report.error(schema->at,
               "the schema of this file is https://azuremlschemas.azureedge.net/latest/" +
                   kinds.front() + ".schema.json");
}

const YamlFile* load_named(const Report& report, Project& project, const YamlNode& reference,
                           const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) {
    report.error(reference.at, "there is no file '" + path.string() + "'");
    return nullptr;
  }
  try {
    return &project.load(path);
  } catch (const Error& error) {
    report.error(reference.at, error.what());
    return nullptr;
  }
}

}  // namespace gradstep::pipeline
