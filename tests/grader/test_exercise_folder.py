"""An exercise is read from its folder, or the file and line that is wrong is named."""

from pathlib import Path

import pytest

from grader.errors import ExerciseError
from grader.exercise_folder import discover, find, load

TOML = """number = 4
title = "Kprobes"
goal = "Trace."
minutes = 30
workload = "triton"
starter_files = ["tracer.bpf.c", "tracer.py"]
"""
CHECKS = """from __future__ import annotations

from dataclasses import dataclass

from grader.exercise import Check
from grader.found import Found, passed
from grader.observation import Observation
from grader.sentences import said_in, unsaid

from .traffic import plan


@dataclass
class Own:
    number: int = 1


def run(seen: Observation) -> Found:
    return passed()


CHECKS = (
    Check("always", "it is always right", run, unsaid("odd", "even") | said_in("maps")),
    Check("after", "it is right after that", run, needs=("always",)),
)
"""
TRAFFIC = """from grader.exercise import Recorder
from grader.traffic import Step, TrafficPlan

RECORDER = Recorder(("readv",))


def plan(rng, cpus):
    return TrafficPlan(Step("http"), ())
"""
SENTENCES = """# Cause -> where to look.
odd = "in tracer.py, what adds 1?"
map_full = "see the size of {map}"

[in.always]
even = "what doubles it?"
"""
MISTAKE = '''"""all of it is counted

where is the filter?
"""


def numbers(seen):
    return {"counts.readv": 3}
'''
HINTS = "# Hints\n\n## A nudge\nlook\n\n## More\nlook here\n\n## Nearly\nwrite this\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "04-kprobes"
    made.mkdir()
    for name, text in {
        "exercise.toml": TOML,
        "checks.py": CHECKS,
        "traffic.py": TRAFFIC,
        "sentences.toml": SENTENCES,
        "mistakes/no_filter.py": MISTAKE,
        "mistakes/all_filter.py": MISTAKE,
        "hints.md": HINTS,
        "README.md": "# Kprobes\n",
        "tracer.py": "",
        "tracer.bpf.c": "",
    }.items():
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_text(text)
    return made


def test_a_whole_folder_is_read(folder: Path) -> None:
    exercise = load(folder)
    assert (exercise.number, exercise.slug, exercise.minutes) == (4, "04-kprobes", 30)
    assert exercise.starter_files == ("tracer.bpf.c", "tracer.py")
    assert [check.name for check in exercise.checks] == ["always", "after"]
    assert exercise.says(exercise.checks[0], "odd").hint == "in tracer.py, what adds 1?"
    assert exercise.says(exercise.checks[0], "one_cpu").hint.startswith("a per-CPU map")
    assert [(one.cause, one.sentence, one.where_to_look) for one in exercise.misconceptions] == [
        (cause, "all of it is counted", "where is the filter?") for cause in ("all_filter", "no_filter")
    ]
    assert exercise.hints == ("## A nudge\nlook", "## More\nlook here", "## Nearly\nwrite this")
    assert exercise.summary is None


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        ("exercise.toml", "workload =", "work_load =", "exercise.toml:5: unknown key 'work_load'"),
        ("exercise.toml", "30", '"30"', "exercise.toml:4: minutes must be a whole number"),
        ("exercise.toml", "30", "true", "exercise.toml:4: minutes must be a whole number"),
        (
            "exercise.toml",
            "number = 4",
            "number = 5",
            "exercise.toml:1: number is 5, but the folder is 04-kprobes",
        ),
        ("exercise.toml", "minutes = 30\n", "", "exercise.toml: minutes is missing"),
        ("exercise.toml", "title = ", "title ", "exercise.toml: "),
        (
            "exercise.toml",
            '"tracer.py"',
            '"../x"',
            "exercise.toml:6: starter_files must be a list of file names",
        ),
        (
            "exercise.toml",
            "minutes = 30",
            'minutes = 30\nneeds = ["magic"]',
            "exercise.toml:5: needs has 'magic'; known are uprobes",
        ),
        ("exercise.toml", '"tracer.py"', '"other.py"', "other.py is missing"),
        ("hints.md", "## More", "More", "hints.md must hold 3 sections"),
        ("hints.md", "write this\n", "", "hints.md must hold 3 sections"),
        ("traffic.py", "RECORDER =", "RECORDERS =", "traffic.py does not define RECORDER"),
        (
            "traffic.py",
            'Recorder(("readv",))',
            "3",
            "traffic.py: RECORDER must be a grader.exercise.Recorder",
        ),
        ("checks.py", "CHECKS =", "CHEKS =", "checks.py does not define CHECKS"),
        ("checks.py", "CHECKS = (", "1 / 0\nCHECKS = (", "checks.py:22: ZeroDivisionError"),
        ("checks.py", "CHECKS = (", "CHECKS = (run,", "checks.py:22: CHECKS has a function, which is no"),
        (
            "checks.py",
            'needs=("always",)',
            'needs=("evr",)',
            "checks.py:22: after needs evr, which is no check",
        ),
        ("checks.py", '"after"', '"always"', "checks.py:22: CHECKS has two checks of the name always"),
        ("checks.py", "def run(seen", "def run(seen(", "checks.py:18: SyntaxError"),
        ("sentences.toml", "odd =", "ood =", "sentences.toml:2: no check ever finds the cause 'ood'"),
        (
            "sentences.toml",
            "even =",
            "evn =",
            "sentences.toml:6: the check always never finds the cause 'evn'",
        ),
        ("sentences.toml", "[in.always]", "[in.alway]", "sentences.toml:5: there is no check 'alway'"),
        (
            "sentences.toml",
            'odd = "in tracer.py, what adds 1?"',
            "",
            "the check always may find odd, and nothing",
        ),
        ("sentences.toml", "{map}", "{mapp}", "sentences.toml:3: map_full has no value 'mapp'"),
        (
            "sentences.toml",
            '"what doubles it?"',
            "{ hnt = 'x' }",
            "sentences.toml:6: even has an unknown key 'hnt'",
        ),
        ("sentences.toml", '"what doubles it?"', "3", "sentences.toml:6: even must be a text, or a table"),
        ("sentences.toml", '"what doubles it?"', '""', "sentences.toml:6: even says nothing"),
        ("mistakes/no_filter.py", "def numbers", "def nombers", "no_filter.py:1: define numbers"),
        (
            "mistakes/no_filter.py",
            "all of it is counted\n\nwhere is the filter?\n",
            "",
            "no_filter.py:1: say in",
        ),
        ("mistakes/no_filter.py", "return {", "return {{", "no_filter.py:8: SyntaxError"),
        (
            "mistakes/no_filter.py",
            "def numbers",
            'LIKELIER_THAN = {"no_such": "so"}\ndef numbers',
            "no_filter.py:7: LIKELIER_THAN names no mistake of this exercise: 'no_such'",
        ),
        (
            "mistakes/no_filter.py",
            "def numbers",
            'LIKELIER_THAN = {"all_filter": ""}\ndef numbers',
            "no_filter.py:7: LIKELIER_THAN must say why: 'all_filter'",
        ),
    ],
)
def test_what_is_wrong_is_named(folder: Path, file: str, before: str, after: str, said: str) -> None:
    path = folder / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    with pytest.raises(ExerciseError) as error:
        load(folder)
    assert said in error.value.message
    assert error.value.hint.startswith("lab ")


