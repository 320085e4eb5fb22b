"""Translates what BCC, clang, bpftool, the verifier and Python wrote when a tracer did not load."""

from __future__ import annotations

from collections.abc import Mapping

from grader.loading.attaching import attach_complaint
from grader.loading.bpftool import bpftool_complaint
from grader.loading.compiler import compiler_complaint
from grader.loading.complaint import Complaint
from grader.loading.python_code import python_complaint
from grader.loading.verifier import verifier_complaint

__all__ = ["Complaint", "translate"]


def translate(stderr: str, sources: Mapping[str, str] | None = None) -> Complaint | None:
    """The complaint in this output; None when nothing is recognised.

    `sources` are the learner's files (name -> text); without them the verifier's line is shown by its text
    alone.
    """
    files = sources or {}
    return (
        verifier_complaint(stderr, files)
        or compiler_complaint(stderr, files)
        or bpftool_complaint(stderr, files)
        or attach_complaint(stderr, files)
        or python_complaint(stderr, files)
    )
