"""Misconceptions on recorded runs: each shows in the traffic, and a verdict names all that fit."""

from __future__ import annotations

import copy
import dataclasses
from collections import Counter
from typing import Any

import pytest

from grader.exercise import Numbers
from grader.judge import judge
from grader.observation import Observation, Report
from grader.report.fields import flat_numbers
from grader.truth.calls import calls, tasks
from grader.verdict import Finding, Outcome
from tests.exercises.recorded_runs import SLUGS, recorded
from tests.exercises.simulated import exercise

RUNS = {slug: recorded(slug) for slug in SLUGS}
KNOWN = {slug: {one.cause: one for one in exercise(slug).misconceptions} for slug in SLUGS}
CASES = [(slug, cause) for slug in SLUGS for cause in KNOWN[slug]]
WHOLE_TABLES = ("02-hello-world", "03-workload")
"""Their tables hold only what was counted; so do the misconceptions' numbers."""


def printed(slug: str, numbers: Numbers) -> dict[str, Any]:
    """The solution's report with these numbers in place of its own."""
    report = RUNS[slug].report
    assert isinstance(report, Report)
    document: dict[str, Any] = copy.deepcopy(dict(report.document))
    if slug in WHOLE_TABLES:
        document |= {path.partition(".")[0]: {} for path in numbers}
    for path, number in numbers.items():
        *parents, key = path.split(".")
        place = document
        for parent in parents:
            place = place.setdefault(parent, {})
        place[key] = number
    return document


def failure(slug: str, document: dict[str, Any], **facts: Any) -> Finding:
    """What the first check says that fails."""
    seen = dataclasses.replace(RUNS[slug], report=Report(document, bytes=9), **facts)
    told = judge(exercise(slug), seen)
    assert told.outcome is Outcome.FAIL, told
    return next(one for one in told.checks if one.outcome is Outcome.FAIL)


@pytest.mark.parametrize(("slug", "cause"), CASES)
def test_the_traffic_makes_the_mistake_show(slug: str, cause: str) -> None:
    wrong, summary = KNOWN[slug][cause].numbers(RUNS[slug]), exercise(slug).summary
    assert summary is not None
    truth = summary(RUNS[slug])
    assert wrong and {key: truth.get(key, 0) for key in wrong} != wrong


@pytest.mark.parametrize(("slug", "cause"), CASES)
def test_every_mistake_that_prints_these_numbers_is_named(slug: str, cause: str) -> None:
    seen, known = RUNS[slug], KNOWN[slug]
    document = printed(slug, known[cause].numbers(seen))
    flat = flat_numbers(document)
    alike = {
        name
        for name, misconception in known.items()
        if all(flat.get(key) == number for key, number in misconception.numbers(seen).items())
    }
    found = failure(slug, document)
    assert cause in alike
    unnamed = {name for name in alike if known[name].sentence not in found.message}
    assert unnamed <= {found.cause}
    # Which of them is the cause is declared with a reason, and no matter of their names.
    named = next((one for one in exercise(slug).misconceptions if one.cause in alike), None)
    assert named is not None
    assert alike - {named.cause} <= set(named.likelier_than)


def test_filters_that_let_nothing_through_are_named_together() -> None:
    for slug in ("04-kprobes", "05-uprobes"):
        found = failure(slug, printed(slug, nothing(slug)) | {"events": []})
        assert found.cause == "thread_id_as_pid"
        assert "only the main thread fits; or the filter asks for process id 1" in found.message


def nothing(slug: str) -> dict[str, float]:
    """No number at all."""
    if slug == "05-uprobes":
        return dict.fromkeys(("streams", "completed", "cancelled", "calls"), 0)
    names = ("readv", "writev", "recvfrom", "sendto", "epoll_wait")
    return {f"counts.{name}.{field}": 0 for name in names for field in ("calls", "with_data")}


# --- exercise 2, from what was recorded, call by call ---

