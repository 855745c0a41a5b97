"""run-pipeline of this machine runs the lab's pipeline in the images."""

import hashlib
import json
import os
import pathlib
import subprocess

import pytest
from conftest import DIABETES, ENGINE, IMAGES, ROOT
from steps_test import REFERENCE

RUN_PIPELINE = pathlib.Path(os.environ["GRADSTEP_BIN"], "run-pipeline").resolve()


@pytest.mark.parametrize("target", sorted({"cpu", "gpu"} & set(IMAGES)))
def test_the_labs_pipeline(target, tmp_path):
    done = subprocess.run(
        [RUN_PIPELINE, ROOT / "components" / "pipeline.yml", "--backend", ENGINE,
         "--input", f"pipeline_job_input={DIABETES}", "--image", f"gradstep-cpu={IMAGES[target]}",
         "--output", "pipeline_job_transformed_data=prepared",
         "--output", "pipeline_job_trained_model=model"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300)

    assert done.returncode == 0, done.stderr
    prepared = (tmp_path / "prepared" / "diabetes.csv").read_bytes()
    assert hashlib.sha256(prepared).hexdigest() == REFERENCE["prep"]["sha256"]
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert (metrics["n_train"], metrics["n_test"]) == (7000, 3000)
    assert metrics["accuracy"] == pytest.approx(0.774, abs=1e-12)
    assert metrics["auc"] == pytest.approx(0.8484944524603214, abs=1e-12)
