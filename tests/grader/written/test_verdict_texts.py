"""The verdict as public JSON, and as text for a terminal."""

import dataclasses
import json

import pytest

from grader.exercise import Check
from grader.found import Found, failed, passed, why
from grader.judging.wording import worded
from grader.sentences import Sentence
from grader.truth.counts import Count, compare_table
from grader.verdict import Finding, Outcome, ProbeCost, Verdict
from grader.written import verdict_json
from grader.written.printable import printable
from grader.written.render import render
from tests.grader.runs import exercise
from vocabulary.host_facts import HostFacts


def finding(found: Found, name: str, title: str) -> Finding:
    words = {"counted_twice": Sentence(hint="count at the entry alone")}
    check = Check(name, title, lambda seen: found, words)
    return worded(exercise(check), check, found)


RIGHT = finding(passed("it loaded"), "loaded", "your tracer compiles, and the kernel accepts it")
WRONG = finding(
    failed(
        why("counted_twice"),
        numbers="sent 211, your tracer counted 422 (exactly twice)",
        expected=211,
        got=422,
        tolerance=2,
        unit="calls",
    ),
    "reads_counted",
    "every readv is counted once",
)
VERDICT = Verdict(
    exercise="04-kprobes",
    outcome=Outcome.FAIL,
    checks=(RIGHT, WRONG, dataclasses.replace(WRONG, name="another", message="also wrong")),
    cost=(ProbeCost("kprobe on readv", 1000, 2000.4),),
    host=HostFacts("vm", "6.12.0-cloud-amd64", "tcg", 2),
    seed=17,
    timings={"load": 6.5},
    attempt="0123456789abcdef",
    observation="run.json.gz",
)

TEXT = """\
04-kprobes on vm, kernel 6.12.0-cloud-amd64, 2 CPUs, emulated; seed 17

  ✓ pass  loaded: your tracer compiles, and the kernel accepts it
  ✗ FAIL  reads_counted: every readv is counted once
          sent 211, your tracer counted 422 (exactly twice)
          expected: 211 calls
          got: 422 calls
          allowed: 2 calls
          likely cause: counted twice
          next: count at the entry alone
  ✗ FAIL  another: every readv is counted once

  cost of your programs (emulated CPU: compare, do not quote)
    kprobe on readv: 1000 events, 2000 ns each

FAIL
stuck? lab hint 4; your numbers beside the real ones: lab run 4
"""


def test_the_public_json_has_the_documented_keys_in_order() -> None:
    document = json.loads(verdict_json.dumps(VERDICT))
    assert list(document) == [
        "schema", "exercise", "outcome", "checks", "cost", "host", "seed", "timings",
        "attempt", "observation", "trust",
    ]  # fmt: skip
    assert list(document["checks"][0]) == [
        "name", "title", "outcome", "expected", "got", "tolerance", "unit", "message", "hint", "cause",
    ]  # fmt: skip
    assert (document["outcome"], document["trust"], document["checks"][1]["got"]) == (
        "fail",
        "self-reported",
        422,
    )


def test_the_json_comes_back_as_the_same_verdict() -> None:
    assert verdict_json.loads(verdict_json.dumps(VERDICT)) == VERDICT


def test_numbers_that_json_does_not_have_become_texts() -> None:
    shown = dataclasses.replace(VERDICT, checks=(dataclasses.replace(WRONG, got={"a": [float("nan")]}),))
    assert json.loads(verdict_json.dumps(shown))["checks"][0]["got"] == {"a": ["nan"]}


@pytest.mark.parametrize("text", ["[]", "{}", '{"schema": 9}', '{"schema": 1, "exercise": 3}', "nope"])
def test_what_is_no_verdict_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        verdict_json.loads(text)


def test_the_first_failing_check_is_shown_in_full_the_others_in_a_line() -> None:
    assert render(VERDICT) == TEXT


def test_what_was_skipped_is_named_together() -> None:
    later = [Finding(f"check_{number}", "later", Outcome.SKIP) for number in range(3)]
    lines = render(dataclasses.replace(VERDICT, checks=(WRONG, *later))).splitlines()
    assert "  - skip  not looked at yet: check_0, check_1, check_2" in lines


def test_a_pass_says_what_to_type_next() -> None:
    lines = render(dataclasses.replace(VERDICT, outcome=Outcome.PASS, checks=(RIGHT,))).splitlines()
    assert lines[-2:] == ["PASS: your tracer is right", "next: lab show 4"]


def test_an_error_is_not_the_tracers_fault_and_names_the_observation() -> None:
    broken = Finding(
        "evidence", "the lab could observe the run", Outcome.ERROR, message="no traffic was sent"
    )
    text = render(dataclasses.replace(VERDICT, outcome=Outcome.ERROR, checks=(broken,)))
    assert "no traffic was sent" in text
    assert "This does not count as an attempt." in text
    assert text.endswith("observation: run.json.gz\n")


def test_source_lines_keep_their_columns_and_long_texts_wrap() -> None:
    message = "tracer.bpf.c:7\n    return strat > 0;\n" + "there is no strat here " * 10
    text = render(
        dataclasses.replace(VERDICT, checks=(dataclasses.replace(WRONG, message=message),)), width=80
    )
    assert "\n              return strat > 0;\n" in text
    assert max(map(len, text.splitlines())) <= 80


def test_long_values_are_cut() -> None:
    text = render(dataclasses.replace(VERDICT, checks=(dataclasses.replace(WRONG, got="x" * 10_000),)))
    assert len(text) < 2_000


def test_tables_and_lists_are_not_repeated_because_the_message_names_what_is_wrong_in_them() -> None:
    tables = compare_table(
        {"amber-otter": 4}, {"amber-otter": Count(2), "brisk-finch": Count(3)}, unit="calls"
    )
    for wrong in (
        tables,
        failed(numbers="yours: kprobe on x", expected=["kprobe on y"], got=["kprobe on x"]),
    ):
        text = render(dataclasses.replace(VERDICT, checks=(finding(wrong, "counted", "counted once"),)))
        assert wrong.numbers.splitlines()[0] in text
        assert not [
            line for line in text.splitlines() if line.strip().startswith(("expected:", "got:", "allowed:"))
        ]


def test_a_cause_that_only_repeats_the_number_is_not_printed() -> None:
    low = dataclasses.replace(WRONG, cause="count_too_low")
    assert "likely cause" not in render(dataclasses.replace(VERDICT, checks=(low,)))


def test_names_are_not_broken_at_their_hyphens_and_a_long_title_wraps() -> None:
    long = dataclasses.replace(WRONG, title="word " * 30, message="jolly-heron-with-a-long-name " * 9)
    lines = render(dataclasses.replace(VERDICT, checks=(long,)), width=80).splitlines()
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if line.endswith("-")]


def test_a_practice_run_says_that_it_is_not_saved() -> None:
    assert "practice, not saved as progress" in render(dataclasses.replace(VERDICT, trust="practice"))


def test_what_a_tracer_printed_cannot_colour_or_clear_the_screen() -> None:
    shown = printable("\x1b[2J\x1b[32mPASS\x1b[0m\r\n\tnext")
    assert shown == "?[2J?[32mPASS?[0m?\n\tnext".replace("?", "\N{REPLACEMENT CHARACTER}")
