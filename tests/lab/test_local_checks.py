"""What this machine's Python finds wrong before a lab host is asked."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grader.attempt import Attempt
from grader.judge import judge
from grader.observation import BadReport, KernelFacts, TracerRun
from grader.verdict import Outcome
from grader.written import observation_file
from lab import checkout, cli
from lab.local_checks import HOST_PYTHON, read_here, silent_about_ready
from lab.one_check import graded_here
from lab.workspace import Workspace
from tests.lab.test_comparison import RIGHT
from vocabulary.exit_codes import FAILED

EXERCISE = checkout.exercise("4")
BROKEN = b"from bcc import BPF\n\n\ndef attach() -> None:\n    bpf = BPF(text='')\n        bpf.attach()\n"


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def attempt(tracer: bytes, **others: bytes) -> Attempt:
    return Attempt.of({"tracer.py": tracer, **{f"{name}.py": text for name, text in others.items()}})


@pytest.mark.parametrize(
    ("source", "module", "said"),
    [
        (BROKEN, b"", "tracer.py:6\n    bpf.attach()\n"),
        (b"print('late')\nreturn 1\n", b"", "tracer.py:2\n    return 1\n"),
        (b"x = (\n", b"", "tracer.py:1\n    x = (\n"),
        (b"import names\n", b"\nx = )\n", "names.py:2\n    x = )\n"),
    ],
    ids=["indentation", "what only the compiler finds", "a bracket", "in a module"],
)
def test_a_syntax_error_gets_the_verdict_that_the_lab_host_would_have_given(
    source: bytes, module: bytes, said: str, tmp_path: Path
) -> None:
    # What the host's Python prints is what Python prints anywhere.
    tried = attempt(source, names=module)
    for name, content in tried.files.items():
        (tmp_path / name).write_bytes(content)
    ran = subprocess.run(
        [sys.executable, str(tmp_path / "tracer.py")], capture_output=True, text=True, check=False
    )
    tracer = TracerRun(ready=False, ended_by="exited", exit_code=ran.returncode, stderr_tail=ran.stderr)
    on_host = replace(
        RIGHT,
        exercise=EXERCISE.slug,
        traffic_ran=False,
        recordings=(),
        tracer=tracer,
        report=BadReport("none"),
        kernel=KernelFacts(),
        sources=tried.texts(),
    )
    here = read_here(EXERCISE, tried, 1, HOST_PYTHON)
    assert here is not None
    assert judge(EXERCISE, here).checks == judge(EXERCISE, on_host).checks
    (failed,) = [one for one in judge(EXERCISE, here).checks if one.outcome is Outcome.FAIL]
    assert failed.message.startswith(said)
    assert failed.cause == "python_syntax"


@pytest.mark.parametrize(
    ("tracer", "module"),
    [
        (b"import names\n", b"x = (\n"),
        (b"from names import x\n", b"x = (\n"),
        (b"print('late')\nreturn 1\n", b""),
    ],
    ids=["a module that is imported", "a name that is imported", "what only the compiler finds"],
)
def test_what_python_would_stop_at_is_found_here(tracer: bytes, module: bytes) -> None:
    assert read_here(EXERCISE, attempt(tracer, names=module), 1, HOST_PYTHON) is not None


@pytest.mark.parametrize(
    ("tracer", "module"),
    [
        (b"print('fine')\n", b"x = (\n"),
        (b"try:\n    import names\nexcept SyntaxError:\n    pass\n", b"x = (\n"),
        (b"import re\nre.compile('\\d')\n", b""),
        (b"x = '\xff'\n", b""),
        (b"x = 1\0\n", b""),
    ],
    ids=["an unused module", "a guarded import", "a warning", "not UTF-8", "a null byte"],
)
def test_what_is_not_certain_is_left_to_the_lab_host(tracer: bytes, module: bytes) -> None:
    assert read_here(EXERCISE, attempt(tracer, names=module), 1, HOST_PYTHON) is None


def test_an_older_python_than_the_hosts_leaves_it_to_the_host() -> None:
    assert read_here(EXERCISE, attempt(BROKEN), 1, (HOST_PYTHON[0], HOST_PYTHON[1] - 1)) is None


def test_an_answer_from_here_counts_as_a_check_and_can_be_shown_again(tmp_path: Path) -> None:
    place = Workspace(tmp_path / "lab-work")
    checked = graded_here(EXERCISE, attempt(BROKEN), place, None, practice=False, python=HOST_PYTHON)
    assert checked is not None
    assert checked.exit_code == 1
    assert place.progress().of(EXERCISE.slug).checks == 1
    again = judge(EXERCISE, observation_file.load(Path(checked.verdict.observation)))
    assert again.checks == checked.verdict.checks


def test_an_answer_from_here_in_practice_is_no_progress(tmp_path: Path) -> None:
    place = Workspace(tmp_path / "lab-work")
    assert graded_here(EXERCISE, attempt(BROKEN), place, None, practice=True, python=HOST_PYTHON)
    assert place.progress().exercises == {}


@pytest.mark.parametrize(
    "text",
    [
        "from lab_tracer import ready\nready()\n",
        "import lab_tracer\nlab_tracer.ready()\n",
        "from lab_tracer import ready as attached\nattached()\n",
        "print('READY', flush=True)\n",
        "import os\nos.write(1, b'READY\\n')\n",
        "word = 'READY'\nprint(f'{word}')\n",
        "x = (\n",
    ],
)
def test_any_way_to_say_ready_is_no_reason_to_warn(text: str) -> None:
    assert silent_about_ready(attempt(text.encode())) == ""


@pytest.mark.parametrize(
    "text", ["from lab_tracer import report\nreport({})\n", "from lab_tracer import ready\n# ready()\n"]
)
def test_a_tracer_that_never_says_ready_is_warned_of(text: str) -> None:
    assert silent_about_ready(attempt(text.encode())).startswith("nothing in tracer.py says READY")


def test_a_module_of_the_attendee_may_say_ready() -> None:
    assert (
        silent_about_ready(attempt(b"import names\nnames.go()\n", names=b"def go():\n    print('READY')\n"))
        == ""
    )


@pytest.mark.parametrize("folder", sorted(checkout.SOLUTIONS.glob("[0-9]*")), ids=lambda path: path.name)
def test_no_starter_and_no_solution_is_warned_of_or_refused_here(folder: Path) -> None:
    exercise = checkout.exercise(folder.name)
    for path in (folder, exercise.folder):
        one = Attempt.of({name: (path / name).read_bytes() for name in exercise.starter_files})
        ast.parse(one.files["tracer.py"])
        assert read_here(exercise, one, 1, HOST_PYTHON) is None
        assert silent_about_ready(one) == ""


@pytest.mark.parametrize("verb", ["check", "run"])
def test_check_and_run_say_the_same_about_a_line_that_python_cannot_read(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    # Whatever Python runs this test, it is as new as the host's.
    monkeypatch.setattr("lab.local_checks.HOST_PYTHON", (3, 0))
    for name in EXERCISE.starter_files:
        (tmp_path / name).write_bytes(BROKEN if name == "tracer.py" else b"")
    assert cli.run([verb, "4", "--tracer", "."]) == FAILED
    shown = capsys.readouterr()
    assert "tracer.py:6\n              bpf.attach()\n          Python cannot read this line" in shown.out
    assert "next: mend the brackets or the indentation there" in shown.out
    assert "when the numbers agree" not in shown.err
