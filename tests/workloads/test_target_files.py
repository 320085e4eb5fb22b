from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from grader.target import Target
from workloads.errors import WorkloadError
from workloads.target_files import SHOW, Found, from_json, parse_place, parse_shown, to_json


def target(name: str, cgroup: Path) -> Target:
    return Target(
        name=name,
        container_id=f"{name}-id",
        cgroup_id=cgroup.stat().st_ino,
        cgroup_path=str(cgroup),
        cgroup_level=2,
        main_pid=41,
        pids=(41, 42),
        binary_path="/merged/bin/server",
        ports={"http": 8000},
    )


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, Target, Target]:
    """A folder as `write_down` leaves it on a host, with folders that stand for the two cgroups."""
    made = []
    for name in ("one", "two"):
        cgroup = tmp_path / f"{name}.scope"
        cgroup.mkdir()
        (cgroup / "cgroup.procs").write_text("41\n57\n")
        made.append(target(name, cgroup))
        (tmp_path / f"{name}.json").write_text(to_json(made[-1]))
    (tmp_path / "work.digest").write_text("abc")
    return tmp_path, made[0], made[1]


def shown(folder: Path) -> Found:
    command = ["sh", "-c", SHOW, "sh", str(folder), "work", "one", "two"]
    return parse_shown(subprocess.run(command, capture_output=True, text=True, check=False).stdout)


def test_what_is_written_down_comes_back_with_the_processes_of_now(
    written: tuple[Path, Target, Target],
) -> None:
    folder, one, two = written
    assert shown(folder) == Found(
        "abc", {"one": replace(one, pids=(41, 57)), "two": replace(two, pids=(41, 57))}
    )


def test_a_container_whose_server_is_gone_does_not_count(written: tuple[Path, Target, Target]) -> None:
    folder, one, two = written
    Path(one.cgroup_path, "cgroup.procs").write_text("57\n")
    assert set(shown(folder).targets) == {"two"}
    Path(two.cgroup_path, "cgroup.procs").unlink()
    assert shown(folder).targets == {}


def test_another_cgroup_of_the_same_name_does_not_count(written: tuple[Path, Target, Target]) -> None:
    folder, one, _ = written
    (folder / "one.json").write_text(to_json(replace(one, cgroup_id=one.cgroup_id + 1)))
    assert set(shown(folder).targets) == {"two"}


@pytest.mark.parametrize(
    "text", ["", "{", "{}", "[]", '{"pids": 3}', '{"pids": [], "cgroup_path": "/x", "new": 1}']
)
def test_files_that_are_not_ours_do_not_count(written: tuple[Path, Target, Target], text: str) -> None:
    folder, _, _ = written
    (folder / "one.json").write_text(text)
    assert set(shown(folder).targets) == {"two"}


def test_an_empty_host_has_nothing(tmp_path: Path) -> None:
    assert shown(tmp_path) == Found("", {})


def test_a_target_survives_being_written_down(tmp_path: Path) -> None:
    one = target("one", tmp_path)
    assert from_json(to_json(one)) == one
    assert "\n" not in to_json(one)


def test_level_and_path_come_from_the_cgroup_tree() -> None:
    place = parse_place("2660\n/system.slice/docker-4266.scope\n1854\n1796\n")
    assert place.cgroup_id == 2660
    assert place.cgroup_path == "/sys/fs/cgroup/system.slice/docker-4266.scope"
    assert place.cgroup_level == 2
    assert place.pids == (1796, 1854)


def test_a_host_with_the_old_cgroups_is_refused() -> None:
    with pytest.raises(WorkloadError, match="cgroup v2"):
        parse_place("2\n\n1\n")
