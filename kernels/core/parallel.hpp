#pragma once

#include <cstdint>
#include <functional>

namespace gradstep {

/// The stages of an assembly line over items 0, 1, 2, …; a worker carries one item at a time.
struct Stages {
  /// Takes item `index`; one call at a time, in order. False: there is no such item, the line ends.
  std::function<bool(std::int64_t index, int worker)> claim;
  /// Works on the item; in parallel with other workers.
  std::function<void(std::int64_t index, int worker)> work;
  /// Hands the result on; one call at a time, in the order of the items.
  std::function<void(std::int64_t index, int worker)> commit;
};

/// Runs the line on up to `workers` threads, the caller's among them (worker 0), and waits.
///
/// What commit sees does not depend on the number of workers, so results don't either. When a
/// stage throws, the items before it are still committed, none after it is, and its exception is
/// thrown again here: the error reported is always that of the smallest index.
/// One worker: no thread is started. Cost per item: two locks; give items of 100 us or more.
void run_in_order(int workers, const Stages& stages);

/// The same over `count` items known beforehand.
void for_each_in_order(std::int64_t count, int workers,
                       const std::function<void(std::int64_t index, int worker)>& work,
                       const std::function<void(std::int64_t index, int worker)>& commit);

}  // namespace gradstep
