"""What the kernel itself says about tracers: programs, attachments, maps, run counts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..contract.tracer_facts import Attachment, KernelFacts, LinkFacts, MapFacts, ProgramFacts
from .bpf_syscall import count_entries, open_program, program_exists
from .open_files import distinct

HASHES = ("hash", "lru_hash", "percpu_hash", "lru_percpu_hash")


@dataclass(frozen=True)
class Unheld:
    """What belongs to a tracer although no process of it need hold it: what is pinned or at an interface."""

    programs: frozenset[int] = frozenset()
    maps: frozenset[int] = frozenset()
    """Both by their ids."""
    attachments: tuple[Attachment, ...] = ()
    link: LinkFacts | None = None


def facts(pids_of: Mapping[str, Collection[int]], unheld: Mapping[str, Unheld]) -> dict[str, KernelFacts]:
    """For each tracer (name -> its processes) its programs, attachments and maps."""
    asked_ns = time.monotonic_ns()
    programs, maps, perf = _bpftool("prog"), _bpftool("map"), _bpftool("perf")
    answered_ns = time.monotonic_ns()
    found = {}
    for tracer, pids in pids_of.items():
        # bpftool names the holders only where it was built with eBPF programs of its own; Debian's is not.
        other = unheld[tracer]
        held = {*_descriptors(pids, "bpf-prog", "prog_id"), *other.programs}
        held_maps = {*_descriptors(pids, "bpf-map", "map_id"), *other.maps}
        own = [entry for entry in programs if entry["id"] in held]
        held_maps.update(number for entry in own for number in entry.get("map_ids", ()))
        attached = _attachments([entry for entry in perf if entry.get("pid") in pids])
        found[tracer] = KernelFacts(
            programs=tuple(_program(entry) for entry in own),
            attachments=(*attached, *other.attachments),
            maps=tuple(_map(entry) for entry in maps if entry["id"] in held_maps),
            reads_trace_pipe=any(_has_open(pid, "trace_pipe") for pid in pids),
            link=other.link,
            asked_ns=asked_ns,
            answered_ns=answered_ns,
        )
    return found


def run_counts(
    pids_of: Mapping[str, Collection[int]], known: Mapping[str, Collection[int]]
) -> dict[str, dict[int, int]]:
    """For each tracer how often each of its programs ran, by program id. Cheap: no bpftool.

    `known` are programs that it was seen with before: what is only pinned or attached no process holds.
    """
    return {
        tracer: {number: count for number in known[tracer] if (count := _runs_of(number)) is not None}
        | {
            number: int(shown.get("run_cnt", 0))
            for number, shown in _descriptors(pids, "bpf-prog", "prog_id").items()
        }
        for tracer, pids in pids_of.items()
    }


def _runs_of(program_id: int) -> int | None:
    try:
        handle = open_program(program_id)
    except OSError:
        return None
    try:
        text = Path(f"/proc/self/fdinfo/{handle}").read_text()
    finally:
        os.close(handle)
    counts = [line.split()[1] for line in text.splitlines() if line.startswith("run_cnt:")]
    return int(counts[0]) if counts else None


def still_there(program_ids: Iterable[int], wait_s: float = 3.0) -> list[int]:
    """Those programs that the kernel has not let go of; it frees them a moment after their last user."""
    left = sorted(program_ids)
    deadline = time.monotonic() + wait_s
    while True:
        left = [number for number in left if program_exists(number)]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.1)


def _descriptors(pids: Collection[int], kind: str, key: str) -> dict[int, dict[str, str]]:
    """What the kernel says about these processes' descriptors of a kind, by the number under `key`."""
    found: dict[int, dict[str, str]] = {}
    for pid in pids:
        for descriptor in _listed(Path(f"/proc/{pid}/fd")):
            try:
                if kind not in str(descriptor.readlink()):
                    continue
                text = Path(f"/proc/{pid}/fdinfo/{descriptor.name}").read_text()
                shown = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
                found[int(shown[key])] = shown
            except (OSError, KeyError, ValueError):
                continue  # closed while we looked; the others still count
    return found


def _has_open(pid: int, name: str) -> bool:
    """Whether a process has a file of this name open."""
    for descriptor in _listed(Path(f"/proc/{pid}/fd")):
        try:
            if descriptor.readlink().name == name:
                return True
        except OSError:
            continue  # closed while we looked
    return False


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []  # the process has ended


def _program(entry: Mapping[str, Any]) -> ProgramFacts:
    return ProgramFacts(
        id=entry["id"],
        name=entry.get("name", ""),
        kind=entry.get("type", ""),
        run_count=entry.get("run_cnt", 0),
        run_time_ns=entry.get("run_time_ns", 0),
        recursion_misses=entry.get("recursion_misses", 0),
        map_ids=tuple(entry.get("map_ids", ())),
    )


def _attachments(entries: Sequence[Mapping[str, Any]]) -> list[Attachment]:
    """Each once, in however many processes of the tracer it is open."""
    at_one_place: dict[Attachment, list[Mapping[str, Any]]] = {}
    for entry in entries:
        at_one_place.setdefault(_attachment(entry), []).append(entry)
    return [place for place, group in at_one_place.items() for _ in distinct(group)]


def _attachment(entry: Mapping[str, Any]) -> Attachment:
    where = entry.get("func") or entry.get("tracepoint") or entry.get("filename") or entry.get("addr", "")
    return Attachment(
        program_id=entry.get("prog_id", 0),
        kind=str(entry.get("fd_type", "")),
        where=str(where),
        offset=int(entry.get("offset", 0)),
    )


def _map(entry: Mapping[str, Any]) -> MapFacts:
    kind = str(entry.get("type", ""))
    size = int(entry.get("bytes_value", 0))
    if "percpu" in kind:
        size = (size + 7) // 8 * 8 * _possible_cpus()
    room = int(entry.get("max_entries", 0))
    entries = (
        count_entries(entry["id"], int(entry.get("bytes_key", 0)), size, room) if kind in HASHES else None
    )
    return MapFacts(entry["id"], entry.get("name", ""), kind, max_entries=room, entries=entries)


def _possible_cpus() -> int:
    # "0-3" or "0": the highest number, plus one.
    return int(Path("/sys/devices/system/cpu/possible").read_text().strip().split("-")[-1]) + 1


@cache
def _path_of_bpftool() -> str:
    # Looked up at every start it would be an execve that fails for every folder of PATH, seen by tracers.
    return shutil.which("bpftool", path="/usr/sbin:/usr/bin:/sbin:/usr/local/sbin") or "bpftool"


def _bpftool(what: str) -> list[dict[str, Any]]:
    # A tracer chooses some of what is shown, a path for example: any bytes, control characters too.
    done = subprocess.run(
        [_path_of_bpftool(), "-j", what, "show"],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode < 0:
        # Killed, as by a host without memory: what it did not say is not "nothing".
        raise RuntimeError(f"bpftool {what} show was ended by signal {-done.returncode}")
    try:
        shown = json.loads(done.stdout or "[]", strict=False)
    except ValueError:
        raise RuntimeError(f"bpftool {what} show: {done.stderr.strip()[:200]}") from None
    if isinstance(shown, dict):
        raise RuntimeError(f"bpftool {what} show: {shown.get('error', shown)}")
    return [entry for entry in shown if isinstance(entry, dict)]
