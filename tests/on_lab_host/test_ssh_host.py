"""A plain Debian 13 becomes a lab host over ssh, is used as one, and is given back as it was.

Ten minutes where everything is emulated, so it has a mark of its own: `pytest -m ssh_host`.
"""

from __future__ import annotations

import contextlib
import threading
import urllib.request
from collections.abc import Iterator

import pytest

from tests.on_lab_host.plain_debian import NAME, PlainDebian, plain_debian
from vm.command import CommandTimedOut
from vm.docker_engine import docker_client
from vm.errors import HostError, HostSetupError
from vm.folders import Folders
from vm.host_probe import probe
from vm.provision import is_ready, provision
from vm.provision_record import read_record
from vm.ssh_host import SshAddress, SshHost, open_ssh_host
from vm.unprovision import undo, undo_plan

pytestmark = pytest.mark.ssh_host

SPEC = f"ssh://{NAME}"


@pytest.fixture(scope="module")
def machine() -> Iterator[PlainDebian]:
    with (
        plain_debian(Folders.of_user().cache, lambda _line: None) as running,
        pytest.MonkeyPatch.context() as to,
    ):
        # The machine is reached as a user's own would be: through the ssh config and known hosts of a home.
        to.setenv("HOME", str(running.home))
        yield running


@pytest.fixture(scope="module")
def host(machine: PlainDebian) -> Iterator[SshHost]:
    with SshHost(SshAddress.parse(SPEC)) as opened:
        yield opened


def test_a_plain_machine_becomes_a_lab_host_and_the_second_time_is_only_asked(host: SshHost) -> None:
    assert not is_ready(probe(host))
    told: list[str] = []
    assert is_ready(provision(host, told.append))
    assert any(line.startswith("installing ") for line in told)
    told.clear()
    provision(host, told.append)
    assert told == []


def test_a_command_over_ssh_is_ended_at_its_limit_on_the_host_too(host: SshHost) -> None:
    with pytest.raises(CommandTimedOut):
        host.run(["sleep", "98765"], timeout_s=1)
    assert host.run(["pgrep", "-f", "^sleep 98765"], check=False).exit_code == 1


def test_files_lines_and_large_output_go_over_one_connection(host: SshHost) -> None:
    content = bytes(range(256)) * 4096
    host.write_files("/tmp/written", {"a/b": content})
    assert host.read_file("/tmp/written/a/b", len(content)) == content
    assert len(host.run(["base64", "-w0", "/tmp/written/a/b"]).stdout) == 4 * ((len(content) + 2) // 3)
    with host.start(["cat"]) as program:
        program.send_line("there and back")
        assert program.read_line(60) == "there and back"


def test_the_forward_reaches_a_server_on_the_hosts_loopback(host: SshHost) -> None:
    host.write_files("/tmp/served", {"page": b"from the host"})
    script = (
        "import functools, http.server as s; "
        "h = functools.partial(s.SimpleHTTPRequestHandler, directory='/tmp/served'); "
        "server = s.ThreadingHTTPServer(('127.0.0.1', 0), h); print(server.server_port, flush=True); "
        "import threading; threading.Thread(target=server.serve_forever, daemon=True).start(); input()"
    )
    with host.start(["python3", "-c", script]) as server:
        port = int(server.read_line(60) or 0)
        address, near = host.forward(port)
        with urllib.request.urlopen(f"http://{address}:{near}/page", timeout=60) as answer:
            assert answer.read() == b"from the host"
        server.send_line("end")


def test_the_docker_sdk_works_from_several_threads_over_the_connection(host: SshHost) -> None:
    versions: list[str] = []
    with contextlib.closing(docker_client(host)) as client:
        threads = [
            threading.Thread(target=lambda: versions.append(client.version()["Version"])) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(versions) == 4
    assert len(set(versions)) == 1


def test_a_second_command_is_told_who_holds_the_host(host: SshHost) -> None:
    with open_ssh_host(SPEC, "check 4", lambda _line: None), pytest.raises(HostError, match="lab check 4"):
        open_ssh_host(SPEC, "run 4", lambda _line: None).__enter__()


def test_a_login_that_cannot_become_root_is_told_so(machine: PlainDebian, host: SshHost) -> None:
    host.run(
        ["sh", "-c", "useradd -m plain && cp -r /root/.ssh /home/plain/ && chown -R plain /home/plain/.ssh"]
    )
    with pytest.raises(HostSetupError, match="plain is not root"):
        SshHost(SshAddress.parse(f"ssh://plain@{NAME}")).__enter__()


def test_what_was_installed_is_taken_away_again(host: SshHost) -> None:
    assert any("packages" in line for line in undo_plan(host))
    undo(host, lambda _line: None)
    state = probe(host)
    assert (state.docker, state.bcc, state.recorder_user, state.bpf_stats) == (False, False, False, 0)
    assert read_record(host).packages == ()
    assert undo_plan(host) == []
