"""The nearest misconception speaks when the numbers fit, and only then."""

import dataclasses
from collections.abc import Callable

from grader.exercise import Check, Misconception, Numbers
from grader.found import Found, Why, why
from grader.judge import judge
from grader.judging.diagnosis import diagnose
from grader.observation import BadReport, Observation
from grader.report.fields import report_fields
from grader.sentences import Sentence
from grader.truth.calls import calls
from grader.truth.counts import Count, compare
from tests.grader.runs import READS, exercise, reporting, right_run, true_calls


def mistake(
    cause: str, sentence: str, numbers: Callable[[Observation], Numbers], look: str = ""
) -> Misconception:
    return Misconception(cause, sentence, look, numbers)


def twice(seen: Observation) -> Numbers:
    return {"counts.readv": 2 * calls(seen, "readv").count.inside}


def crashing(seen: Observation) -> Numbers:
    raise ZeroDivisionError


doubled = mistake("doubled", "entry and return are both counted", twice)
attached_twice = mistake("attached_twice", "two programs count the same call", twice)
everything = mistake("everything", "all calls are counted", lambda seen: {"counts.readv": len(true_calls())})
broken = mistake("broken", "never works", crashing)


def counted(seen: Observation, *whys: Why) -> Found:
    return compare(report_fields(seen).fields("counts").count("readv"), Count(READS), whys=whys)


reads_counted = Check("reads_counted", "every readv is counted once", counted)
knows = Check(
    "knows",
    "knows better",
    lambda seen: counted(seen, why("own_cause")),
    {"own_cause": Sentence(hint="look here")},
)
gives_way = dataclasses.replace(
    knows, run=lambda seen: dataclasses.replace(counted(seen, why("own_cause")), gives_way=True)
)


def told(count: int) -> Observation:
    return reporting({"counts": {"readv": count}})


def test_equal_numbers_name_the_cause() -> None:
    found = diagnose([doubled, everything], told(422))
    assert found is not None
    assert (found.causes, found.exact) == (("doubled",), True)
    assert (
        found.message == "these are exactly the numbers of a tracer where entry and return are both counted"
    )


def test_two_that_fit_are_both_named() -> None:
    found = diagnose([doubled, attached_twice], told(422))
    assert found is not None
    assert found.causes == ("doubled", "attached_twice")
    assert "entry and return are both counted; or two programs count the same call" in found.message


def test_numbers_that_differ_by_the_edge_alone_still_fit() -> None:
    found = diagnose([doubled], told(423))
    assert found is not None
    assert not found.exact
    assert diagnose([doubled], told(424)) is None


def test_numbers_near_the_truth_are_not_taken_for_a_misconception() -> None:
    one_more = mistake("one_more", "one call too many is counted", lambda seen: {"counts.readv": READS + 2})
    truth = {"counts.readv": READS}
    assert diagnose([one_more], told(READS + 1), truth) is None
    assert diagnose([one_more], told(READS + 2), truth) is not None


def test_a_misconception_that_changes_nothing_in_this_run_is_silent() -> None:
    harmless = mistake("harmless", "nothing comes of it here", lambda seen: {"counts.readv": READS})
    assert diagnose([harmless], told(READS), {"counts.readv": READS}) is None


def test_no_report_and_missing_keys_fit_nothing() -> None:
    assert diagnose([doubled], right_run(report=BadReport("none"))) is None
    assert diagnose([doubled], reporting({"count": 422})) is None
    assert diagnose([mistake("empty", "nothing", lambda seen: {})], told(0)) is None
    nan = mistake("nan", "no number", lambda seen: {"counts.readv": float("nan")})
    assert diagnose([nan], told(0)) is None


def test_it_speaks_in_the_verdict_in_place_of_a_general_cause() -> None:
    judged = judge(exercise(reads_counted, misconceptions=(doubled,)), told(422))
    assert judged.checks[0].cause == "doubled"
    assert judged.checks[0].message.startswith("sent 211, your tracer counted 422 (exactly twice")


def test_it_stands_in_a_line_of_its_own_and_says_where_to_look() -> None:
    everywhere = mistake("everywhere", "the whole machine is counted", twice, "look at in_target()")
    judged = judge(exercise(reads_counted, misconceptions=(everywhere,)), told(422))
    rows, said = judged.checks[0].message.splitlines()
    assert rows.endswith("(exactly twice)")
    assert said == "these are exactly the numbers of a tracer where the whole machine is counted"
    assert judged.checks[0].hint == "look at in_target()"
    # Where two mistakes fit, neither may point at its own place.
    two = judge(exercise(reads_counted, misconceptions=(everywhere, doubled)), told(422))
    assert two.checks[0].hint == ""


def test_it_leaves_a_checks_own_cause_alone() -> None:
    judged = judge(exercise(knows, misconceptions=(doubled,)), told(422))
    assert judged.checks[0].cause == "own_cause"


def test_beside_a_checks_own_cause_only_exact_numbers_are_named() -> None:
    def told_of(count: int) -> str:
        return judge(exercise(knows, misconceptions=(doubled,)), told(count)).checks[0].message

    assert "entry and return are both counted" in told_of(422)
    assert "entry and return are both counted" not in told_of(423)


def test_a_misconception_that_crashes_is_our_error() -> None:
    judged = judge(exercise(reads_counted, misconceptions=(broken,)), told(422))
    assert (judged.outcome.value, judged.checks[-1].name) == ("error", "diagnosis")


def test_a_cause_that_gives_way_stands_unless_the_numbers_are_exactly_a_misconceptions() -> None:
    judged = judge(exercise(gives_way, misconceptions=(doubled,)), told(422)).checks[0]
    assert (judged.cause, judged.hint) == ("doubled", "")
    near = judge(exercise(gives_way, misconceptions=(doubled,)), told(423)).checks[0]
    assert (near.cause, near.hint) == ("own_cause", "look here")
