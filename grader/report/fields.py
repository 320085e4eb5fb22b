"""Reading a report's fields so that the learner is told exactly which one is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.observation import BadReport, Observation

COUNT_LIMIT = 2**63


class ReportProblem(Exception):
    """One field of the report is missing or wrong; `path` is like `events[3].duration_ns`."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path} {problem}" if path else problem)
        self.path = path
        self.problem = problem


class Fields:
    """One object of the report, with the path that leads to it.

    Every method raises ReportProblem when the field is missing or of another type.
    """

    def __init__(self, value: Any, path: str = "") -> None:
        if not isinstance(value, Mapping):
            raise ReportProblem(path, f"is {show(value)}, must be an object")
        self.values: Mapping[str, Any] = value
        self.path = path

    def where(self, key: str) -> str:
        """The path of one key below this object."""
        return f"{self.path}.{key}" if self.path else key

    def __contains__(self, key: object) -> bool:
        return key in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def get(self, key: str) -> Any:
        """The value as it is; must be there."""
        if key not in self.values:
            present = ", ".join(sorted(self.values)[:8]) or "nothing"
            raise ReportProblem(self.where(key), f"is missing (the report has {present})")
        return self.values[key]

    def count(self, key: str) -> int:
        """A whole number from 0 to 2^63 - 1."""
        return self.integer(key, low=0)

    def integer(self, key: str, low: int = -(2**63), high: int = COUNT_LIMIT - 1) -> int:
        """A whole number in [low, high]."""
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ReportProblem(self.where(key), f"is {show(value)}, must be a whole number")
        if value < low:
            raise ReportProblem(self.where(key), f"is {value}, must be {low} or more")
        if value > high:
            raise ReportProblem(self.where(key), f"is {value}, larger than any count can be")
        return value

    def number(self, key: str, low: float = float("-inf")) -> float:
        """A number, whole or not."""
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ReportProblem(self.where(key), f"is {show(value)}, must be a number")
        if not value >= low:
            raise ReportProblem(self.where(key), f"is {value}, must be {low:g} or more")
        return float(value)

    def text(self, key: str) -> str:
        """A text."""
        value = self.get(key)
        if not isinstance(value, str):
            raise ReportProblem(self.where(key), f"is {show(value)}, must be a text")
        return value

    def fields(self, key: str) -> Fields:
        """An object inside this one."""
        return Fields(self.get(key), self.where(key))

    def items(self, key: str, most: int = 1_000_000) -> list[Fields]:
        """A list of objects."""
        value = self.get(key)
        if not isinstance(value, list):
            raise ReportProblem(self.where(key), f"is {show(value)}, must be a list")
        if len(value) > most:
            raise ReportProblem(self.where(key), f"has {len(value)} entries, more than {most}")
        return [Fields(item, f"{self.where(key)}[{index}]") for index, item in enumerate(value)]

    def counts(self, key: str) -> dict[str, int]:
        """An object from any name to a count, e.g. {"readv": 211}."""
        inner = self.fields(key)
        return {name: inner.count(name) for name in inner}


def report_fields(seen: Observation) -> Fields:
    """The report of an observation, ready to be read. Raises ReportProblem when there is none."""
    if isinstance(seen.report, BadReport):
        raise ReportProblem("", "there is no report to read")
    return Fields(seen.report.document)


def flat_numbers(document: Mapping[str, Any], path: str = "") -> dict[str, float]:
    """Every number of a report by its dotted path; lists count by their length, as `events.length`."""
    numbers: dict[str, float] = {}
    for key, value in document.items():
        where = f"{path}.{key}" if path else key
        if isinstance(value, bool):
            continue
        if isinstance(value, (int, float)):
            numbers[where] = value
        elif isinstance(value, Mapping):
            numbers.update(flat_numbers(value, where))
        elif isinstance(value, list):
            numbers[f"{where}.length"] = len(value)
    return numbers


def show(value: Any) -> str:
    """A value in a sentence: short, never the whole list."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
