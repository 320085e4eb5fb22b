"""All checks over one set of facts, and the same as JSON for a bug report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from vm.doctor.facts import Facts
from vm.doctor.host_checks import HOST_CHECKS, LOCAL_CHECKS
from vm.doctor.lab_side_checks import LAB_SIDE_CHECKS
from vm.doctor.result import Grade, Result, bad

SCHEMA = 1


def diagnose(facts: Facts) -> tuple[Result, ...]:
    """Every result in the order to read them: memory and disk first."""
    results = [check(facts) for check in LAB_SIDE_CHECKS]
    if facts.host_trouble:
        results.append(bad("host", facts.host_trouble, "lab up"))
    if facts.host is not None:
        checks = LOCAL_CHECKS if facts.host_kind == "local" else HOST_CHECKS
        results += [check(facts.host) for check in checks]
    return tuple(results)


def is_sound(results: tuple[Result, ...]) -> bool:
    """Whether nothing has to be repaired."""
    return all(result.grade is not Grade.BAD for result in results)


def as_json(facts: Facts, results: tuple[Result, ...]) -> dict[str, Any]:
    """What a bug report contains: no user, machine, folder or network address is named in it."""
    # A trouble is a sentence that may name the user's machine; that there was one is in the results' grades.
    told = asdict(facts) | {"host_trouble": bool(facts.host_trouble)}
    shown = [
        asdict(result) | ({"message": "the lab host could not be asked"} if result.name == "host" else {})
        for result in results
    ]
    return {"schema": SCHEMA, "sound": is_sound(results), "results": shown, "facts": told}
