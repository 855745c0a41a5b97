#include "steps/mlflow/pickle.hpp"

#include <bit>
#include <cstddef>

#include "kernels/core/error.hpp"

namespace gradstep::pickle {
namespace {

// CPython's names of the opcodes.
constexpr char proto = '\x80';
constexpr char new_true = '\x88';
constexpr char new_false = '\x89';
constexpr char bin_int = 'J';
constexpr char bin_int_1 = 'K';
constexpr char bin_int_2 = 'M';
constexpr char long_1 = '\x8a';
constexpr char bin_float = 'G';
constexpr char short_bin_unicode = '\x8c';
constexpr char bin_unicode = 'X';
constexpr char mark = '(';
constexpr char empty_list = ']';
constexpr char appends = 'e';
constexpr char empty_tuple = ')';
constexpr char tuple_1 = '\x85';
constexpr char tuple_2 = '\x86';
constexpr char tuple_3 = '\x87';
constexpr char empty_dict = '}';
constexpr char set_items = 'u';
constexpr char stack_global = '\x93';
constexpr char reduce = 'R';
constexpr char build = 'b';
constexpr char stop = '.';

std::string little_endian(std::uint64_t bits, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(bits >> (8 * i) & 0xff);
  return text;
}

/// Two's complement without superfluous bytes, the sign in the last.
Value long_integer(std::uint64_t bits, char sign_byte) {
  std::string bytes = little_endian(bits, 8) + sign_byte;
  const auto top_bit = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]) >> 7; };
  while (bytes.size() > 1 && bytes.back() == sign_byte &&
         top_bit(bytes.size() - 2) == top_bit(bytes.size() - 1))
    bytes.pop_back();
  return std::string{long_1, static_cast<char>(bytes.size())} + bytes;
}

}  // namespace

Value boolean(bool value) { return {value ? new_true : new_false}; }

Value integer(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  if (value >= 0 && value < 1 << 8) return bin_int_1 + little_endian(bits, 1);
  if (value >= 0 && value < 1 << 16) return bin_int_2 + little_endian(bits, 2);
  if (value >= INT32_MIN && value <= INT32_MAX) return bin_int + little_endian(bits, 4);
  return long_integer(bits, value < 0 ? '\xff' : '\0');
}

Value integer(std::uint64_t value) {
  if (value <= INT64_MAX) return integer(static_cast<std::int64_t>(value));
  return long_integer(value, '\0');
}

Value real(double value) {
  const std::string bytes = little_endian(std::bit_cast<std::uint64_t>(value), 8);
  return bin_float + std::string(bytes.rbegin(), bytes.rend());
}

Value text(std::string_view utf8) {
  const Value size = utf8.size() < 256 ? short_bin_unicode + little_endian(utf8.size(), 1)
                                       : bin_unicode + little_endian(utf8.size(), 4);
  return size + std::string(utf8);
}

Value list(const std::vector<Value>& items) {
  Value value{empty_list, mark};
  for (const Value& item : items) value += item;
  return value + appends;
}

Value tuple(std::initializer_list<Value> items) {
  constexpr char opcodes[] = {empty_tuple, tuple_1, tuple_2, tuple_3};
  if (items.size() >= std::size(opcodes)) throw InvalidArgument("a pickled tuple of more than 3");
  Value value;
  for (const Value& item : items) value += item;
  return value + opcodes[items.size()];
}

Value dict(const std::vector<Item>& items) {
  Value value{empty_dict, mark};
  for (const auto& [key, item] : items) value += text(key) + item;
  return value + set_items;
}

Value global(std::string_view module, std::string_view name) {
  return text(module) + text(name) + stack_global;
}

Value call(const Value& function, std::initializer_list<Value> arguments) {
  return function + tuple(arguments) + reduce;
}

Value with_state(const Value& object, const Value& state) { return object + state + build; }

std::string file(const Value& value) { return std::string{proto, '\x04'} + value + stop; }

}  // namespace gradstep::pickle
