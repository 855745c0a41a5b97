"""components/ and the real azure-ai-ml: it takes every file without a word, the lab's Python code
builds its pipeline from them, and the cases of broken YAML are what they are said to be.
"""

import pathlib
import socket
import sys

import pytest

pytest.importorskip("azure.ai.ml", reason="Azure ML's SDK is not here; ./test.sh --all installs it")

from azure.ai.ml import Input, dsl, load_component, load_compute, load_data  # noqa: E402
from azure.ai.ml.constants import AssetTypes  # noqa: E402
from check_components import check  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # marshmallow's, by the ten thousand
ROOT = pathlib.Path(__file__).parents[2]
COMPONENTS = ROOT / "components"
sys.path.insert(0, str(ROOT / "tests" / "steps" / "pipeline"))
from yaml_cases import BASE, all_cases, copy_project  # noqa: E402


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*address, **_):
        raise OSError(f"no network in this test: {address[:2]}")
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_every_component_environment_and_pipeline_is_without_problem():
    files = sorted(COMPONENTS.glob("*.yml"))
    assert len(files) >= 12

    assert check(files) == []


def test_the_check_sees_problems(tmp_path):
    text = (COMPONENTS / "train-model.yml").read_text()
    file = tmp_path / "train-model.yml"
    file.write_text(text.replace("default: 0.01", "default: 0.0")
                    .replace("file:./environment_cpu.yml", "azureml:gradstep-cpu:1"))

    problems = check([file])

    assert len(problems) == 1 and "inputs.reg_rate.default" in problems[0]


def test_the_data_asset():
    data = load_data(COMPONENTS / "data" / "diabetes-data.yml")

    assert (data.name, data.version, data.type) == ("diabetes-data", "1", AssetTypes.URI_FILE)
    folder = COMPONENTS / "data"
    assert (folder / data.path).resolve() == (folder / "diabetes.csv").resolve()
    assert data._to_rest_object().properties.data_type == "uri_file"


@pytest.mark.parametrize("file, name, size", [
    ("cpu-cluster.yml", "aml-cluster", "Standard_DS11_v2"),
    ("gpu-cluster.yml", "gpu-cluster", "Standard_NC24ads_A100_v4"),
])
def test_the_clusters(file, name, size):
    cluster = load_compute(COMPONENTS / "compute" / file)

    assert (cluster.name, cluster.type, cluster.size) == (name, "amlcompute", size)
    assert cluster.min_instances == 0  # it costs nothing while nothing runs
    assert cluster._to_rest_object().properties.properties.vm_size == size


@pytest.mark.parametrize("file, name, inputs, outputs", [
    ("prep-data.yml", "prep_data", {"input_data": "uri_file"}, {"output_data": "uri_folder"}),
    ("train-model.yml", "train_model", {"training_data": "uri_folder", "reg_rate": "number"},
     {"model_output": "mlflow_model"}),
    ("train_logistic_regression_classifier_model.yml",
     "train_logistic_regression_classifier_model",
     {"training_data": "uri_folder", "regularization_rate": "number"},
     {"model_output": "uri_folder"}),
    ("remove_empty_rows.yml", "remove_empty_rows", {"input_data": "uri_folder"},
     {"output_data": "uri_folder"}),
    ("normalize_data.yml", "normalize_data", {"input_data": "uri_folder"},
     {"output_data": "uri_folder"}),
])
def test_the_ports_are_the_labs(file, name, inputs, outputs):
    component = load_component(COMPONENTS / file)

    assert (component.name, component.version) == (name, "1")
    assert {key: port.type for key, port in component.inputs.items()
            if not port.optional} == inputs
    assert {key: port.type for key, port in component.outputs.items()} == outputs


def test_reg_rate_has_the_labs_default():
    port = load_component(COMPONENTS / "train-model.yml").inputs["reg_rate"]

    assert port.default == 0.01


def labs_pipeline():
    """The lab's notebook `Run a pipeline job`, but for the folder."""
    # [begin of the lab's code]
    parent_dir = f"{COMPONENTS}/"
    prep_data = load_component(source=parent_dir + "./prep-data.yml")
    train_logistic_regression = load_component(source=parent_dir + "./train-model.yml")

    @dsl.pipeline()
    def diabetes_classification(pipeline_job_input):
        clean_data = prep_data(input_data=pipeline_job_input)
        train_model = train_logistic_regression(training_data=clean_data.outputs.output_data)

        return {
            "pipeline_job_transformed_data": clean_data.outputs.output_data,
            "pipeline_job_trained_model": train_model.outputs.model_output,
        }

    pipeline_job = diabetes_classification(
        Input(type=AssetTypes.URI_FILE, path="azureml:diabetes-data:1"))

    # change the output mode
    pipeline_job.outputs.pipeline_job_transformed_data.mode = "upload"
    pipeline_job.outputs.pipeline_job_trained_model.mode = "upload"
    # set pipeline level compute
    pipeline_job.settings.default_compute = "aml-cluster"
    # set pipeline level datastore
    pipeline_job.settings.default_datastore = "workspaceblobstore"
    # [end of the lab's code]
    return pipeline_job


def test_the_labs_pipeline_function_builds_from_the_two_files():
    job = labs_pipeline()

    result = job._validate()._to_dict()
    assert result.get("errors", []) + result.get("warnings", []) == []
    assert set(job.jobs) == {"clean_data", "train_model"}
    assert job.display_name == "diabetes_classification"
    assert {name: output.mode for name, output in job.outputs.items()} == {
        "pipeline_job_transformed_data": "upload", "pipeline_job_trained_model": "upload"}


def test_a_step_of_the_labs_pipeline_takes_every_optional_input():
    train = load_component(COMPONENTS / "train-model.yml")

    @dsl.pipeline()
    def one_step(prepared):
        train(training_data=prepared, reg_rate=0.1, solver="liblinear", random_state=7,
              penalize_intercept=False, tolerance=1e-5)

    job = one_step(Input(type=AssetTypes.URI_FOLDER, path="azureml:prepared:1"))
    job.settings.default_compute = "aml-cluster"

    assert job._validate().passed
    step = next(iter(job._to_rest_object().properties.jobs.values()))
    values = {name: value["value"] for name, value in step["inputs"].items()}
    assert values == {"training_data": "${{parent.inputs.prepared}}", "reg_rate": "0.1",
                      "solver": "liblinear", "random_state": "7", "penalize_intercept": "False",
                      "tolerance": "1e-05"}


# The cases of broken YAML: a wrong case would make run-pipeline's checker wrong with it.

@pytest.fixture
def project(tmp_path):
    return copy_project(tmp_path / "components")


def test_the_base_of_the_cases_is_without_problem(project):
    assert check(project / name for name in BASE) == []


def problems_of(case, project):
    case.apply(project)
    return check({project / case.checked, project / case.file})


@pytest.mark.parametrize("case", all_cases("good_*.txt"), ids=str)
def test_a_legal_oddity_is_taken(case, project):
    problems = problems_of(case, project)

    # Of a component in a workspace only the ports are unknown here.
    assert [text for text in problems if "its ports cannot be checked" not in text] == []


@pytest.mark.parametrize("case", all_cases("[!g]*.txt"), ids=str)
def test_a_broken_case_is_caught_unless_it_is_said_to_be_let_through(case, project):
    problems = problems_of(case, project)

    assert bool(problems) != case.let_through, problems
