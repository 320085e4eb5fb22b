"""A tracer that has another program do the tracing is told so; one that only names it is not."""

import dataclasses

import pytest

from grader.checks.own_tracing import own_tracing
from grader.observation import MapFacts
from grader.verdict import Outcome
from tests.grader.runs import finding, right_run


def outcome(source: str) -> tuple[Outcome, str]:
    sources = {"tracer.py": source, "tracer.bpf.c": "int hello(void *ctx) {"}
    found = finding(own_tracing, right_run(sources=sources))
    return found.outcome, found.cause


@pytest.mark.parametrize(
    "source",
    [
        'subprocess.Popen(["bpftrace", "-e", "kprobe:do_nanosleep { @ = count(); }"])',
        'subprocess.run("/usr/bin/strace -c -p 17", shell=True)',
        'os.system("perf stat -a sleep 1")',
        'run(("tcpdump", "-i", "any"))',
    ],
)
def test_another_tracing_program_is_named(source: str) -> None:
    assert outcome(source) == (Outcome.FAIL, "other_tracer")


@pytest.mark.parametrize(
    "source",
    [
        '"""bpftrace would do this in one line."""',
        'print("strace shows the same")',
        'bpf.get_table("perf")',
        'run("bpftool", "map", "dump")',
        "subprocess.run(command)",
        "def broken(:",
    ],
)
def test_what_only_names_one_passes(source: str) -> None:
    assert outcome(source) == (Outcome.PASS, "")


def test_a_map_that_only_bpftrace_makes_is_enough() -> None:
    seen = right_run()
    maps = (*seen.kernel.maps, MapFacts(90, "AT_counts", "percpu_hash", 4096, 3))
    with_map = dataclasses.replace(seen, kernel=dataclasses.replace(seen.kernel, maps=maps))
    assert finding(own_tracing, with_map).cause == "other_tracer"


def test_what_lies_in_folders_beside_the_tracer_is_not_its_own() -> None:
    program = 'import subprocess\nsubprocess.run(["strace", "-c"])\n'
    seen = right_run(sources={"tracer.py": "import bcc\n", "old/tracer.py": program})
    assert finding(own_tracing, seen).outcome is Outcome.PASS
