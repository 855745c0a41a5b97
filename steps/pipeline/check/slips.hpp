#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace gradstep::pipeline {

/// What was meant as a binding: "${inputs.rate}", "{{ parent.inputs.rate }}".
struct BrokenBinding {
  std::size_t offset = 0;
  std::string text;       ///< all of it
  std::string reference;  ///< "inputs.rate"
};

/// The first from `begin` on that opens with one of `openers` and refers to one of `roots`.
[[nodiscard]] std::optional<BrokenBinding> find_broken_binding(
    std::string_view text, std::initializer_list<std::string_view> openers,
    std::initializer_list<std::string_view> roots, std::size_t begin = 0);

}  // namespace gradstep::pipeline
