#include "steps/mlflow/model_pickle.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "steps/mlflow/label_type.hpp"
#include "steps/mlflow/pickle.hpp"

namespace gradstep {
namespace {

using pickle::Value;

// Public constructors only: numpy and scikit-learn move their private modules about.
Value array(const Value& list, const char* dtype) {
  return pickle::call(pickle::global("numpy", "array"), {list, pickle::text(dtype)});
}

template <class T, class Pickled>
Value list_of(const std::vector<T>& items, const Pickled& pickled_item) {
  std::vector<Value> values;
  values.reserve(items.size());
  for (const T& item : items) values.push_back(pickled_item(item));
  return pickle::list(values);
}

Value reals(const std::vector<double>& numbers) { return list_of(numbers, pickle::real); }
Value real_array(const std::vector<double>& numbers) { return array(reals(numbers), "float64"); }

Value names_array(const std::vector<std::string>& names) {
  return array(list_of(names, pickle::text), "object");
}

Value class_value(const ClassValue& value) {
  return std::visit(
      [](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, bool>) {
          return pickle::boolean(held);
        } else if constexpr (std::is_same_v<Held, double>) {
          return pickle::real(held);
        } else if constexpr (std::is_same_v<Held, std::string>) {
          return pickle::text(held);
        } else {
          return pickle::integer(held);
        }
      },
      value);
}

Value size_of(std::size_t size) { return pickle::integer(std::uint64_t{size}); }

/// scikit-learn's object of that class, made without arguments and given its state.
Value estimator(const char* module, const char* name, std::vector<pickle::Item> state) {
  state.emplace_back("_sklearn_version", pickle::global("sklearn", "__version__"));
  return pickle::with_state(pickle::call(pickle::global(module, name), {}), pickle::dict(state));
}

/// scikit-learn's class_weight where it is not None.
Value class_weight(const TrainedModel& model) {
  if (model.class_weighting == ClassWeighting::balanced) return pickle::text("balanced");
  std::vector<Value> items;
  for (const std::size_t k : {0U, 1U})
    items.push_back(
        pickle::tuple({class_value(model.classes[k]), pickle::real(model.class_weights[k])}));
  return pickle::call(pickle::global("builtins", "dict"), {pickle::list(items)});
}

Value logistic_regression(const TrainedModel& model) {
  std::vector<pickle::Item> state;
  // Parameters that differ from scikit-learn's defaults.
  if (model.reg_rate != 1) state.emplace_back("C", pickle::real(1 / model.reg_rate));
  if (model.class_weighting != ClassWeighting::none)
    state.emplace_back("class_weight", class_weight(model));
  if (model.penalize_intercept) state.emplace_back("solver", pickle::text("liblinear"));
  if (model.max_iterations != 100)
    state.emplace_back("max_iter", pickle::integer(std::int64_t{model.max_iterations}));
  if (model.tolerance != 1e-4) state.emplace_back("tol", pickle::real(model.tolerance));
  state.emplace_back(
      "classes_",
      array(pickle::list({class_value(model.classes[0]), class_value(model.classes[1])}),
            numpy_type(model.classes[0])));
  state.emplace_back("coef_", array(pickle::list({reals(model.coefficients)}), "float64"));
  state.emplace_back("intercept_", real_array({model.intercept}));
  state.emplace_back("n_features_in_", size_of(model.coefficients.size()));
  state.emplace_back(
      "n_iter_", array(pickle::list({pickle::integer(std::int64_t{model.iterations})}), "int32"));
  // Behind a scaler it sees arrays, which have no names.
  if (!model.scaler) state.emplace_back("feature_names_in_", names_array(model.feature_names));
  return estimator("sklearn.linear_model", "LogisticRegression", std::move(state));
}

Value min_max_scaler(const FeatureScaler& scaler, const std::vector<std::string>& names) {
  std::vector<double> range;
  range.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i)
    range.push_back(scaler.maximum[i] - scaler.minimum[i]);
  return estimator("sklearn.preprocessing", "MinMaxScaler",
                   {{"scale_", real_array(scaler.scale)},
                    {"min_", real_array(scaler.offset)},
                    {"data_min_", real_array(scaler.minimum)},
                    {"data_max_", real_array(scaler.maximum)},
                    {"data_range_", real_array(range)},
                    {"n_samples_seen_", pickle::integer(scaler.rows_seen)},
                    {"n_features_in_", size_of(names.size())},
                    {"feature_names_in_", names_array(names)}});
}

}  // namespace

std::string pickled(const TrainedModel& model) {
  Value object = logistic_regression(model);
  if (model.scaler) {
    const Value scaler = min_max_scaler(*model.scaler, model.feature_names);
    object = pickle::call(pickle::global("sklearn.pipeline", "Pipeline"),
                          {pickle::list({pickle::tuple({pickle::text("scaler"), scaler}),
                                         pickle::tuple({pickle::text("classifier"), object})})});
  }
  return pickle::file(object);
}

}  // namespace gradstep
