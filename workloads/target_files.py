"""What is known of running containers on the lab host: found out, written down there, checked again later."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import PurePosixPath

from grader.host import Host
from grader.target import Target
from workloads.errors import WorkloadError

FOLDER = "/run/lab/targets"
CGROUPS = "/sys/fs/cgroup"

# One command for all containers, and but one new process in it: an emulated host starts processes slowly.
SHOW = """
folder=$1; IFS= read -r digest < "$folder/$2.digest"; echo "$digest"
shift 2
for name in "$@"; do
    IFS= read -r written < "$folder/$name.json"; path=${written#*'"cgroup_path": "'}; path=${path%%'"'*}
    pids=; while read -r pid; do pids="$pids $pid"; done < "$path/cgroup.procs"
    echo "$written"; echo "pids$pids"
    paths="$paths $path"
done 2>/dev/null
exec stat -c 'inode %i %n' $paths
"""

LOCATE = """
while IFS= read -r line; do case $line in 0::*) path=${line#0::};; esac; done < "/proc/$1/cgroup"
stat -c %i "/sys/fs/cgroup$path" && echo "$path" && cat "/sys/fs/cgroup$path/cgroup.procs"
"""


@dataclass(frozen=True)
class Found:
    """What is written down on the host and still true."""

    digest: str
    """Digest of the workload that started them."""
    targets: dict[str, Target]
    """Container name -> target; without those whose processes are gone."""


def write_down(host: Host, workload: str, digest: str, targets: Sequence[Target]) -> None:
    """Leave the targets on the host for `read_back` and for programs there."""
    files = {f"{target.name}.json": to_json(target).encode() for target in targets}
    host.write_files(FOLDER, {**files, f"{workload}.digest": digest.encode()})


def forget(host: Host, workload: str, names: Sequence[str]) -> None:
    """Remove what `write_down` left."""
    files = [f"{FOLDER}/{workload}.digest", *(f"{FOLDER}/{name}.json" for name in names)]
    host.run(["rm", "-f", "--", *files])


def read_back(host: Host, workload: str, names: Sequence[str]) -> Found:
    """What is written down and still true, each target's processes as they are now: one command."""
    shown = host.run(["sh", "-c", SHOW, "sh", FOLDER, workload, *names], check=False)
    return parse_shown(shown.stdout)


def parse_shown(text: str) -> Found:
    """From SHOW's output: a digest; per container its JSON and `pids ...`; then `inode NUMBER PATH` lines."""
    digest, *lines = text.split("\n")
    inodes = {
        words[2]: words[1] for words in map(str.split, lines) if len(words) == 3 and words[0] == "inode"
    }
    targets: dict[str, Target] = {}
    for written, now in itertools.pairwise(lines):
        if not (written.startswith("{") and now.startswith("pids")):
            continue
        try:
            target = from_json(written)
            pids = sorted(map(int, now.split()[1:]))
        except (ValueError, TypeError, KeyError):
            continue  # half-written or from another version: as good as not there
        if inodes.get(target.cgroup_path) == str(target.cgroup_id) and target.main_pid in pids:
            targets[target.name] = replace(target, pids=tuple(pids))
    return Found(digest, targets)


def to_json(target: Target) -> str:
    """On one line."""
    return json.dumps(asdict(target))


def from_json(text: str) -> Target:
    """The inverse of `to_json`. Raises ValueError, TypeError, KeyError for anything else."""
    value = json.loads(text)
    return Target(**{**value, "pids": tuple(value["pids"])})


@dataclass(frozen=True)
class Place:
    """Where a process stands in the host's cgroup v2 tree."""

    cgroup_id: int
    cgroup_path: str
    cgroup_level: int
    pids: tuple[int, ...]


def locate(host: Host, main_pid: int) -> Place:
    """The cgroup of a process. Raises WorkloadError on a host without cgroup v2 or when it is gone."""
    done = host.run(["sh", "-c", LOCATE, "sh", str(main_pid)], check=False)
    if done.exit_code != 0:
        raise WorkloadError("the container's cgroup was not found on the lab host", "lab logs")
    return parse_place(done.stdout)


def parse_place(text: str) -> Place:
    """From LOCATE's output: inode, path below the root, one pid a line. Raises WorkloadError."""
    inode, path, *pids = text.split("\n")
    if path in ("", "/"):
        raise WorkloadError(
            "the lab host does not put containers into a cgroup v2 tree", "stat -f -c %T /sys/fs/cgroup"
        )
    level = len(PurePosixPath(path).parts) - 1
    return Place(int(inode), CGROUPS + path, level, tuple(sorted(int(pid) for pid in pids if pid)))
