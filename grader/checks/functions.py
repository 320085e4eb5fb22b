"""Whether the tracer's programs are attached to functions of the target's binary, and ran for every call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.checks.attached import listed, place_of
from grader.checks.last_words import ended_early, last_words
from grader.checks.making import before_traffic, failed, gate, named, passed
from grader.exercise import Check
from grader.observation import Attachment, Observation, ProgramFacts
from grader.truth.calls import recording, window
from grader.verdict import Finding


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
    Causes: those of the twins, `ended_early`, `nothing_attached`, `return_instead_of_entry`, `not_a_uprobe`,
    `wrong_function`, `not_all_attached`.
    """

    def check(seen: Observation) -> Finding:
        missing = [one for one in functions if not at(seen, one.symbol)]
        found = [str(place_of(one)) for one in seen.kernel.attachments]
        wanted = {one.said: f"{offset_of(seen, one.symbol):#x}" for one in functions}
        if not missing:
            said = f"attached to {listed(one.said for one in functions)}"
            return passed(said, expected=wanted, got=found)
        cause, hint = cause_of(seen, functions, missing)
        asked = listed(f"{one.said} (at {wanted[one.said]} in the file)" for one in missing)
        yours = f"yours: {listed(found)}" if found else "nothing of yours is attached anywhere"
        words = last_words(seen) if cause == "ended_early" else ""
        message = f"the exercise asks for a uprobe on {asked}; {yours}{words}"
        return failed(message, cause=cause, hint=hint, expected=wanted, got=found)

    return named(name, title, before_traffic(gate(check)))


def at(seen: Observation, symbol: str, kind: str = "uprobe") -> list[Attachment]:
    """The tracer's attachments at this function."""
    offset = offset_of(seen, symbol)
    return [one for one in seen.kernel.attachments if one.kind == kind and one.offset == offset]


def offset_of(seen: Observation, symbol: str) -> int:
    """Where the recorder found the function in the file; -1 when it was not asked to look."""
    return recording(seen).offsets.get(symbol, -1)


def cause_of(seen: Observation, functions: tuple[Function, ...], missing: list[Function]) -> tuple[str, str]:
    """Which mistake left these functions without a probe: (cause, hint)."""
    attachments = seen.kernel.attachments
    if not attachments:
        if seen.tracer.ended_by == "exited":
            return ended_early(seen)
        return (
            "nothing_attached",
            "in tracer.py, above ready(): bpf.attach_uprobe(name=..., sym=..., fn_name=...)",
        )
    for function in missing:
        for twin, cause in (function.twins or {}).items():
            if at(seen, twin):
                said = "sym= in tracer.py is a piece for rare errors: which symbol does not end in .cold?"
                return cause, said
    if all(at(seen, one.symbol, "uretprobe") for one in missing):
        return (
            "return_instead_of_entry",
            "yours run when the functions return: look at the lines in tracer.py that attach",
        )
    if all(one.kind not in ("uprobe", "uretprobe") for one in attachments):
        return (
            "not_a_uprobe",
            "see the lines in tracer.py that attach: a function of a program takes a uprobe",
        )
    wanted = [one for function in functions for one in at(seen, function.symbol)]
    if len(missing) < len(functions) and set(attachments) <= set(wanted):
        return "not_all_attached", "each function needs a line in tracer.py that attaches a program to it"
    return "wrong_function", "print the symbols as in `Where is the function?`, and compare sym= in tracer.py"


def functions_ran(
    *functions: Function, name: str = "ran", title: str = "your programs ran for every call"
) -> Check:
    """A check that every program at these functions ran at least as often as the target called them.

    Other containers may run the same file, so more is right. Causes: `another_file`, `never_ran`,
    `missed_calls`.
    """

    def check(seen: Observation) -> Finding:
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

    return named(name, title, gate(check))


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


def too_few(seen: Observation, row: _Row) -> Finding:
    """A program that missed calls, and why."""
    cause, hint = "missed_calls", "in tracer.py, attach above ready(), and detach nothing before the stop"
    if row.program.run_count == 0:
        cause, hint = (
            "never_ran",
            "it was not there when the calls came: attach above ready(), detach nothing",
        )
        if any(path not in known_paths(seen) for path in row.files):
            cause = "another_file"
            hint = "look at name= in tracer.py: a copy is another file, and the server runs target.binary"
    return failed(
        f"{row.label} ran {row.program.run_count} times, but there were {row.due} calls;"
        f" it is attached to {listed(row.files)}",
        cause=cause,
        hint=hint,
        expected=row.due,
        got=row.program.run_count,
        unit="runs",
    )


def known_paths(seen: Observation) -> set[str]:
    """The target's binary, as the host and as the jail name it."""
    return {seen.target.binary_path, seen.target.jailed_binary} if seen.target else set()
