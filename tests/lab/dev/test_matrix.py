"""Several tracers share a run, each is judged by itself, and an interrupted matrix goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from grader.attempt import Attempt
from grader.exercise import Check
from grader.found import Found, failed, passed, why
from grader.observation import Observation
from grader.sentences import Sentence
from grader.trouble import Trouble
from grader.verdict import Outcome
from lab.dev.entries import Entry, Expected
from lab.dev.matrix import TRACERS_PER_RUN, Row, junk_rows, run_matrix
from lab.dev.matrix_session import table, tally
from lab.dev.record import Record
from tests.lab.small_run import EXERCISE, SENT

RIGHT_DIGEST = Attempt.of({"tracer.py": b"right"}).digest


def right_tracer(seen: Observation) -> Found:
    return passed() if seen.attempt == RIGHT_DIGEST else failed(why("wrong_tracer"))


WORDS = {"wrong_tracer": Sentence(message="no")}
CHECKED = replace(EXERCISE, checks=(Check("right_tracer", "it is right", right_tracer, WORDS),))
PASSES = Expected(Outcome.PASS)
FAILS = Expected(Outcome.FAIL, "right_tracer", "wrong_tracer")


def entry(name: str, content: bytes, expected: Expected) -> Entry:
    return Entry("variant", name, {"tracer.py": content}, expected)


def run(entries: Sequence[Entry], busy_runs: int = 0, together: bool = False) -> tuple[list[Row], list[int]]:
    """Rows, and how many tracers shared each run; the first `busy_runs` are no evidence."""
    shared: list[int] = []

    def observe(attempts: Sequence[Attempt], seed: int) -> list[Observation]:
        shared.append(len(attempts))
        troubles = (Trouble("busy"),) if len(shared) <= busy_runs else ()
        return [replace(SENT, attempt=one.digest, seed=seed, troubles=troubles) for one in attempts]

    results = run_matrix(CHECKED, entries, observe, lambda _text: None, together=together)
    return [result.row for result in results], shared


def test_each_tracer_gets_the_verdict_of_its_own_files() -> None:
    rows, shared = run([entry("a", b"right", PASSES), entry("b", b"other", FAILS)])
    assert [(row.title, row.came, row.good) for row in rows] == [
        ("variant/a", "pass", True),
        ("variant/b", "fail right_tracer wrong_tracer", True),
    ]
    assert shared == [2]


def test_a_wrong_expectation_is_told_with_what_came() -> None:
    rows, _ = run([entry("a", b"other", PASSES)])
    assert "expected pass, came fail, right_tracer (wrong_tracer)" in rows[0].trouble
    assert tally(rows).failed[0].startswith("04-kprobes variant/a: expected pass")


def test_no_more_tracers_share_a_run_than_the_guest_can_bear() -> None:
    many = [entry(str(number), b"right", PASSES) for number in range(TRACERS_PER_RUN + 1)]
    rows, shared = run(many)
    assert shared == [TRACERS_PER_RUN, 1]
    assert len(rows) == len(many)


def test_a_tracer_that_says_it_is_alone_shares_no_run() -> None:
    alone = entry("c", b"# alone: one pipe\nother", FAILS)
    rows, shared = run([entry("a", b"right", PASSES), alone, alone, entry("b", b"right", PASSES)])
    assert shared == [1, 1, 1, 1] and all(row.good for row in rows)


def test_in_a_soak_it_shares_one() -> None:
    slow = entry("c", b"# alone: it loads slowly\nother", FAILS)
    rows, shared = run([slow, entry("b", b"right", PASSES)], together=True)
    assert shared == [2] and all(row.good for row in rows)


def test_a_run_that_is_no_evidence_is_made_again_for_all_in_it() -> None:
    rows, shared = run([entry("a", b"right", PASSES), entry("b", b"other", FAILS)], busy_runs=1)
    assert shared == [2, 2]
    assert all(row.good for row in rows)


def test_five_runs_without_evidence_are_an_error_and_not_as_expected() -> None:
    rows, shared = run([entry("a", b"right", PASSES)], busy_runs=9)
    assert len(shared) == 5
    assert not rows[0].good


def test_junk_that_no_check_looks_at_is_told() -> None:
    rows = list(junk_rows(CHECKED, replace(SENT, attempt=RIGHT_DIGEST)))
    assert [row.title for row in rows if row.good] == ["no traffic"]


def test_the_table_has_a_whole_line_for_each_tracer_and_one_for_junk() -> None:
    long = replace(ROW, title="rejected/" + "x" * 90)
    lines = table([ROW, long, replace(ROW, title="junk/NaN"), replace(ROW, title="junk/empty")]).splitlines()
    assert len(lines) == 4
    assert long.title in lines[2]
    assert lines[3].split()[:3] == ["2", "junk", "reports"]


ROW = Row("04-kprobes", "solution", "abc", "pass", "pass", "", 1, 2.0)


def test_a_record_remembers_rows_and_leaves_out_a_line_that_was_cut_off(tmp_path: Path) -> None:
    record = Record(tmp_path / "04-kprobes.x.jsonl")
    assert record.rows() == {}
    assert record.last_run() == 0
    record.add(ROW)
    record.add(replace(ROW, title="starter"))
    record.path.write_text(record.path.read_text() + '{"exercise": "04-')
    assert list(record.rows()) == [("solution", "abc"), ("starter", "abc")]
    assert asdict(record.rows()["solution", "abc"]) == asdict(ROW)
    assert record.last_run() > 0


def test_a_record_that_is_kept_with_the_sources_spares_others_the_run(tmp_path: Path) -> None:
    mine, theirs = (
        Record(tmp_path / who / "04-kprobes.x.jsonl", tmp_path / "kept" / "04-kprobes.x.jsonl")
        for who in ("mine", "theirs")
    )
    older = tmp_path / "kept" / "04-kprobes.w.jsonl"
    older.parent.mkdir()
    older.write_text("")
    mine.add(ROW)
    assert mine.keep() == mine.kept
    assert theirs.rows() == mine.rows() != {}
    assert not older.exists()
    theirs.add(replace(ROW, seed=2))
    assert [row.seed for row in theirs.rows().values()] == [2]
    assert replace(mine, path=tmp_path / "none", kept=None).rows() == {}
