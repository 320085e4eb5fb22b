"""The nearest misconception speaks when the numbers fit, and only then."""

import dataclasses

from grader.exercise import Numbers
from grader.judge import judge
from grader.judging.diagnosis import diagnose
from grader.observation import BadReport, Observation
from grader.report.fields import report_fields
from grader.truth.calls import calls
from grader.truth.counts import Count, compare
from grader.verdict import Finding
from tests.grader.runs import READS, exercise, reporting, right_run, true_calls


def doubled(seen: Observation) -> Numbers:
    """entry and return are both counted."""
    return {"counts.readv": 2 * calls(seen, "readv").count.inside}


def attached_twice(seen: Observation) -> Numbers:
    """two programs count the same call"""
    return {"counts.readv": 2 * calls(seen, "readv").count.inside}


def everything(seen: Observation) -> Numbers:
    """all calls are counted"""
    return {"counts.readv": len(true_calls())}


def broken(seen: Observation) -> Numbers:
    """never works"""
    raise ZeroDivisionError


def reads_counted(seen: Observation) -> Finding:
    """every readv is counted once"""
    return compare(report_fields(seen).fields("counts").count("readv"), Count(READS))


def told(count: int) -> Observation:
    return reporting({"counts": {"readv": count}})


def test_equal_numbers_name_the_cause() -> None:
    found = diagnose({"doubled": doubled, "everything": everything}, told(422))
    assert found is not None
    assert (found.causes, found.exact) == (("doubled",), True)
    assert (
        found.message == "these are exactly the numbers of a tracer where entry and return are both counted"
    )


def test_two_that_fit_are_both_named() -> None:
    found = diagnose({"doubled": doubled, "attached_twice": attached_twice}, told(422))
    assert found is not None
    assert found.causes == ("doubled", "attached_twice")
    assert "entry and return are both counted; or two programs count the same call" in found.message


def test_numbers_that_differ_by_the_edge_alone_still_fit() -> None:
    found = diagnose({"doubled": doubled}, told(423))
    assert found is not None
    assert not found.exact
    assert diagnose({"doubled": doubled}, told(424)) is None


def test_numbers_near_the_truth_are_not_taken_for_a_misconception() -> None:
    def one_more(seen: Observation) -> Numbers:
        """one call too many is counted"""
        return {"counts.readv": READS + 2}

    truth = {"counts.readv": READS}
    assert diagnose({"one_more": one_more}, told(READS + 1), truth) is None
    assert diagnose({"one_more": one_more}, told(READS + 2), truth) is not None


def test_a_misconception_that_changes_nothing_in_this_run_is_silent() -> None:
    def harmless(seen: Observation) -> Numbers:
        """nothing comes of it here"""
        return {"counts.readv": READS}

    assert diagnose({"harmless": harmless}, told(READS), {"counts.readv": READS}) is None


def test_no_report_and_missing_keys_fit_nothing() -> None:
    assert diagnose({"doubled": doubled}, right_run(report=BadReport("none"))) is None
    assert diagnose({"doubled": doubled}, reporting({"count": 422})) is None
    assert diagnose({"empty": lambda seen: {}}, told(0)) is None
    assert diagnose({"nan": lambda seen: {"counts.readv": float("nan")}}, told(0)) is None


def test_it_speaks_in_the_verdict_in_place_of_a_general_cause() -> None:
    judged = judge(exercise(reads_counted, misconceptions={"doubled": doubled}), told(422))
    assert judged.checks[0].cause == "doubled"
    assert judged.checks[0].message.startswith("sent 211, your tracer counted 422 (exactly twice")


def test_it_stands_in_a_line_of_its_own_and_says_where_to_look() -> None:
    def everywhere(seen: Observation) -> Numbers:
        """the whole machine is counted

        look at in_target(),
        and who asks it
        """
        return doubled(seen)

    judged = judge(exercise(reads_counted, misconceptions={"everywhere": everywhere}), told(422))
    rows, said = judged.checks[0].message.splitlines()
    assert rows.endswith("(exactly twice)")
    assert said == "these are exactly the numbers of a tracer where the whole machine is counted"
    assert judged.checks[0].hint == "look at in_target(), and who asks it"
    # Where two mistakes fit, neither may point at its own place.
    two = judge(exercise(reads_counted, misconceptions={"a": everywhere, "b": doubled}), told(422))
    assert two.checks[0].hint == ""


def test_it_leaves_a_checks_own_cause_alone() -> None:
    def knows(seen: Observation) -> Finding:
        """knows better"""
        return dataclasses.replace(reads_counted(seen), cause="own_cause")

    judged = judge(exercise(knows, misconceptions={"doubled": doubled}), told(422))
    assert judged.checks[0].cause == "own_cause"


def test_beside_a_checks_own_cause_only_exact_numbers_are_named() -> None:
    def knows(seen: Observation) -> Finding:
        """knows better"""
        return dataclasses.replace(reads_counted(seen), cause="own_cause")

    def told_of(count: int) -> str:
        return judge(exercise(knows, misconceptions={"doubled": doubled}), told(count)).checks[0].message

    assert "entry and return are both counted" in told_of(422)
    assert "entry and return are both counted" not in told_of(423)


def test_a_misconception_that_crashes_is_our_error() -> None:
    judged = judge(exercise(reads_counted, misconceptions={"broken": broken}), told(422))
    assert (judged.outcome.value, judged.checks[-1].name) == ("error", "diagnosis")
