"""Whether the tracer's programs are attached to functions of the target's binary, and ran for every call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.checks.attached import listed
from grader.checks.last_words import ended_early
from grader.exercise import Check
from grader.found import Found, Why, failed, passed, why
from grader.observation import Attachment, Observation, ProgramFacts
from grader.place import place_of
from grader.sentences import said_in
from grader.truth.calls import recording, window


@dataclass(frozen=True)
class Function:
    """A function that an exercise asks for. The exercise's Recorder must name its symbol and its twins."""

    symbol: str
    said: str
    """What the learner reads."""
    twins: Mapping[str, str] | None = None
    """Symbols that are easily taken for it -> the cause when the tracer is attached there instead."""


def functions_attached(
    *functions: Function,
    name: str = "attached",
    title: str = "your programs are attached to the functions that the exercise asks for",
) -> Check:
    """A check that each of these functions has a uprobe of the tracer's at its entry.

    A place is told by its offset in the file, so any name of the function and any path of the file is right.
    """

    def run(seen: Observation) -> Found:
        missing = [one for one in functions if not at(seen, one.symbol)]
        found = [str(place_of(one)) for one in seen.kernel.attachments]
        wanted = {one.said: f"{offset_of(seen, one.symbol):#x}" for one in functions}
        if not missing:
            said = f"attached to {listed(one.said for one in functions)}"
            return passed(said, expected=wanted, got=found)
        return failed(why_missing(seen, functions, missing, wanted, found), expected=wanted, got=found)

    causes = said_in("functions_attached", "ended_early")
    return Check(name, title, run, causes, gate=True, before_traffic=True)


def at(seen: Observation, symbol: str, kind: str = "uprobe") -> list[Attachment]:
    """The tracer's attachments at this function."""
    offset = offset_of(seen, symbol)
    return [one for one in seen.kernel.attachments if one.kind == kind and one.offset == offset]


def offset_of(seen: Observation, symbol: str) -> int:
    """Where the recorder found the function in the file; -1 when it was not asked to look."""
    return recording(seen).offsets.get(symbol, -1)


def why_missing(
    seen: Observation,
    functions: tuple[Function, ...],
    missing: list[Function],
    wanted: Mapping[str, str],
    found: list[str],
) -> Why:
    """Which mistake left these functions without a probe."""
    asked = listed(f"{one.said} (at {wanted[one.said]} in the file)" for one in missing)
    if seen.kernel.attachments:
        return why(elsewhere(seen, functions, missing), asked=asked, found=listed(found))
    return ended_early(seen) if seen.tracer.ended_by == "exited" else why("nothing_attached", asked=asked)


def elsewhere(seen: Observation, functions: tuple[Function, ...], missing: list[Function]) -> str:
    """What is wrong with a tracer that is attached, but not to all of the functions."""
    attachments = seen.kernel.attachments
    for function in missing:
        for twin, cause in (function.twins or {}).items():
            if at(seen, twin):
                return cause
    if all(at(seen, one.symbol, "uretprobe") for one in missing):
        return "return_instead_of_entry"
    if all(one.kind not in ("uprobe", "uretprobe") for one in attachments):
        return "not_a_uprobe"
    wanted = [one for function in functions for one in at(seen, function.symbol)]
    some = len(missing) < len(functions) and set(attachments) <= set(wanted)
    return "not_all_attached" if some else "wrong_function"


def functions_ran(
    *functions: Function, name: str = "ran", title: str = "your programs ran for every call"
) -> Check:
    """A check that every program at these functions ran at least as often as the target called them.

    Other containers may run the same file, so more is right.
    """

    def run(seen: Observation) -> Found:
        rows = [row for program in seen.kernel.programs if (row := _due(seen, program, functions))]
        short = [row for row in rows if row.program.run_count < row.due]
        if short:
            return too_few(seen, short[0])
        said = "; ".join(f"{row.label} ran {row.program.run_count} times for {row.due} calls" for row in rows)
        return passed(
            said,
            expected={row.label: row.due for row in rows},
            got={row.label: row.program.run_count for row in rows},
            unit="runs",
        )

    return Check(name, title, run, said_in("functions_ran"), gate=True)


@dataclass(frozen=True)
class _Row:
    program: ProgramFacts
    label: str
    files: tuple[str, ...]
    due: int


def _due(seen: Observation, program: ProgramFacts, functions: tuple[Function, ...]) -> _Row | None:
    """How often a program had to run for the target's calls; None for one that is attached elsewhere."""
    ready_ns, sigint_ns = window(seen)
    due, said, files = 0, [], []
    for function in functions:
        for one in at(seen, function.symbol):
            if one.program_id != program.id:
                continue
            due += sum(
                call.symbol == function.symbol and call.in_target and ready_ns <= call.at_ns <= sigint_ns
                for call in recording(seen).functions
            )
            said.append(function.said)
            files.append(one.where)
    return _Row(program, f"{program.name} ({listed(said)})", tuple(files), due) if said else None


def too_few(seen: Observation, row: _Row) -> Found:
    """A program that missed calls, and why."""
    name, ran = "missed_calls", row.program.run_count
    if ran == 0:
        elsewhere = any(path not in known_paths(seen) for path in row.files)
        name = "another_file" if elsewhere else "never_ran"
    said = why(name, label=row.label, ran=ran, due=row.due, files=listed(row.files))
    return failed(said, expected=row.due, got=ran, unit="runs")


def known_paths(seen: Observation) -> set[str]:
    """The target's binary, as the host and as the jail name it."""
    return {seen.target.binary_path, seen.target.jailed_binary} if seen.target else set()
