"""What a tracer is told of its target."""

from __future__ import annotations

from dataclasses import replace

from grader.target import Target

LONG = f"/var/lib/docker/overlay2/{'0123456789abcdef' * 4}/merged/opt/server/bin/server"
TARGET = Target("t", "c0ffee", 4711, "/sys/fs/cgroup/x.scope", 2, 50, (50, 51), LONG)


def test_a_tracer_gets_the_short_path_under_which_its_jail_has_the_binary() -> None:
    told = TARGET.environment()
    assert told["LAB_TARGET_BINARY"] == "/run/target/server"
    # BCC's name for a uprobe there: the kernel takes 63 characters.
    assert len(f"p_{told['LAB_TARGET_BINARY']}_0x{2**48:x}_bcc_{2**16}") < 64


def test_a_target_without_a_binary_has_no_path_in_the_jail() -> None:
    assert replace(TARGET, binary_path="").environment()["LAB_TARGET_BINARY"] == ""
