"""The kind of jail in which an exercise's tracers run: all that must be known before there is an attempt."""

from __future__ import annotations

import ast

from grader.exercise import Exercise
from grader.onhost.contract.jail_kind import JailKind
from grader.target import Target

SLOW_TO_IMPORT = frozenset({"bcc"})
"""Packages of the lab host that are worth importing before there is an attempt."""


def jail_kind(exercise: Exercise, target: Target | None) -> JailKind:
    """Also which modules are worth importing ahead."""
    binary = target.binary_path if target else ""
    return JailKind(
        # Visible in the jail although container roots are not; "-": no mistake when it is not there.
        readable=(f"-{binary}:{target.jailed_binary}",) if target and binary else (),
        needs=tuple(exercise.needs),
        ahead=tuple(sorted(SLOW_TO_IMPORT & imported_by_starter(exercise))),
    )


def imported_by_starter(exercise: Exercise) -> set[str]:
    """Top-level packages that the Python files of the starter import."""
    found: set[str] = set()
    for name in exercise.starter_files:
        if name.endswith(".py"):
            tree = ast.parse((exercise.folder / name).read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    found |= {one.name.partition(".")[0] for one in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    found.add(node.module.partition(".")[0])
    return found
