"""Which machines may become a lab host, what is installed on them, and what is remembered."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence

import pytest

from vm.distributions import SUPPORTED, needed_packages, supported
from vm.errors import HostSetupError, HostUnavailable
from vm.host_packages import new_packages
from vm.host_probe import HostState, parse
from vm.image.recipe import HERE
from vm.line_process import LineProcess
from vm.provision import (
    RECORDER_SHELL_AND_NAME,
    RECORDER_USER,
    is_ready,
    lacking,
    provision,
    require_capable,
)
from vm.provision_record import Done, read_record, write_record
from vm.unprovision import undo_plan
from vocabulary.completed import Completed

ANSWER = """distribution=debian
version=13
system=Linux
release=6.12.1-amd64
machine=x86_64
uid=0
memory_mib=1965
free_mib=12000
systemd=257.9
running_systemd=1
cgroup2=1
kprobes=1
uprobes=1
btf=1
headers=1
bcc=1
bpftool=1
clang=1
python=3.13
docker=1
bus=1
recorder_user=1
bpf_stats=1
perf_paranoid=2
apt=1
end=1
"""
READY = parse(ANSWER)


class FakeHost:
    """Answers each command by its first words; keeps what was written."""

    def __init__(self, answers: Mapping[str, Completed]) -> None:
        self.answers = answers
        self.written: dict[str, bytes] = {}
        self.ran: list[str] = []

    def run(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 60.0, check: bool = True
    ) -> Completed:
        line = " ".join(argv)
        self.ran.append(line)
        return next(
            (done for words, done in self.answers.items() if line.startswith(words)), Completed(1, "", "")
        )

    def start(self, argv: Sequence[str]) -> LineProcess:
        raise AssertionError(f"nothing is to be started: {argv}")

    def write_files(self, folder: str, files: Mapping[str, bytes]) -> None:
        self.written |= {f"{folder}/{name}": content for name, content in files.items()}


def test_a_machine_with_everything_is_only_asked() -> None:
    host = FakeHost({"sh -s": Completed(0, ANSWER, "")})
    told: list[str] = []
    assert provision(host, told.append) == READY
    assert (told, host.written) == ([], {})
    assert all(line.startswith("sh -s") for line in host.ran)


def test_an_answer_that_was_cut_off_is_no_answer() -> None:
    with pytest.raises(HostUnavailable):
        parse(ANSWER.removesuffix("end=1\n"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kprobes": False}, "no kprobes"),
        ({"btf": False}, "no BTF"),
        ({"cgroup2": False}, "control groups version 2"),
        ({"running_systemd": False}, "not started by systemd"),
        ({"memory_mib": 900}, "900 MiB of memory"),
    ],
)
def test_what_no_package_can_change_is_refused_with_the_reason(
    change: dict[str, bool | int], reason: str
) -> None:
    state = dataclasses.replace(READY, **change)  # type: ignore[arg-type]
    with pytest.raises(HostSetupError, match=reason):
        require_capable(state)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"missing": ("docker.io",)}, "docker.io"),
        ({"headers": False}, "headers of the kernel 6.12.1-amd64"),
        ({"docker": False}, "a running Docker"),
        ({"bus": False}, "a running message bus"),
        ({"recorder_user": False}, "the user lab-recorder"),
        ({"clang": False}, "the compiler clang"),
    ],
)
def test_what_is_missing_is_named(change: dict[str, bool | int | tuple[str, ...]], words: str) -> None:
    state = dataclasses.replace(READY, **change)  # type: ignore[arg-type]
    assert lacking(state) == [words]
    assert not is_ready(state)


@pytest.mark.parametrize(
    ("distribution", "version", "reason"),
    [
        ("debian", "12", "debian 12 cannot be a lab host: its kernel, BCC and systemd"),
        ("ubuntu", "22.04", "ubuntu 22.04 cannot be a lab host: only 24.04"),
        ("fedora", "42", "fedora 42 cannot be a lab host: the lab installs with apt"),
        ("gentoo", "", "gentoo cannot be a lab host: nobody has tried it"),
    ],
)
def test_another_distribution_is_refused_by_name_with_the_reason(
    distribution: str, version: str, reason: str
) -> None:
    with pytest.raises(HostSetupError, match=reason):
        supported(distribution, version, "x86_64")


def test_another_processor_is_refused_by_name() -> None:
    with pytest.raises(HostSetupError, match="debian 13 on riscv64"):
        supported("debian", "13", "riscv64")


def test_debian_gets_the_images_packages_and_the_running_kernels_headers() -> None:
    packages = needed_packages(SUPPORTED["debian", "13"], "6.12.1-amd64")
    assert {"python3-bpfcc", "docker.io", "docker-cli", "linux-headers-6.12.1-amd64"} <= set(packages)


def test_ubuntu_gets_its_own_names() -> None:
    packages = needed_packages(SUPPORTED["ubuntu", "24.04"], "6.8.0-1-generic")
    assert {"linux-tools-common", "linux-tools-6.8.0-1-generic", "linux-headers-6.8.0-1-generic"} <= set(
        packages
    )
    assert not {"docker-cli", "bpftool"} & set(packages)


def test_an_untested_distribution_is_said_to_be() -> None:
    answer = ANSWER.replace("=debian", "=ubuntu").replace("=13\n", "=24.04\n")
    told: list[str] = []
    provision(FakeHost({"sh -s": Completed(0, answer, "")}), told.append)
    assert [line.split(" (")[0] for line in told] == ["Ubuntu 24.04 is untested as a lab host"]


def test_upgraded_packages_are_not_new_ones() -> None:
    plan = "Inst libc6 [2.41-1] (2.41-2 Debian:13)\nInst docker.io (26.1 Debian:13)\nConf docker.io (26.1)\n"
    assert new_packages(plan) == ["docker.io"]


def test_what_was_done_is_read_back_as_it_was_written() -> None:
    done = Done(("a", "b"), user=True)
    host = FakeHost({})
    write_record(host, done)
    (text,) = host.written.values()
    kept = FakeHost({"cat /var/lib/ebpf-lab/provisioned.json": Completed(0, text.decode(), "")})
    assert read_record(kept) == done
    assert undo_plan(kept) == ["remove 2 packages the lab installed", "delete the user lab-recorder"]


def test_a_machine_the_lab_never_changed_has_nothing_to_undo() -> None:
    assert undo_plan(FakeHost({})) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"packages": 1, "user": true}'])
def test_a_damaged_record_is_an_error_with_a_command(text: str) -> None:
    host = FakeHost({"cat": Completed(0, text, "")})
    with pytest.raises(HostSetupError, match="is damaged"):
        read_record(host)


def test_image_and_ssh_hosts_get_the_same_user() -> None:
    user = " ".join([*RECORDER_USER, *RECORDER_SHELL_AND_NAME])
    assert user in (HERE / "customize.sh").read_text()


def test_the_record_is_json() -> None:
    host = FakeHost({})
    write_record(host, Done())
    (text,) = host.written.values()
    assert json.loads(text) == {"packages": [], "user": False, "schema": 1}


def test_the_state_says_what_the_machine_said() -> None:
    assert (
        HostState(
            distribution="debian",
            version="13",
            system="Linux",
            release="6.12.1-amd64",
            machine="x86_64",
            uid=0,
            memory_mib=1965,
            free_mib=12000,
            systemd=257,
            running_systemd=True,
            cgroup2=True,
            kprobes=True,
            uprobes=True,
            btf=True,
            headers=True,
            bcc=True,
            bpftool=True,
            clang=True,
            python="3.13",
            docker=True,
            bus=True,
            recorder_user=True,
            bpf_stats=1,
            perf_paranoid=2,
            apt=True,
        )
        == READY
    )
