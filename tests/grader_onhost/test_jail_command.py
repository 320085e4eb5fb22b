"""The jail as options: what is asked of systemd, without asking it."""

from __future__ import annotations

from collections.abc import Sequence

from grader.onhost.contract.jail_kind import JailKind, Limits
from grader.onhost.jail.options import Means, jail_command, made_for_each, notes

USUAL = JailKind()


def properties(argv: list[str]) -> list[str]:
    return [word.removeprefix("--property=") for word in argv if word.startswith("--property=")]


def command(kind: JailKind = USUAL, systemd: int = 257, means: Sequence[Means] = ()) -> list[str]:
    return jail_command("u.service", "/files", kind, systemd=systemd, means=means)


def test_limits_and_environment_are_passed_on() -> None:
    argv = command(JailKind(ahead=("bcc",)))
    assert {"MemoryMax=1073741824", "TasksMax=64", "MemorySwapMax=0"} <= set(properties(argv))
    assert {"--setenv=LAB_IMPORT_AHEAD=bcc", "--setenv=PYTHONPATH=/opt/lab/python"} <= set(argv)
    assert "MemoryMax=5" in properties(command(JailKind(Limits(memory_bytes=5))))


def test_the_attempt_and_what_is_readable_are_bound_read_only() -> None:
    argv = command(JailKind(readable=("-/var/lib/docker/x/server",)))
    assert "BindReadOnlyPaths=/files:/run/attempt -/var/lib/docker/x/server" in properties(argv)


def test_only_an_exercise_that_needs_uprobes_may_write_their_list_and_gets_no_power_for_it() -> None:
    plain, uprobes = properties(command()), properties(command(JailKind(needs=("uprobes",))))
    (writable,) = set(uprobes) - set(plain)
    assert writable.startswith("ReadWritePaths=")
    assert writable.count("uprobe_events") == 2
    assert "uprobe_events" not in " ".join(plain)


def test_only_four_capabilities_are_left() -> None:
    (bound,) = [one for one in properties(command()) if one.startswith("CapabilityBoundingSet=")]
    assert bound.split("=")[1].split() == [
        "CAP_BPF",
        "CAP_PERFMON",
        "CAP_DAC_READ_SEARCH",
        "CAP_SYSLOG",
    ]


def test_an_older_systemd_gets_no_private_pids_and_a_note_says_so() -> None:
    assert "PrivatePIDs=yes" in properties(command(systemd=257))
    assert "PrivatePIDs=yes" not in properties(command(systemd=255))
    assert notes(257) == []
    assert "signal other processes" in notes(255)[0]


def test_a_jail_is_started_ahead_unless_its_tracer_gets_something_of_its_own() -> None:
    assert not made_for_each(JailKind(needs=("uprobes",)))
    assert made_for_each(JailKind(needs=("network", "pins")))


NETWORK = Means(
    ("CAP_NET_ADMIN",), {"PrivateNetwork": "", "NetworkNamespacePath": "/run/netns/x"}, {"A": "1"}
)
PINS = Means((), {"BindPaths": "/run/x:/sys/fs/bpf"})


def test_a_network_takes_the_place_of_none_and_brings_one_capability() -> None:
    usual, more = command(), command(means=[NETWORK])
    assert "PrivateNetwork=yes" in properties(usual)
    assert "NetworkNamespacePath=/run/netns/x" in properties(more)
    assert not any(one.startswith("PrivateNetwork") for one in properties(more))
    (few,), (many,) = (
        [one for one in properties(argv) if one.startswith("CapabilityBoundingSet=")]
        for argv in (usual, more)
    )
    assert many == f"{few} CAP_NET_ADMIN"


def test_the_hosts_pins_are_hidden_by_an_empty_folder_or_by_the_tracers_own() -> None:
    assert "TemporaryFileSystem=/sys/fs/bpf:ro" in properties(command())
    assert "BindPaths=/run/x:/sys/fs/bpf" in properties(command(means=[PINS]))
    assert "TemporaryFileSystem=/sys/fs/bpf:ro" not in properties(command(means=[PINS]))
