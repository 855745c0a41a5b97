#pragma once

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/fault.hpp"

namespace emulation {

/// The live handles of one kind. What is left when the program ends was leaked: a fault.
template <class Handle>
class Handles {
 public:
  explicit Handles(std::string kind) : kind_(std::move(kind)) {}
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
  ~Handles() {
    if (!all_.empty())
      fault("leak", std::to_string(all_.size()) + " " + kind_ + " were not destroyed");
  }

  Handle make() { return all_.emplace_back(new std::remove_pointer_t<Handle>); }
  /// Faults unless the handle is a live one.
  auto& live(Handle handle) const {
    if (std::find(all_.begin(), all_.end(), handle) == all_.end())
      fault("bad handle", "not one of the live " + kind_);
    return *handle;
  }
  void destroy(Handle handle) {
    delete &live(handle);
    std::erase(all_, handle);
  }
  [[nodiscard]] const std::vector<Handle>& all() const { return all_; }

 private:
  std::string kind_;
  std::vector<Handle> all_;
};

}  // namespace emulation
