#include "steps/pipeline/check/environment.hpp"

#include <filesystem>
#include <regex>
#include <string>

#include "kernels/core/error.hpp"
#include "steps/pipeline/check/shape.hpp"
#include "steps/pipeline/check/syntax.hpp"

namespace gradstep::pipeline {
namespace {

const Fields& build_fields() {
  static const Fields fields = {{"path", text()}, {"dockerfile_path", text()}};
  return fields;
}

const Fields& inference_fields() {
  static const Fields route = {{"port", integer(1), required}, {"path", text(), required}};
  static const Fields fields = {{"liveness_route", mapping(route), required},
                                {"scoring_route", mapping(route), required},
                                {"readiness_route", mapping(route), required}};
  return fields;
}

const Fields& inline_fields() {
  static const Fields fields = {
      {"$schema", anything()},
      {"name", anything()},
      {"version", anything()},
      {"image", anything()},
      {"build", mapping(build_fields())},
      {"conda_file", anything()},
      {"os_type", word({"linux", "windows"})},
      {"inference_config", mapping(inference_fields())},
      {"datastore", text()},
      {"tags", text_map()},
      {"description", text()},
      {"channels", refused("belongs in the conda file")},
      {"dependencies", refused("belongs in the conda file")},
  };
  return fields;
}

const Fields& file_fields() {
  static const Fields fields = [] {
    Fields all = inline_fields();
    all[0].shape = text();
    all[1].shape = text();
    all[1].required = true;
    all[2].shape = version();
    for (const char* const ours : {"id", "creation_context", "latest_version"})
      all.push_back({ours, anything()});
    return all;
  }();
  return fields;
}

/// Source: the grammar of references in Docker's distribution/reference
bool is_image(const std::string& text) {
  static const std::regex pattern(
      "([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]+)?/)?"
      "[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
      "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?");
  return text.size() <= 500 && std::regex_match(text, pattern);
}

void check_image(const Report& report, const YamlNode& image) {
  if (!image.is_scalar() || image.type != ScalarType::text) {
    report.error(image.at, "'image' must be a text, not " + describe(image));
  } else if (image.text.empty()) {
    report.error(image.at, "'image' is empty: write HOST/NAME:TAG or HOST/NAME@sha256:DIGEST");
  } else if (!is_image(image.text)) {
    report.error(image.at, "'" + image.text +
                               "' is no reference of an image: write HOST/NAME:TAG or "
                               "HOST/NAME@sha256:DIGEST, the name in small letters");
  }
}

void check_build(const Report& report, const YamlNode& build) {
  const YamlNode* path = build.find("path");
  if (path == nullptr || !path->is_scalar() || path->type != ScalarType::text) return;
  const std::size_t before = report.findings().count();
  check_path(report, *path);
  const YamlNode* recipe = build.find("dockerfile_path");
  if (report.findings().count() > before || path->text.find("://") != std::string::npos) return;
  const auto folder = Project::path_of(report.file(), path->text);
  const std::string name = recipe != nullptr ? recipe->text : "Dockerfile";
  if (!std::filesystem::exists(folder / name))
    report.error(recipe != nullptr ? recipe->at : path->at,
                 "there is no file '" + (folder / name).string() + "'");
}

void check_contents(const Report& report, const YamlNode& node, const Owner& owner) {
  const YamlNode* image = node.find("image");
  const YamlEntry* build = node.entry("build");
  if (image != nullptr) check_image(report, *image);
  if (build != nullptr) check_build(report, *build->value);
  if (image != nullptr && build != nullptr)
    report.error(build->key->at, "'image' and 'build' exclude each other: remove one");
  if (const YamlNode* conda = node.find("conda_file");
      conda != nullptr && conda->is_scalar() && conda->type == ScalarType::text)
    check_path(report, *conda);
  if (image != nullptr || build != nullptr) return;
  for (const char* const key : {"channels", "dependencies"})
    if (node.find(key) != nullptr) return;  // a conda file, which has been said
  if (!has_misspelt(node, inline_fields(), "image") &&
      !has_misspelt(node, inline_fields(), "build"))
    report.error(owner.at, owner.name + " has no 'image' and no 'build'");
}

void check_reference(const Report& report, Project& project, const YamlNode& node) {
  static const std::regex registered(
      "azureml:([A-Za-z0-9][A-Za-z0-9._-]*)((:[A-Za-z0-9][A-Za-z0-9._-]*)|(@[A-Za-z0-9_-]+))?");
  static const std::regex registry(
      "azureml://registries/[^/]+/environments/[^/]+/(versions|labels)/[^/]+");
  const std::string& name = node.text;
  if (name.starts_with("file:")) {
    const std::filesystem::path path = Project::path_of(report.file(), name);
    if (const YamlFile* file = load_named(report, project, node, path))
      check_environment_file(Report(*file, report.findings()));
  } else if (!name.starts_with("azureml:")) {
    report.error(node.at, "'" + name +
                              "' names no environment: write `image: ...` below the key, "
                              "azureml:NAME:VERSION or file:./FILE.yml");
  } else if (name.starts_with("azureml:/subscriptions/") ||
             name.starts_with("azureml://subscriptions/")) {
    return;
  } else if (std::smatch parts; name.size() < 500 && std::regex_match(name, parts, registered)) {
    if (!parts[2].matched)
      report.warning(node.at, "'" + name + "' names no version: write " + name + ":VERSION or " +
                                  name + "@latest");
  } else if (name.size() >= 500 || !std::regex_match(name, registry)) {
    report.error(node.at, "'" + name +
                              "' names no environment: write azureml:NAME:VERSION or "
                              "azureml://registries/REGISTRY/environments/NAME/versions/VERSION");
  }
}

}  // namespace

void check_path(const Report& report, const YamlNode& node) {
  const std::string& reference = node.text;
  if (is_elsewhere(reference)) return;
  if (reference.empty()) {
    report.error(node.at, "the path is empty");
  } else if (const auto path = Project::path_of(report.file(), reference);
             !std::filesystem::exists(path)) {
    report.error(node.at, "there is no file or folder '" + path.string() + "'");
  }
}

void check_code(const Report& report, const YamlNode& node) {
  if (!node.is_scalar() || node.type != ScalarType::text) return;  // reported
  if (node.text.starts_with("git+")) {
    report.error(node.at, "Azure ML takes no code from git: write the path of a folder");
  } else if (node.text.starts_with("file:")) {
    report.error(node.at, "'code' is a path, without 'file:' in front: write " +
                              node.text.substr(std::string("file:").size()));
  } else {
    check_path(report, node);
  }
}

void check_environment(const Report& report, Project& project, const YamlEntry& entry) {
  const YamlNode& node = *entry.value;
  const Owner owner = {entry.key->at, "the environment"};
  if (node.is_mapping() && node.entries.empty()) {
    report.error(node.at, "the environment is empty: write 'image' or 'build'");
  } else if (node.is_mapping()) {
    check_fields(report, node, owner, inline_fields());
    check_contents(report, node, owner);
    for (const char* const key : {"name", "version"})
      if (const YamlEntry* ignored = node.entry(key))
        report.warning(ignored->key->at,
                       std::string("Azure ML passes over '") + key +
                           "' of an environment that is written in place: remove it");
  } else if (node.is_scalar() && node.type == ScalarType::text) {
    check_reference(report, project, node);
  } else {
    report.error(
        node.at,
        "the environment must be a mapping with 'image' or the name of one, not " + describe(node));
  }
}

void check_environment_file(const Report& report) {
  check_file_syntax(report);
  const YamlNode& root = *report.file().root;
  const Owner owner = {report.top(), "an environment"};
  check_schema(report, {"environment"});
  check_fields(report, root, owner, file_fields());
  check_contents(report, root, owner);
  static const std::regex pattern("[A-Za-z0-9][A-Za-z0-9._-]{0,254}");
  const YamlNode* name = root.find("name");
  if (name == nullptr || !name->is_scalar() || name->type != ScalarType::text) return;
  const std::string small = lower_case(name->text);
  if (small.starts_with("azureml-") || small.starts_with("microsoft")) {
    report.error(name->at, "names that begin with '" +
                               name->text.substr(0, small.starts_with("azureml-") ? 8 : 9) +
                               "' are Azure ML's own: choose another");
  } else if (!std::regex_match(name->text.substr(0, 300), pattern)) {
    report.error(name->at, "the name must consist of up to 255 letters, digits, '.', '_' and '-'");
  }
}

}  // namespace gradstep::pipeline