TWO = RUNS["02-hello-world"]
EXECS = calls(TWO, "execve", everywhere=True).inside
SUMMARY = exercise("02-hello-world").summary
CALLERS = {key.removeprefix("counts.") for key in (SUMMARY(TWO) if SUMMARY else {})}
ALL = Counter(call.comm for call in EXECS if call.comm in CALLERS)
GOOD = Counter(call.comm for call in EXECS if call.comm in CALLERS and call.ret == 0)
FORKS = Counter({name: count.inside for name, count in tasks(TWO, "fork").items() if name in CALLERS})
STARTED = {"true": tasks(TWO, "exec")["true"].inside}


@pytest.mark.parametrize(
    ("counts", "cause"),
    [
        (GOOD, "failed_execs_left_out"),
        (ALL - GOOD | Counter(STARTED), "program_name_counted"),
        ({"coral-newt": 36, "lilac-ibis": 43}, "callers_unknown"),
    ],
)
def test_a_wrong_count_of_a_recorded_run_is_named(counts: dict[str, int], cause: str) -> None:
    assert failure("02-hello-world", {"counts": dict(counts)}).cause == cause


def test_forks_of_a_recorded_run_are_named() -> None:
    quiet = {name: count.inside for name, count in tasks(TWO, "fork").items()}
    assert failure("02-hello-world", {"counts": dict(ALL + Counter(quiet))}).cause == "forks_counted"
    assert failure("02-hello-world", {"counts": quiet}).cause == "forks_instead_of_execs"


# --- exercise 10, from what the packet socket read ---

TEN = RUNS["10-hello-xdp"]
ARRIVED = TEN.kernel.link.arrived if TEN.kernel.link else {}
PLAIN = {"ipv4/6": "tcp", "ipv4/17": "udp", "ipv4/1": "icmp", "arp": "arp", "ipv6": "ipv6"}


def counted(names: dict[str, str], less: int = 0) -> dict[str, dict[str, int]]:
    """The report of a tracer that calls each kind of frame this, and all others `other`."""
    names = {kind: names.get(kind, "other") for kind in ARRIVED}
    protocols = ("tcp", "udp", "icmp", "arp", "ipv6", "other")
    found = {unit: dict.fromkeys(protocols, 0) for unit in ("packets", "bytes")}
    for kind, count in ARRIVED.items():
        found["packets"][names[kind]] += count.packets
        found["bytes"][names[kind]] += count.bytes - less * count.packets
    return found


BEHIND_TAGS = PLAIN | {f"vlan {kind}": name for kind, name in PLAIN.items()}


@pytest.mark.parametrize(
    ("document", "cause"),
    [
        (counted({"0x0608": "arp"}), "byte_order"),
        (counted(PLAIN), "vlan_as_other"),
        (counted(BEHIND_TAGS, less=14), "without_ethernet_header"),
    ],
)
def test_frames_read_wrongly_in_a_recorded_run_are_named(document: dict[str, Any], cause: str) -> None:
    assert failure("10-hello-xdp", document).cause == cause


# --- exercise 4, from what was recorded, call by call ---

FOUR = RUNS["04-kprobes"]
FIVE_CALLS = ("readv", "writev", "recvfrom", "sendto", "epoll_wait")


def with_data(
    seen: Observation, *, everywhere: bool = False, least: int = 1, most: int = 2**62
) -> dict[str, float]:
    """Returns of these values, counted as data."""
    found = Counter(
        call.syscall for call in calls(seen, everywhere=everywhere).inside if least <= call.ret <= most
    )
    return {f"counts.{name}.with_data": found[name] for name in FIVE_CALLS}


def test_what_is_taken_for_data_in_a_recorded_run_is_named() -> None:
    errors = with_data(FOUR)
    for path, number in with_data(FOUR, least=-4095, most=-1).items():
        errors[path] += number
    mistakes = {
        "errors_counted_as_data": errors,
        "every_return_is_data": with_data(FOUR, least=-4095),
        "ends_counted_as_data": with_data(FOUR, least=0),
        "returns_unfiltered": with_data(FOUR, everywhere=True),
    }
    for cause, numbers in mistakes.items():
        found = failure("04-kprobes", printed("04-kprobes", numbers))
        assert (found.name, found.cause) == ("calls_with_data", cause)