@pytest.mark.parametrize(
    "file", ["exercise.toml", "checks.py", "traffic.py", "hints.md", "README.md", "tracer.py"]
)
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(ExerciseError, match=f"{file} is missing"):
        load(folder)


def test_checks_are_read_anew_each_time(folder: Path) -> None:
    load(folder)
    (folder / "checks.py").write_text(CHECKS.replace('"after"', '"behind"'))
    assert [check.name for check in load(folder).checks] == ["always", "behind"]


def test_of_two_mistakes_the_one_that_declares_itself_likelier_goes_first(folder: Path) -> None:
    likelier = 'LIKELIER_THAN = {"all_filter": "few know of the other"}\n'
    (folder / "mistakes" / "no_filter.py").write_text(MISTAKE + likelier)
    assert [one.cause for one in load(folder).misconceptions] == ["no_filter", "all_filter"]
    back = 'LIKELIER_THAN = {"no_filter": "few know of the other"}\n'
    (folder / "mistakes" / "all_filter.py").write_text(MISTAKE + back)
    with pytest.raises(ExerciseError, match="goes round in a circle: all_filter, no_filter"):
        load(folder)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("02-hello-world", "04-kprobes", "03-workload", "notes", "12-x_y"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_folders_are_found_in_order_and_others_left_alone(root: Path) -> None:
    assert [folder.name for folder in discover(root)] == ["02-hello-world", "03-workload", "04-kprobes"]
    assert discover(root / "nowhere") == ()


@pytest.mark.parametrize("name", ["3", "03", "workload", "03-workload", " Workload ", "03-workload/"])
def test_every_usual_name_finds_it(root: Path, name: str) -> None:
    assert find(root, name).name == "03-workload"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("kprobs", "exercise kprobs does not exist; did you mean kprobes?"),
        ("99", "exercise 99 does not exist"),
        ("44", "exercise 44 does not exist"),
    ],
)
def test_a_wrong_name_gets_the_nearest(root: Path, name: str, said: str) -> None:
    with pytest.raises(ExerciseError) as error:
        find(root, name)
    assert error.value.message == said
    assert error.value.hint == "lab list"


def test_an_exercise_may_need_things_of_the_jail_that_the_jail_knows(folder: Path) -> None:
    settings = folder / "exercise.toml"
    text = settings.read_text()
    assert load(folder).needs == ()
    settings.write_text(text + 'needs = ["network", "pins"]\n')
    assert load(folder).needs == ("network", "pins")
    settings.write_text(text + 'needs = ["a pony"]\n')
    with pytest.raises(ExerciseError, match="needs has 'a pony'; known are"):
        load(folder)
