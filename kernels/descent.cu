#include "kernels/descent.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "kernels/cuda/device_buffer.cuh"
#include "kernels/cuda/graph.cuh"
#include "kernels/descent_step.cuh"

namespace gradstep::cuda {
namespace {

class Loop final : public DeviceDescent {
 public:
  Loop(const DeviceSums& sums, const LogisticProblem& problem, const DescentRules& rules)
      : sums_(sums),
        problem_(problem),
        rules_(rules),
        size_(problem.rows->cols() + 1),
        models_(std::ssize(problem.models)),
        device_models_(models_, stream()),
        vectors_(3 * models_ * size_, stream()),
        inverse_factor_(models_ * size_ * size_, stream()),
        model_of_slot_(models_, stream()),
        slots_(models_, stream()),
        slot_vectors_(3 * models_ * size_, stream()),
        read_sums_(models_ * (size_ + 1), stream()),
        hessians_uploaded_(static_cast<std::size_t>(models_), -1) {}

  void advance(std::span<ModelState> states,
               const std::function<std::vector<double>(std::size_t)>& inverse_factor,
               const std::function<bool(std::size_t)>& damped) override {
    for (std::size_t k = 0; k < states.size(); ++k)
      if (hessians_uploaded_[k] != states[k].hessians &&
          states[k].stop_reason == StopReason::running)
        upload_metric(k, states[k], inverse_factor);
    upload(states, damped);
    const int running = choose_slots(states);
    queue_first_points(device_states(), running, stream());
    if (sums_.resident())
      graph_for(running).launch(stream());
    else
      queue_read(running);  // the host is busy with copies anyway, so it may look after each read
    download(states);
  }

 private:
  static constexpr int reads_of_a_graph = 8;

  [[nodiscard]] cudaStream_t stream() const { return sums_.stream(); }

  [[nodiscard]] DescentStates device_states() const {
    const std::int64_t length = models_ * size_;
    return {.size = size_,
            .penalize_intercept = problem_.penalize_intercept,
            .models = device_models_.data(),
            .v = vectors_.data(),
            .gradient = vectors_.data() + length,
            .direction = vectors_.data() + 2 * length,
            .inverse_factor = inverse_factor_.data(),
            .model_of_slot = model_of_slot_.data(),
            .slots = slots_.data(),
            .points = slot_vectors_.data(),
            .change = slot_vectors_.data() + length,
            .work = slot_vectors_.data() + 2 * length,
            .sums = read_sums_.data()};
  }

  void upload_metric(std::size_t k, const ModelState& state,
                     const std::function<std::vector<double>(std::size_t)>& inverse_factor) {
    const std::vector<double>& w = factors_on_their_way_.emplace_back(inverse_factor(k));
    check(cudaMemcpyAsync(inverse_factor_.data() + static_cast<std::int64_t>(k) * size_ * size_,
                          w.data(), w.size() * sizeof(double), cudaMemcpyHostToDevice, stream()));
    hessians_uploaded_[k] = state.hessians;
  }

  // Calls visit(vector of the state, its place in host_vectors_) for each.
  template <class State, class Visit>
  void for_each_vector(std::span<State> states, const Visit& visit) {
    host_vectors_.resize(3 * states.size() * static_cast<std::size_t>(size_));
    auto place = host_vectors_.begin();
    for (auto vector : {&State::v, &State::gradient, &State::direction})
      for (State& state : states) {
        visit(state.*vector, place);
        place += size_;
      }
  }

  void upload(std::span<ModelState> states, const std::function<bool(std::size_t)>& damped) {
    host_models_.clear();
    for (std::size_t k = 0; k < states.size(); ++k)
      host_models_.push_back({states[k], problem_.models[k].reg, damped(k) ? 1 : 0});
    for_each_vector(states, [](const auto& vector, auto place) {
      std::copy(vector.begin(), vector.end(), place);
    });
    device_models_.copy_from(host_models_);
    vectors_.copy_from(host_vectors_);
  }

  // Where the host waits for a batch.
  void download(std::span<ModelState> states) {
    device_models_.copy_to(host_models_);
    vectors_.copy_to(host_vectors_);
    check(cudaStreamSynchronize(stream()));
    factors_on_their_way_.clear();
    for (std::size_t k = 0; k < states.size(); ++k)
      static_cast<DescentProgress&>(states[k]) = host_models_[k].progress;
    for_each_vector(states, [this](auto& vector, auto place) {
      std::copy(place, place + size_, vector.begin());
    });
  }

  // Models that have stopped cost nothing from here on.
  int choose_slots(std::span<const ModelState> states) {
    host_model_of_slot_.clear();
    host_slots_.clear();
    for (std::size_t k = 0; k < states.size(); ++k) {
      if (states[k].stop_reason != StopReason::running) continue;
      host_model_of_slot_.push_back(static_cast<std::int32_t>(k));
      host_slots_.push_back(sums_.slot_of(problem_.models[k]));
    }
    model_of_slot_.copy_from(host_model_of_slot_);
    slots_.copy_from(host_slots_);
    return static_cast<int>(host_slots_.size());
  }

  void queue_read(int slots) const {
    const DescentStates at = device_states();
    sums_.queue_loss_and_gradient(at.points, at.slots, slots, read_sums_.data());
    queue_steps(at, rules_, slots, stream());
  }

  const Graph& graph_for(int slots) {
    if (!graph_ || slots_of_graph_ != slots) {
      graph_.emplace(stream(), [&] {
        for (int read = 0; read < reads_of_a_graph; ++read) queue_read(slots);
      });
      slots_of_graph_ = slots;
    }
    return *graph_;
  }

  const DeviceSums& sums_;
  const LogisticProblem& problem_;
  DescentRules rules_;
  std::int64_t size_;
  std::int64_t models_;
  DeviceBuffer<DeviceModel> device_models_;
  DeviceBuffer<double> vectors_;  // v, gradient, direction of all models
  DeviceBuffer<double> inverse_factor_;
  DeviceBuffer<std::int32_t> model_of_slot_;
  DeviceBuffer<Slot> slots_;
  DeviceBuffer<double> slot_vectors_;  // points, change, work of all slots
  DeviceBuffer<double> read_sums_;
  std::vector<std::int32_t> hessians_uploaded_;  // -1: no metric yet
  // What copies read or write until the host has waited.
  std::vector<std::vector<double>> factors_on_their_way_;
  std::vector<std::int32_t> host_model_of_slot_;
  std::vector<Slot> host_slots_;
  std::vector<DeviceModel> host_models_;
  std::vector<double> host_vectors_;
  std::optional<Graph> graph_;
  int slots_of_graph_ = 0;
};

}  // namespace

std::unique_ptr<DeviceDescent> device_descent(const LogisticSums& sums,
                                              const LogisticProblem& problem,
                                              const DescentRules& rules) {
  return std::make_unique<Loop>(dynamic_cast<const DeviceSums&>(sums), problem, rules);
}

}  // namespace gradstep::cuda
