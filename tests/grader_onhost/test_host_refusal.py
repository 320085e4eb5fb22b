"""The host is blamed only for what it confirms."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.onhost.tracer.host_refusal import host_refusal

NO_PROBES = "create_probe_event: open(/sys/kernel/tracing/kprobe_events): Read-only file system"
NO_HEADERS = "chdir(/lib/modules/6.12.0/build): No such file or directory"


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A host that lacks nothing."""
    (tmp_path / "modules" / os.uname().release).mkdir(parents=True)
    (tmp_path / "tracing").mkdir()
    (tmp_path / "tracing/kprobe_events").touch()
    return tmp_path


def said(host: Path, stderr: str, began: bool = True) -> str:
    return host_refusal(began, stderr, host / "modules", host / "tracing")


@pytest.mark.parametrize("line", [NO_PROBES, NO_HEADERS, "Failed to start transient service unit: no"])
def test_a_host_that_lacks_nothing_refused_nothing_whatever_the_tracer_prints(host: Path, line: str) -> None:
    assert said(host, f"{line}\n") == ""


def test_a_host_without_headers_or_probes_is_told_in_the_tracers_words(host: Path) -> None:
    (host / "tracing/kprobe_events").unlink()
    assert said(host, f"{NO_PROBES}\nException: Failed to attach\n") == NO_PROBES
    assert said(host, "SyntaxError: invalid syntax\n") == ""
    (host / "modules" / os.uname().release).rmdir()
    assert said(host, f"{NO_HEADERS}\nException: Failed to compile\n") == NO_HEADERS


def test_a_jail_that_never_came_up_is_the_hosts(host: Path) -> None:
    assert said(host, "Failed to connect to bus: no\n", began=False) == "Failed to connect to bus: no"
    assert said(host, "", began=False) == "its jail could not be started"
