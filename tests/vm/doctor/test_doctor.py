"""The doctor: each thing that is wrong is named, with the command that repairs it."""

from __future__ import annotations

import dataclasses
import json
import platform
from pathlib import Path
from typing import Any

import pytest

from tests.vm.able_host import ABLE
from vm.doctor.diagnosis import as_json, diagnose, is_sound
from vm.doctor.facts import Facts, LabSideFacts
from vm.doctor.gather import gather
from vm.doctor.lab_side_checks import minutes_to_expect
from vm.doctor.result import Grade, Result
from vm.folders import Folders

SIDE = LabSideFacts(
    system="Linux",
    kernel="6.1.0",
    machine="x86_64",
    python=(3, 11, 2),
    cpus=2,
    memory_mib=16000,
    memory_free_mib=8000,
    disk_free_mib=50000,
    package_manager="apt-get",
    root=False,
    qemu="7.2.0",
    missing_programs=(),
    building_hindrance="",
    kvm_device=True,
    kvm_permitted=True,
    accel="kvm",
    accel_reason="hardware virtualisation works",
    image_ready=False,
    template_ready=False,
)


def side(**changes: Any) -> Facts:
    return Facts(dataclasses.replace(SIDE, **changes), "vm")


def host(kind: str = "ssh", **changes: Any) -> Facts:
    return Facts(SIDE, kind, dataclasses.replace(ABLE, **changes))


def wrong(facts: Facts) -> list[Result]:
    return [result for result in diagnose(facts) if result.grade is not Grade.OK]


@pytest.mark.parametrize("facts", [side(), host(), host("local")], ids=["vm", "ssh", "local"])
def test_nothing_is_wrong_with_a_sound_machine(facts: Facts) -> None:
    assert wrong(facts) == []
    assert is_sound(diagnose(facts))


def test_memory_and_disk_come_first_and_then_how_long_it_takes() -> None:
    assert [result.name for result in diagnose(side())][:3] == ["memory", "disk", "time"]


@pytest.mark.parametrize(
    ("facts", "name", "grade", "words", "hint"),
    [
        (
            side(memory_mib=2000, memory_free_mib=900),
            "memory",
            "bad",
            "needs 2.5 GiB",
            "lab up --host ssh://",
        ),
        (side(memory_free_mib=900), "memory", "warn", "0.9 of 15.6 GiB are free", ""),
        (side(disk_free_mib=4000), "disk", "bad", "3.9 GiB are free", "lab gc"),
        (side(python=(3, 9, 1)), "python", "bad", "3.11 is needed", "python3 --version"),
        (
            side(system="Darwin", machine="arm64"),
            "platform",
            "bad",
            "Darwin on arm64",
            "lab up --host ssh://",
        ),
        (
            side(missing_programs=("qemu-img",)),
            "programs",
            "bad",
            "not installed: qemu-img",
            "sudo apt-get install --no-install-recommends qemu-utils",
        ),
        (side(building_hindrance="no range"), "building", "bad", "no range", "sudo usermod --add-subuids"),
        (
            side(accel="tcg", kvm_permitted=False),
            "acceleration",
            "warn",
            "not be used",
            "sudo usermod -aG kvm",
        ),
        (side(accel="tcg", accel_reason="it hangs"), "acceleration", "warn", "emulated: it hangs", ""),
        (side(accel="", kvm_device=False), "acceleration", "warn", "no /dev/kvm", ""),
        (host(memory_mib=900), "host memory", "bad", "900 MiB", "lab up --host vm"),
        (host(free_mib=100), "host disk", "bad", "100 MiB", "docker system df"),
        (host(version="12"), "host system", "bad", "debian 12", "lab up --host ssh://root@DEBIAN-13"),
        (host(distribution="ubuntu", version="24.04"), "host system", "warn", "untested", ""),
        (host(kprobes=False), "host kernel", "bad", "lacks kprobes", "lab up --host vm"),
        (host(running_systemd=False), "host systemd", "bad", "not started by systemd", "lab up --host vm"),
        (host(systemd=255), "host systemd", "warn", "jail is weaker", ""),
        (host(bcc=False), "host tools", "bad", "BCC for Python", "lab up"),
        (host("local", docker=False), "host tools", "bad", "a running Docker", "sudo apt-get install"),
    ],
)
def test_what_is_wrong_is_named_alone_with_its_command(
    facts: Facts, name: str, grade: str, words: str, hint: str
) -> None:
    (result,) = wrong(facts)
    assert (result.name, result.grade) == (name, grade)
    assert words in result.message
    assert result.hint.startswith(hint)
    assert bool(result.hint) == bool(hint)


def test_an_image_that_is_there_needs_less_room_and_no_build_tools() -> None:
    ready = side(image_ready=True, template_ready=True, disk_free_mib=4000, missing_programs=("mmdebstrap",))
    assert wrong(ready) == []


def test_the_lab_sides_virtual_machine_does_not_matter_for_an_ssh_host() -> None:
    poor = dataclasses.replace(SIDE, memory_free_mib=100, disk_free_mib=100, missing_programs=("qemu-img",))
    assert wrong(Facts(poor, "ssh", ABLE)) == []


@pytest.mark.parametrize(
    ("changes", "minutes"),
    [
        ({"accel": "kvm"}, 3),
        ({"accel": "tcg"}, 8),
        ({"accel": "tcg", "image_ready": True}, 6),
        ({"accel": "tcg", "image_ready": True, "template_ready": True}, 0),
    ],
)
def test_the_minutes_to_expect_follow_from_what_is_there(changes: dict[str, Any], minutes: int) -> None:
    assert minutes_to_expect(dataclasses.replace(SIDE, **changes)) == minutes


def test_a_host_that_cannot_be_asked_is_a_result_and_its_name_stays_out_of_a_bug_report() -> None:
    facts = Facts(SIDE, "ssh", None, "alice@secret.example does not answer")
    results = diagnose(facts)
    assert not is_sound(results)
    assert [result.message for result in results if result.grade is Grade.BAD] == [facts.host_trouble]
    assert "secret" not in json.dumps(as_json(facts, results))


def test_a_bug_report_of_this_machine_names_no_folder_of_its_user(tmp_path: Path) -> None:
    facts = gather("vm", Folders(tmp_path / "cache", tmp_path / "data"))
    text = json.dumps(as_json(facts, diagnose(facts)))
    assert facts.lab_side.kernel == platform.release()
    assert str(tmp_path) not in text
    assert str(Path.home()) not in text


def test_a_host_that_is_not_there_is_a_fact_and_no_error(tmp_path: Path) -> None:
    facts = gather("ssh://root@127.0.0.1:1", Folders(tmp_path / "cache", tmp_path / "data"))
    assert "does not answer over ssh" in facts.host_trouble
