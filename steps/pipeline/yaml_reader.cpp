#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "kernels/core/error.hpp"
#include "steps/error.hpp"
#include "steps/pipeline/yaml.hpp"

namespace gradstep::pipeline {
namespace {

using NodePtr = std::shared_ptr<YamlNode>;
constexpr std::string_view tag_prefix = "tag:yaml.org,2002:";

/// Where things stand in the file, from yaml-cpp's marks, which count bytes from 0.
class Lines {
 public:
  explicit Lines(const std::string& bytes) : bytes_(bytes) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      if (bytes[i] == '\n') starts_.push_back(i + 1);
  }

  [[nodiscard]] std::size_t offset(const YAML::Mark& mark) const {
    const auto line =
        std::min(static_cast<std::size_t>(std::max(mark.line, 0)), starts_.size() - 1);
    return std::min(starts_[line] + static_cast<std::size_t>(std::max(mark.column, 0)),
                    bytes_.size());
  }

  [[nodiscard]] Position position(std::size_t offset) const {
    const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
    const std::size_t start = *std::prev(next);
    const auto characters =
        std::count_if(bytes_.begin() + static_cast<std::ptrdiff_t>(start),
                      bytes_.begin() + static_cast<std::ptrdiff_t>(offset),
                      [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    return {static_cast<int>(next - starts_.begin()), static_cast<int>(characters) + 1};
  }

  /// Past the anchor and the tag that a value may begin with.
  [[nodiscard]] std::size_t past_properties(std::size_t offset) const {
    while (offset < bytes_.size() && (bytes_[offset] == '&' || bytes_[offset] == '!')) {
      offset = std::min(bytes_.find_first_of(" \t\r\n", offset), bytes_.size());
      offset = std::min(bytes_.find_first_not_of(" \t\r\n", offset), bytes_.size());
    }
    return offset;
  }

  [[nodiscard]] char at(std::size_t offset) const {
    return offset < bytes_.size() ? bytes_[offset] : '\n';
  }

 private:
  const std::string& bytes_;
  std::vector<std::size_t> starts_;
};

ScalarType type_of(const std::string& tag, ScalarStyle style, const std::string& text) {
  if (tag.starts_with(tag_prefix)) {
    const std::string name = tag.substr(tag_prefix.size());
    if (name == "bool") return ScalarType::boolean;
    if (name == "int") return ScalarType::integer;
    if (name == "float") return ScalarType::real;
    if (name == "null") return ScalarType::null;
    if (name == "timestamp") return ScalarType::timestamp;
    return ScalarType::text;
  }
  return style == ScalarStyle::plain ? plain_scalar_type(text) : ScalarType::text;
}

/// Builds nodes from what the parser reports.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(const Lines& lines) : lines_(lines) {}

  [[nodiscard]] NodePtr root() const { return root_; }
  /// Where an alias stands within what it stands for.
  [[nodiscard]] std::optional<std::size_t> endless() const { return endless_; }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const std::size_t offset = lines_.past_properties(lines_.offset(mark));
    const NodePtr node = scalar(offset, anchor);
    const char first = lines_.at(offset);
    // A value that is not there has the next token's place; its key says more.
    if (first != '~' && first != 'n' && first != 'N' && !open_.empty() && open_.back().key)
      node->at = open_.back().key->at;
    add(node);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const NodePtr& node = anchors_.at(anchor);
    const bool holds_itself = std::any_of(open_.begin(), open_.end(),
                                          [&](const Open& open) { return open.node == node; });
    if (holds_itself && !endless_) endless_ = lines_.offset(mark);
    add(holds_itself ? std::make_shared<YamlNode>() : node);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const std::size_t offset = lines_.past_properties(lines_.offset(mark));
    const NodePtr node = scalar(offset, anchor);
    node->text = value;
    switch (tag == "?" ? 'p' : lines_.at(offset)) {
      case '\'':
        node->style = ScalarStyle::single_quoted;
        break;
      case '"':
        node->style = ScalarStyle::double_quoted;
        break;
      case '|':
      case '>':
        node->style = ScalarStyle::block;
        break;
      default:
        node->style = ScalarStyle::plain;
    }
    node->type = type_of(tag, node->style, value);
    add(node);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::sequence, mark, anchor);
  }
  void OnSequenceEnd() override { open_.pop_back(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::mapping, mark, anchor);
  }
  void OnMapEnd() override {
    YamlNode& mapping = *open_.back().node;
    if (!mapping.entries.empty()) mapping.at = mapping.entries.front().key->at;
    open_.pop_back();
  }

 private:
  struct Open {
    NodePtr node;
    NodePtr key;  ///< of a mapping: a key that waits for its value
  };

  NodePtr scalar(std::size_t offset, YAML::anchor_t anchor) {
    auto node = std::make_shared<YamlNode>();
    node->at = lines_.position(offset);
    if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
    return node;
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    const NodePtr node = scalar(lines_.past_properties(lines_.offset(mark)), anchor);
    node->kind = kind;
    add(node);
    open_.push_back({node, nullptr});
  }

  void add(const NodePtr& node) {
    if (open_.empty()) {
      root_ = node;
    } else if (Open& parent = open_.back(); parent.node->is_sequence()) {
      parent.node->items.push_back(node);
    } else if (!parent.key) {
      parent.key = node;
    } else {
      parent.node->entries.push_back({std::exchange(parent.key, nullptr), node});
    }
  }

  const Lines& lines_;
  NodePtr root_;
  std::optional<std::size_t> endless_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, NodePtr> anchors_;
};

[[noreturn]] void refuse(const std::filesystem::path& path, Position at, const std::string& what) {
  throw DataError(path.string() + ':' + std::to_string(at.line) + ':' + std::to_string(at.column) +
                  ": " + what);
}

}  // namespace

YamlFile parse_yaml(const std::filesystem::path& path, std::string bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
  YamlFile file{path, std::move(bytes), nullptr};
  const Lines lines(file.bytes);
  Builder builder(lines);
  try {
    std::istringstream stream(file.bytes);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder) || !builder.root())
      refuse(path, {1, 1}, "the file is empty, expected YAML");
    if (const auto alias = builder.endless())
      refuse(path, lines.position(*alias), "this value holds itself, through an alias");
    file.root = builder.root();
    Builder second(lines);
    if (parser.HandleNextDocument(second) && second.root())
      refuse(path, second.root()->at, "a second document begins, expected one in a file");
  } catch (const YAML::Exception& error) {
    refuse(path, lines.position(lines.offset(error.mark)), "no YAML: " + error.msg);
  }
  if (!file.root->is_mapping())
    refuse(path, file.root->at, "expected names with values (key: value)");
  return file;
}

YamlFile read_yaml(const std::filesystem::path& path) {
  std::error_code unknown;
  const std::filesystem::file_status status = std::filesystem::status(path, unknown);
  if (std::filesystem::is_directory(status)) throw IoError("read", path, EISDIR);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    throw DataError(path.string() + " is no regular file");  // opening a pipe would wait for ever
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream.is_open() || stream.bad()) throw IoError("read", path, errno);
  return parse_yaml(path, std::move(bytes));
}

}  // namespace gradstep::pipeline
