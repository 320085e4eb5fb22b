"""The command's two streams, whatever reads them and whatever its encoding is."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.written import observation_file
from lab.checkout import EXERCISES, ROOT
from lab.streams import PLAIN
from tests.lab.test_comparison import RIGHT
from vocabulary.exit_codes import FAILED, PASSED, UNAVAILABLE

PASSING = sorted((ROOT / "solutions").glob("*/observation.json.gz"))[0]
NARROW = ("iso-8859-1", "euc-jp")


def lab(
    *words: str, encoding: str = "utf-8", stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    """`python -m lab` in a process of its own, as the launcher starts it."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-P", "-m", "lab", *words],
        env=environment,
        cwd=ROOT,
        check=False,
        stdout=stdout,
        stderr=stderr,
    )


@pytest.fixture
def nobody_reads() -> Iterator[int]:
    """The end of a pipe whose other end is closed."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """A saved run that ended without READY."""
    tracer = replace(RIGHT.tracer, ready=False, ended_by="exited", exit_code=1)
    path = tmp_path / "seen.json.gz"
    seen = replace(RIGHT, exercise=PASSING.parent.name, traffic_ran=False, tracer=tracer)
    observation_file.save(seen, path)
    return path


@pytest.mark.parametrize("words", [[], ["--json"]], ids=["text", "json"])
def test_a_pass_that_nobody_reads_is_still_a_pass(nobody_reads: int, words: list[str]) -> None:
    done = lab("replay", str(PASSING), *words, stdout=nobody_reads)
    assert (done.returncode, done.stderr) == (PASSED, b"")


def test_a_fail_that_nobody_reads_is_still_a_fail(nobody_reads: int, failing: Path) -> None:
    assert lab("replay", str(failing), stdout=nobody_reads).returncode == FAILED


@pytest.mark.parametrize("words", [["list"], ["--help"]], ids=" ".join)
def test_a_verb_that_nobody_reads_succeeds(nobody_reads: int, words: list[str]) -> None:
    done = lab(*words, stdout=nobody_reads, stderr=nobody_reads)
    assert done.returncode == PASSED


def test_closed_streams_are_as_good_as_nobody_reading() -> None:
    shell = 'exec "$@" <&- >&- 2>&-'
    command = [sys.executable, "-P", "-m", "lab", "replay", str(PASSING)]
    done = subprocess.run(
        ["sh", "-c", shell, "sh", *command], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == PASSED


def test_output_that_finds_no_room_is_said_in_two_lines() -> None:
    with Path("/dev/full").open("wb") as full:
        done = lab("list", stdout=full.fileno())
    assert done.returncode == UNAVAILABLE
    assert [line.partition(b":")[0] for line in done.stderr.splitlines()] == [b"lab", b"hint"]


@pytest.mark.parametrize("encoding", NARROW)
def test_a_verdict_is_readable_in_any_encoding(encoding: str, failing: Path) -> None:
    done = lab("replay", str(failing), encoding=encoding)
    assert (done.returncode, done.stderr) == (FAILED, b"")
    shown = done.stdout.decode(encoding)
    assert "x FAIL" in shown
    assert "FAIL" in shown.splitlines()[-2]


def test_a_verdict_as_json_is_json_in_any_encoding(failing: Path) -> None:
    shown = lab("replay", str(failing), "--json", encoding="ascii").stdout.decode("ascii")
    assert json.loads(shown)["outcome"] == "fail"


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-8"])
def test_a_hint_with_any_file_name_is_shown_whole(encoding: str, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode("日本é".encode() + b"\xe9")
    folder.mkdir()
    done = lab("replay", str(folder / "nothing"), encoding=encoding)
    lines = done.stderr.decode(encoding).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["lab", "hint"]
    assert "/nothing" in lines[0]
    assert "\\udce9" in lines[0]


def printed() -> Iterator[str]:
    """Every text that the command may print: our own strings, and the exercises' words."""
    for package in ("lab", "grader", "vm", "workloads", "vocabulary"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
    for path in EXERCISES.rglob("*.md"):
        yield path.read_text(encoding="utf-8")


def test_every_sign_that_we_print_has_a_plain_form() -> None:
    signs = {sign for text in printed() for sign in text if not sign.isascii() and not sign.isalpha()}
    assert signs - set(PLAIN) == set()
    assert all(plain.isascii() and '"' not in plain and "\\" not in plain for plain in PLAIN.values())
