"""Files and folders of every kind on their way through run-pipeline: as code, as outputs, as the
folder of the runs."""

import os

import pytest
from pipelines import Pipelines, table


@pytest.fixture
def pipelines(tmp_path):
    return Pipelines(tmp_path)


def states(pipelines, *arguments):
    done = pipelines.run(*arguments)
    assert done.returncode == 0, done.stderr
    return list(table(done.stdout).values())


# -- files that cannot be read or copied


@pytest.mark.parametrize("command, reused", [
    ("mkfifo ${{outputs.made}}/odd", False),
    ("ln -s nowhere ${{outputs.made}}/odd", True),
    ("ln -s odd ${{outputs.made}}/odd", True),
    ("ln -s . ${{outputs.made}}/odd", True),
])
def test_an_odd_file_in_an_output(pipelines, command, reused):
    pipelines.component("odd", command, outputs="made: {type: uri_folder}")
    pipelines.component("other", "sleep 0.3; echo done")
    pipelines.pipeline("odd: {component: ./odd.yml}\nother: {component: ./other.yml}")

    done = pipelines.run()

    assert done.returncode == 0, done.stderr
    assert table(done.stdout) == {"odd": "completed", "other": "completed"}
    assert ("odd: cannot read" in done.stderr and "not stored" in done.stderr) != reused
    assert states(pipelines) == ["reused" if reused else "completed", "reused"]


def test_links_in_the_code_that_lead_nowhere_or_back(pipelines):
    pipelines.write("src/here.txt", "text\n")
    pipelines.write("src/inner/file.txt", "text\n")
    (pipelines.folder / "src/dangling").symlink_to("nowhere")
    (pipelines.folder / "src/inner/up").symlink_to("..")
    pipelines.component("list", "cat inner/up/here.txt; ls; readlink dangling", more="code: src\n")
    pipelines.pipeline("list: {component: ./list.yml}")

    assert states(pipelines) == ["completed"]
    assert pipelines.log("list") == "text\ndangling\nhere.txt\ninner\nnowhere\n"
    assert states(pipelines) == ["reused"]


def test_a_step_that_cannot_be_started_fails_alone(pipelines):
    pipelines.component("long", "echo ${{inputs.a}} | wc -c", "a: {type: string}")
    pipelines.component("other", "sleep 0.3; echo done")
    os.mkdir(pipelines.folder / "src")
    os.mkfifo(pipelines.folder / "src/pipe")
    pipelines.component("copied", "ls", more="code: ./src\n")
    # Linux allows 128 KiB for a variable.
    pipelines.pipeline(f"""
long: {{component: ./long.yml, inputs: {{a: {'x' * 200000}}}}}
copied: {{component: ./copied.yml}}
other: {{component: ./other.yml}}
""", settings="continue_on_step_failure: true")

    done = pipelines.run()

    assert done.returncode == 8, done.stderr
    assert table(done.stdout) == {"long": "failed", "copied": "failed", "other": "completed"}
    assert "Argument list too long" in done.stderr and "src/pipe" in done.stderr


# -- the folder of the runs and the code


@pytest.mark.parametrize("work_dir", ["runs/", "./runs", "link", "code/../runs"])
def test_the_runs_within_the_code_by_any_name(pipelines, work_dir):
    (pipelines.folder / "runs").mkdir()
    (pipelines.folder / "code").mkdir()
    (pipelines.folder / "link").symlink_to("runs")
    pipelines.component("list", "ls", more="code: .\n")
    pipelines.pipeline("list: {component: ./list.yml}")

    assert states(pipelines, "--work_dir", work_dir) == ["completed"]

    log, = pipelines.folder.glob("runs/*/list/std_log.txt")
    assert log.read_text() == "code\nlist.yml\npipeline.yml\n"
    assert states(pipelines, "--work_dir", work_dir) == ["reused"]


@pytest.mark.parametrize("work_dir", [".", "link"])
def test_the_runs_may_not_be_the_code(pipelines, work_dir):
    (pipelines.folder / "link").symlink_to(".")
    pipelines.component("list", "ls", more="code: .\n")
    pipelines.pipeline("list: {component: ./list.yml}")

    done = pipelines.run("--work_dir", work_dir)

    assert done.returncode == 2
    assert "--work_dir" in done.stderr and "step list" in done.stderr
    assert sorted(os.listdir(pipelines.folder)) == ["link", "list.yml", "pipeline.yml"]


# -- what --output makes


def test_an_output_file_goes_to_the_name_or_into_the_folder(pipelines):
    pipelines.component("make", "echo '#!/bin/sh' > ${{outputs.program}}; "
                        "chmod 750 ${{outputs.program}}", outputs="program: {type: uri_file}")
    pipelines.pipeline("make: {component: ./make.yml, outputs: "
                       "{program: '${{parent.outputs.program}}'}}",
                       "outputs: {program: {type: uri_file}}\n")
    (pipelines.folder / "old").mkdir()
    pipelines.write("earlier", "an earlier one")

    for target, place in (("new/run.sh", "new/run.sh"), ("old", "old/program"),
                          ("fresh/", "fresh/program"), ("earlier", "earlier")):
        done = pipelines.run("--output", f"program={target}")
        assert done.returncode == 0, done.stderr
        made = pipelines.folder / place
        assert made.read_text() == "#!/bin/sh\n"
        assert made.stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("target", ["file", "file/below"])
def test_an_output_folder_cannot_be_a_file(pipelines, target):
    pipelines.component("make", "echo x > ${{outputs.made}}/x", outputs="made: {type: uri_folder}")
    pipelines.pipeline("make: {component: ./make.yml, outputs: {made: '${{parent.outputs.made}}'}}",
                       "outputs: {made: {type: uri_folder}}\n")
    pipelines.write("file", "text")

    done = pipelines.run("--output", f"made={target}")

    assert done.returncode == 2
    assert "--output made" in done.stderr and "file" in done.stderr
    assert not (pipelines.folder / "gradstep-runs").exists()
