#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Python's pickle format, protocol 4, as far as values and calls of constructors go: no memo, no
/// frames. A Value is the bytes that leave one object on the unpickler's stack.
/// Source: CPython 3.11, Lib/pickletools.py.
namespace gradstep::pickle {

using Value = std::string;
using Item = std::pair<std::string_view, Value>;

[[nodiscard]] Value boolean(bool value);
[[nodiscard]] Value integer(std::int64_t value);
[[nodiscard]] Value integer(std::uint64_t value);
[[nodiscard]] Value real(double value);
/// @param utf8  of less than 4 GiB
[[nodiscard]] Value text(std::string_view utf8);

[[nodiscard]] Value list(const std::vector<Value>& items);
/// @throws InvalidArgument  for more than three
[[nodiscard]] Value tuple(std::initializer_list<Value> items);
[[nodiscard]] Value dict(const std::vector<Item>& items);

/// module.name, imported by the reader.
[[nodiscard]] Value global(std::string_view module, std::string_view name);
/// function(*arguments), as tuple() for their number.
[[nodiscard]] Value call(const Value& function, std::initializer_list<Value> arguments);
/// The object after object.__setstate__(state).
[[nodiscard]] Value with_state(const Value& object, const Value& state);

/// A whole file that holds one object.
[[nodiscard]] std::string file(const Value& value);

}  // namespace gradstep::pickle
