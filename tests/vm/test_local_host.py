"""Commands, programs, files and the holder, tried on this machine: no lab host is needed for them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.host import Host
from tests.vm.able_host import ABLE
from vm.command import CommandFailed, CommandTimedOut
from vm.errors import HostError
from vm.host_probe import probe
from vm.local_host import LocalHost, unfit

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="a local host runs everything as root")


@pytest.fixture
def host() -> Iterator[LocalHost]:
    with LocalHost() as opened:
        yield opened


def as_grader_host(host: LocalHost) -> Host:
    """For the type checker: the grader's protocol is kept without importing it in `vm`."""
    return host


@needs_root
class TestLocalHost:
    def test_a_command_gets_its_input_and_gives_output_and_exit_code(self, host: LocalHost) -> None:
        done = as_grader_host(host).run(["sh", "-c", "cat; echo no >&2; exit 7"], stdin=b"in", check=False)
        assert (done.exit_code, done.stdout, done.stderr) == (7, "in", "no\n")

    def test_a_non_zero_exit_code_is_an_error_unless_told_otherwise(self, host: LocalHost) -> None:
        with pytest.raises(CommandFailed, match="exit code 3"):
            host.run(["sh", "-c", "exit 3"])

    def test_a_command_that_does_not_end_is_ended(self, host: LocalHost) -> None:
        with pytest.raises(CommandTimedOut, match="did not end within 1 s"):
            host.run(["sleep", "600"], timeout_s=1)

    def test_a_limit_below_half_a_second_is_a_limit_too(self, host: LocalHost) -> None:
        with pytest.raises(CommandTimedOut, match=r"did not end within 0\.3 s"):
            host.run(["sleep", "600"], timeout_s=0.3)

    def test_a_program_answers_line_by_line_and_ends_with_its_input(
        self, host: LocalHost, tmp_path: Path
    ) -> None:
        script = f'while read -r line; do echo "got $line"; done; echo bye >&2; echo x > {tmp_path}/ended'
        with host.start(["sh", "-c", script]) as program:
            program.send_line("one two")
            assert program.read_line(30) == "got one two"
        assert (tmp_path / "ended").read_text() == "x\n"
        assert program.stderr_text == "bye\n"

    def test_the_end_of_a_programs_output_is_none_and_stays_none(self, host: LocalHost) -> None:
        with host.start(["echo", "last"]) as program:
            assert [program.read_line(30) for _ in range(3)] == ["last", None, None]

    def test_waiting_for_a_line_that_does_not_come_is_a_timeout(self, host: LocalHost) -> None:
        with host.start(["cat"]) as program, pytest.raises(TimeoutError):
            program.read_line(0.01)

    def test_only_the_end_of_much_standard_error_is_kept(self, host: LocalHost) -> None:
        with host.start(["sh", "-c", "head -c 200000 /dev/zero | tr '\\0' x >&2; echo end >&2"]) as program:
            assert program.read_line(30) is None
        assert len(program.stderr_text) == 64 * 1024
        assert program.stderr_text.endswith("xend\n")

    def test_files_are_written_below_the_folder_and_read_back_to_a_limit(
        self, host: LocalHost, tmp_path: Path
    ) -> None:
        folder = str(tmp_path / "new")
        host.write_files(folder, {"a/b.bin": bytes(range(256)), "c": b"first"})
        host.write_files(folder, {"c": b"second"})
        assert host.read_file(f"{folder}/a/b.bin", 1000) == bytes(range(256))
        assert host.read_file(f"{folder}/c", 3) == b"sec"
        assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["a", "c"]

    @pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", ""])
    def test_a_path_outside_the_folder_is_refused(self, host: LocalHost, tmp_path: Path, name: str) -> None:
        with pytest.raises(ValueError, match="not a path below"):
            host.write_files(str(tmp_path), {name: b""})

    def test_a_missing_file_is_a_failed_command(self, host: LocalHost) -> None:
        with pytest.raises(CommandFailed, match="No such file"):
            host.read_file("/no/such/file", 10)

    def test_a_missing_program_is_said_in_words(self, host: LocalHost) -> None:
        with pytest.raises(HostError, match="no-such-program cannot be started"):
            host.start(["no-such-program"])

    def test_the_probe_sees_this_machine(self, host: LocalHost) -> None:
        state = probe(host, ["no-such-package"])
        assert state.release == os.uname().release
        assert state.uid == 0
        assert state.missing == ("no-such-package",)


def test_a_machine_with_everything_can_be_the_local_host() -> None:
    assert unfit(ABLE) == []


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ({"kprobes": False}, "a kernel with kprobes"),
        ({"btf": False}, "a kernel with BTF"),
        ({"headers": False}, "headers of the kernel 6.12.1"),
        ({"bcc": False}, "BCC for Python (python3-bpfcc)"),
        ({"clang": False}, "the compiler clang"),
        ({"docker": False}, "a running Docker"),
    ],
)
def test_what_the_local_machine_lacks_is_named(lacking: dict[str, bool], words: str) -> None:
    assert unfit(dataclasses.replace(ABLE, **lacking)) == [words]  # type: ignore[arg-type]
