"""A verdict as plain text for a terminal: the first failing check in full, the others in a line each."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from typing import Any

from grader.truth.counts import GENERIC_CAUSES
from grader.verdict import Finding, Outcome, Verdict
from grader.written.printable import printable

MARKS = {
    Outcome.PASS: "✓ pass ",
    Outcome.FAIL: "✗ FAIL ",
    Outcome.ERROR: "! error",
    Outcome.SKIP: "- skip ",
}
LAST_WORD = {
    Outcome.PASS: "PASS: your tracer is right",
    Outcome.FAIL: "FAIL",
    Outcome.ERROR: "ERROR: the lab could not tell. This does not count as an attempt.",
    Outcome.SKIP: "nothing was checked",
}
INDENT = " " * 10
SHOWN_CHARS = 400


def render(verdict: Verdict, *, width: int = 100, after: str = "check") -> str:
    """The whole verdict, lines of at most `width` characters where words allow it, ending in a newline.

    `after`: the verb that shows it, which is not told as the next one.
    """
    first = first_wrong(verdict)
    lines = [f"{verdict.exercise} on {host_line(verdict)}", ""]
    for finding in verdict.checks:
        if finding is first:
            lines += [*wrapped_headline(finding, width), *in_full(finding, width)]
        elif finding.outcome is not Outcome.SKIP:
            lines.append(shorten(headline(finding), width))
    lines += skipped(verdict, width)
    if verdict.cost:
        lines += ["", *cost_lines(verdict)]
    lines += ["", LAST_WORD[verdict.outcome], *next_step(verdict, after)]
    # Some of it is the tracer's own words.
    return printable("\n".join(line.rstrip() for line in lines) + "\n")


def first_wrong(verdict: Verdict) -> Finding | None:
    """The finding that explains the outcome."""
    for outcome in (verdict.outcome, Outcome.FAIL, Outcome.ERROR):
        for finding in verdict.checks:
            if finding.outcome is outcome and outcome in (Outcome.FAIL, Outcome.ERROR):
                return finding
    return None


def headline(finding: Finding) -> str:
    """Outcome, name and what must be true."""
    return f"  {MARKS[finding.outcome]} {finding.name}: {finding.title}"


def wrapped_headline(finding: Finding, width: int) -> list[str]:
    """The same in as many lines as it needs."""
    return textwrap.wrap(headline(finding), width, subsequent_indent=INDENT, break_long_words=False)


def skipped(verdict: Verdict, width: int) -> list[str]:
    """All that was not looked at, together: nothing is to be learnt from it yet."""
    names = [finding.name for finding in verdict.checks if finding.outcome is Outcome.SKIP]
    if not names:
        return []
    text = f"{MARKS[Outcome.SKIP]} not looked at yet: {', '.join(names)}"
    return textwrap.wrap(text, width, initial_indent="  ", subsequent_indent=INDENT, break_long_words=False)


def in_full(finding: Finding, width: int) -> list[str]:
    """Sent, seen, allowed, likely cause, next step.

    Tables and lists are left out, because the message names what is wrong in them; and so is a cause that
    only repeats how a number is off.
    """
    lines = []
    whole = isinstance(finding.expected, Mapping | list)
    cause = "" if finding.cause in GENERIC_CAUSES else finding.cause
    for label, text in (
        ("", finding.message),
        ("expected: ", shown(finding.expected, finding.unit)),
        ("got: ", "" if whole else shown(finding.got, finding.unit)),
        ("allowed: ", shown(finding.tolerance, finding.unit) if finding.tolerance and not whole else ""),
        ("likely cause: ", cause.replace("_", " ")),
        ("next: ", finding.hint),
    ):
        if text:
            lines += wrapped(label + text, width)
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """The text's own lines (source code keeps its columns), each wrapped."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("    "):
            lines.append(INDENT + line)
        else:
            lines += textwrap.wrap(
                line,
                max(40, width),
                initial_indent=INDENT,
                subsequent_indent=INDENT,
                break_long_words=False,
                break_on_hyphens=False,
            )
    return lines


def shown(value: Any, unit: str) -> str:
    """A number or a text in one line, never long; nothing for a table or a list."""
    if value is None or isinstance(value, Mapping | list):
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return shorten(text, SHOWN_CHARS) + (f" {unit}" if unit else "")


def shorten(text: str, most: int) -> str:
    """At most `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def cost_lines(verdict: Verdict) -> list[str]:
    """What each program cost. Shown, never graded: an emulated CPU makes everything slow."""
    emulated = " (emulated CPU: compare, do not quote)" if verdict.host.accel == "tcg" else ""
    lines = [f"  cost of your programs{emulated}"]
    return lines + [
        f"    {cost.probe}: {cost.events} events, {cost.ns_per_event:.0f} ns each" for cost in verdict.cost
    ]


def host_line(verdict: Verdict) -> str:
    """Where it ran."""
    host = verdict.host
    accel = {"tcg": ", emulated", "none": ""}.get(host.accel, f", {host.accel}")
    trust = "" if verdict.trust == "self-reported" else f"; {verdict.trust}, not saved as progress"
    return f"{host.kind}, kernel {host.kernel}, {host.cpus} CPUs{accel}; seed {verdict.seed}{trust}"


def next_step(verdict: Verdict, after: str) -> list[str]:
    """What to type next."""
    number = verdict.exercise.split("-")[0].lstrip("0") or "0"
    if verdict.outcome is Outcome.PASS:
        return [f"next: lab show {number}"] if after != "show" else []
    if verdict.outcome is Outcome.FAIL:
        compare = f"; your numbers beside the real ones: lab run {number}" if after != "run" else ""
        return [f"stuck? lab hint {number}{compare}"]
    return [f"observation: {verdict.observation}"] if verdict.observation else []
