"""Real verdicts fit the JSON Schema that the site shows; changed ones do not."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from grader.judge import judge
from grader.observation import Report
from grader.verdict import Outcome, Verdict
from grader.written import verdict_json
from lab import checkout
from lab.website import verdict_schema
from lab.website.build import Site
from tests.exercises.recorded_runs import SLUGS
from tests.exercises.recorded_runs import recorded as recorded_run

Document = dict[str, Any]


@pytest.fixture(scope="session")
def validator(site: Site) -> Draft202012Validator:
    """Of the file as it is published."""
    return Draft202012Validator(json.loads(site.files[verdict_schema.ADDRESS]))


def published(verdict: Verdict) -> Document:
    """What `lab check --json` prints, read again."""
    document: Document = json.loads(verdict_json.dumps(verdict))
    return document


def recorded(slug: str, *, empty_report: bool = False) -> Document:
    """The verdict on the recorded run of the solution, or on the same run with an empty report."""
    seen = recorded_run(slug)
    if empty_report:
        seen = dataclasses.replace(seen, report=Report({}, bytes=2))
    return published(judge(checkout.exercise(slug), seen))


@pytest.fixture(scope="session")
def good_verdict() -> Document:
    """On the recorded run of one solution; whoever changes it takes a copy."""
    return recorded(SLUGS[0])


def test_the_schema_itself_is_one() -> None:
    Draft202012Validator.check_schema(verdict_schema.verdict_schema())


@pytest.mark.parametrize("slug", SLUGS)
def test_the_verdict_on_a_recorded_run_fits(slug: str, validator: Draft202012Validator) -> None:
    good, bad = recorded(slug), recorded(slug, empty_report=True)
    assert (good["outcome"], bad["outcome"]) == (Outcome.PASS, Outcome.FAIL)
    assert [error.message for one in (good, bad) for error in validator.iter_errors(one)] == []


CHANGES: dict[str, Callable[[Document], object]] = {
    "another schema number": lambda one: one.update(schema=2),
    "no word for an outcome": lambda one: one.update(outcome="passed"),
    "a field is missing": lambda one: one.pop("trust"),
    "a number as text": lambda one: one.update(seed=str(one["seed"])),
    "a fraction of an event": lambda one: one["cost"][0].update(events=1.5),
    "a check without its outcome": lambda one: one["checks"][0].pop("outcome"),
    "checks by name": lambda one: one.update(checks={check["name"]: check for check in one["checks"]}),
    "a step that took no number": lambda one: one["timings"].update(load="long"),
    "the host as text": lambda one: one.update(host="vm"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_verdict_does_not_fit(
    change: str, validator: Draft202012Validator, good_verdict: Document
) -> None:
    document = copy.deepcopy(good_verdict)
    assert validator.is_valid(document)
    CHANGES[change](document)
    assert not validator.is_valid(document)


def test_a_field_of_a_newer_lab_does_no_harm(validator: Draft202012Validator, good_verdict: Document) -> None:
    document = copy.deepcopy(good_verdict)
    document["cost"][0]["cpu"] = 1
    assert validator.is_valid(document | {"new": True})
