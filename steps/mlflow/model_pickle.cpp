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
  items.reserve(model.classes.size());
  for (std::size_t k = 0; k < model.classes.size(); ++k)
    items.push_back(
        pickle::tuple({class_value(model.classes[k]), pickle::real(model.class_weights[k])}));
  return pickle::call(pickle::global("builtins", "dict"), {pickle::list(items)});
}

Value class_array(const std::vector<ClassValue>& classes) {
  return array(list_of(classes, class_value), numpy_type(classes.front()));
}

/// Parameters of LogisticRegression that differ from scikit-learn's defaults.
std::vector<pickle::Item> parameters(const TrainedModel& model) {
  std::vector<pickle::Item> state;
  if (model.reg_rate != 1) state.emplace_back("C", pickle::real(1 / model.reg_rate));
  // Weights by label mean nothing to one class against the others: they are weights of rows there.
  const bool by_label = model.class_weighting == ClassWeighting::by_label;
  if (model.class_weighting != ClassWeighting::none && !(by_label && model.models.size() > 1))
    state.emplace_back("class_weight", class_weight(model));
  if (model.penalize_intercept) state.emplace_back("solver", pickle::text("liblinear"));
  if (model.max_iterations != 100)
    state.emplace_back("max_iter", pickle::integer(std::int64_t{model.max_iterations}));
  if (model.tolerance != 1e-4) state.emplace_back("tol", pickle::real(model.tolerance));
  return state;
}

/// Behind a scaler an estimator sees arrays, which have no names.
void add_feature_names(std::vector<pickle::Item>& state, const TrainedModel& model) {
  if (!model.scaler) state.emplace_back("feature_names_in_", names_array(model.feature_names));
}

/// @param k        index into model.models
/// @param classes  that it tells apart
Value logistic_regression(const TrainedModel& model, std::size_t k,
                          const std::vector<ClassValue>& classes) {
  std::vector<pickle::Item> state = parameters(model);
  state.emplace_back("classes_", class_array(classes));
  state.emplace_back("coef_", array(pickle::list({reals(model.models[k].weights)}), "float64"));
  state.emplace_back("intercept_", real_array({model.models[k].intercept}));
  state.emplace_back("n_features_in_", size_of(model.feature_names.size()));
  const Value iterations = pickle::integer(std::int64_t{model.iterations[k]});
  state.emplace_back("n_iter_", array(pickle::list({iterations}), "int32"));
  add_feature_names(state, model);
  return estimator("sklearn.linear_model", "LogisticRegression", std::move(state));
}

Value one_vs_rest(const TrainedModel& model) {
  std::vector<Value> estimators;
  estimators.reserve(model.models.size());
  for (std::size_t k = 0; k < model.models.size(); ++k)
    estimators.push_back(logistic_regression(model, k, {std::int64_t{0}, std::int64_t{1}}));
  const Value classes = class_array(model.classes);
  const Value binarizer = estimator("sklearn.preprocessing", "LabelBinarizer",
                                    {{"sparse_output", pickle::boolean(true)},
                                     {"y_type_", pickle::text("multiclass")},
                                     {"sparse_input_", pickle::boolean(false)},
                                     {"classes_", classes}});
  const Value unfitted = estimator("sklearn.linear_model", "LogisticRegression", parameters(model));
  std::vector<pickle::Item> state = {{"estimators_", pickle::list(estimators)},
                                     {"label_binarizer_", binarizer},
                                     {"classes_", classes},
                                     {"n_features_in_", size_of(model.feature_names.size())}};
  add_feature_names(state, model);
  state.emplace_back("_sklearn_version", pickle::global("sklearn", "__version__"));
  const Value object =
      pickle::call(pickle::global("sklearn.multiclass", "OneVsRestClassifier"), {unfitted});
  return pickle::with_state(object, pickle::dict(state));
}

Value classifier(const TrainedModel& model) {
  return model.models.size() == 1 ? logistic_regression(model, 0, model.classes)
                                  : one_vs_rest(model);
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
  Value object = classifier(model);
  if (model.scaler) {
    const Value scaler = min_max_scaler(*model.scaler, model.feature_names);
    object = pickle::call(pickle::global("sklearn.pipeline", "Pipeline"),
                          {pickle::list({pickle::tuple({pickle::text("scaler"), scaler}),
                                         pickle::tuple({pickle::text("classifier"), object})})});
  }
  return pickle::file(object);
}

}  // namespace gradstep
