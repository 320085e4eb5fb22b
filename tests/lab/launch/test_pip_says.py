"""What the launcher says when pip fails. What pip wrote is what pip 23.2 and 26.3 really wrote, shortened."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from lab.launch import packages, pip_says
from lab.launch.pip_says import Failed, NoPackage, explain

ASKED = "2026-11-27T15:32:12,935 Getting page https://packages.test/simple/typer/\n"
BROKEN = "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by '{}': /simple/typer/\n"
NOT_CONNECTED = (
    "NewConnectionError('<HTTPSConnection at 0x7f>: Failed to establish a new connection: [Errno {}')"
)
NOTHING_FOUND = (
    "2026-11-27T15:32:12,948 ERROR: Could not find a version that satisfies the requirement typer (from "
    "versions: none)\n2026-11-27T15:32:12,949 ERROR: No matching distribution found for typer\n"
)
NO_NAMES = BROKEN.format(NOT_CONNECTED.format("-3] Temporary failure in name resolution"))
VANISHED = BROKEN.format(
    "ConnectTimeoutError(<HTTPSConnection>, 'Connection to packages.test timed out. (connect timeout=15)')"
)
NO_PROXY = BROKEN.format(
    f"ProxyError('Cannot connect to proxy.', {NOT_CONNECTED.format('111] Connection refused')})"
)
NO_PROXY_26 = BROKEN.format(
    "NewConnectionError(\"HTTPSConnection(host='10.0.0.1', port=3128): Failed to establish a new "
    'connection: [Errno 111] Connection refused")'
) + (
    "2026-11-27T16:12:56 Could not fetch URL https://packages.test/simple/typer/: proxy connection error: "
    "('Unable to connect to proxy', NewConnectionError(\"HTTPSConnection(host='10.0.0.1', port=3128): Failed "
    'to establish a new connection: [Errno 111] Connection refused")) - skipping\n'
)
NO_NAMES_26 = BROKEN.format(
    "NameResolutionError(\"HTTPSConnection(host='packages.test', port=443): Failed to resolve 'packages.test'"
    ' ([Errno -3] Temporary failure in name resolution)")'
)
NO_PASSWORD = BROKEN.format(
    "ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407 Proxy Authentication "
    "Required'))"
)
NOT_TRUSTED = BROKEN.format(
    "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {} "
    "(_ssl.c:1006)'))"
)
NO_FILE = (
    "ERROR: Could not install packages due to an OSError: Could not find a suitable TLS CA certificate "
    "bundle, invalid path: /gone.pem\n"
)
ANSWERED = (
    "Could not fetch URL https://packages.test/simple/typer/: {} for url: https://packages.test/simple/typer/"
    " - skipping\n"
)
UNFIT = (
    "  Skipping link: none of the wheel's tags (cp399-cp399-manylinux2014_x86_64) are compatible (run pip "
    "debug --verbose to show compatible tags): typer-1.whl\n"
)
FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n"
SOCKS = "ERROR: Could not install packages due to an OSError: Missing dependencies for SOCKS support.\n"


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that bundles are made for, whose system keeps no list of certificates."""
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(pip_says, "OF_SYSTEM", ())


def failed(text: str, words: str = "check 4", **variables: str) -> Failed:
    for_developing = words.startswith("dev")
    return Failed(ASKED + text + NOTHING_FOUND, words.split(), variables, Path("/c/x.log"), for_developing)


@pytest.mark.parametrize(
    ("case", "said", "hint"),
    [
        (
            failed(NO_NAMES),
            "pip cannot reach packages.test: Temporary failure in name resolution",
            "bin/lab --bundle FILE check 4",
        ),
        (failed(NO_NAMES, "dev test"), "pip cannot reach packages.test", "bin/lab dev test   # again"),
        (failed(VANISHED), "pip cannot reach packages.test: timed out", "bin/lab --bundle FILE check 4"),
        (
            failed(NO_PROXY, HTTPS_PROXY="http://me:secret@10.0.0.1:3128"),
            "the proxy in HTTPS_PROXY, http://10.0.0.1:3128, cannot be used: Connection refused",
            "env -u HTTPS_PROXY bin/lab check 4 ",
        ),
        (
            failed(NO_NAMES_26),
            "pip cannot reach packages.test: Temporary failure in name resolution",
            "bin/lab --bundle FILE check 4",
        ),
        (
            failed(NO_PROXY_26, HTTPS_PROXY="http://me:secret@10.0.0.1:3128"),
            "the proxy in HTTPS_PROXY, http://10.0.0.1:3128, cannot be used: Connection refused",
            "env -u HTTPS_PROXY bin/lab check 4 ",
        ),
        (
            failed(NO_PROXY, http_proxy="http://other", https_proxy="10.0.0.1:3128"),
            "the proxy in https_proxy, http://10.0.0.1:3128,",
            "env -u https_proxy bin/lab",
        ),
        (failed(NO_PROXY), "the proxy in pip's settings", "python3 -m pip config list"),
        (
            failed(NO_PASSWORD, HTTPS_PROXY="http://10.0.0.1:3128"),
            "wants a name and a password",
            "export HTTPS_PROXY=http://NAME:PASSWORD@10.0.0.1:3128",
        ),
        (failed(SOCKS, ALL_PROXY="socks5://10.0.0.1:1"), "is a SOCKS proxy", "export ALL_PROXY=http://"),
        (
            failed(NOT_TRUSTED.format("unable to get local issuer certificate")),
            "the certificate that packages.test shows is not trusted (unable to get local issuer",
            "export PIP_CERT=FILE",
        ),
        (
            failed(NOT_TRUSTED.format("self-signed certificate"), CURL_CA_BUNDLE="/c.pem", PIP_CERT="/p.pem"),
            "CURL_CA_BUNDLE=/c.pem says whom to trust",
            "export CURL_CA_BUNDLE=FILE",
        ),
        (failed(NOT_TRUSTED.format("certificate is not yet valid")), "clock right?", "date"),
        (
            failed(NO_FILE, PIP_CERT="/gone.pem"),
            "PIP_CERT names a file with certificates, /gone.pem, which is not there",
            "env -u PIP_CERT bin/lab check 4",
        ),
        (
            failed(ANSWERED.format("401 Client Error: Unauthorized")),
            "the package index packages.test wants a name and a password",
            "export PIP_INDEX_URL=",
        ),
        (
            failed(ANSWERED.format("503 Server Error: Service Unavailable")),
            "answers: 503 Server Error: Service Unavailable",
            "bin/lab check 4   # again, later",
        ),
        (failed(FULL), "the disk is full", "df -h "),
        (failed(UNFIT), "there is no typer yet for Python", "PIP_ONLY_BINARY=:none: bin/lab check 4"),
        (
            failed(ANSWERED.format("404 Client Error: Not Found")),
            "pip could not install the lab's Python packages: No matching distribution found for typer",
            "less /c/x.log",
        ),
    ],
    ids=lambda value: "" if isinstance(value, Failed) else str(value)[:30],
)
def test_what_kept_pip_from_installing_is_said_with_what_helps(case: Failed, said: str, hint: str) -> None:
    told = explain(case)
    assert said in told.message
    assert told.hint.startswith(hint)
    assert "secret" not in told.message + told.hint


def test_where_the_system_keeps_certificates_they_are_the_first_to_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.crt").touch()
    monkeypatch.setattr(pip_says, "OF_SYSTEM", (str(tmp_path / "ca.crt"),))
    told = explain(failed(NOT_TRUSTED.format("unable to get local issuer certificate")))
    assert told.hint.startswith(f"export PIP_CERT={tmp_path}/ca.crt ")


def test_a_bundle_is_named_only_where_there_is_one_for_this_kind_of_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    told = explain(failed(NO_NAMES))
    assert "bundle" not in told.message + told.hint


def test_what_this_python_lacks_another_may_have() -> None:
    assert isinstance(explain(failed(UNFIT)), NoPackage)
    assert not isinstance(explain(failed(NO_NAMES + UNFIT)), NoPackage)


FAKE_PIP = """
import sys, time
print("Collecting grpcio<2,>=1.66")
print("  Downloading grpcio-1.85.3-cp311-cp311-manylinux2014_x86_64.whl (5.9 MB)", flush=True)
time.sleep(0.5)
print("WARNING: Retrying (Retry(total=1)) after connection broken by 'X([Errno 101] Network is unreachable)'")
print("WARNING: Retrying (Retry(total=0)) after connection broken by 'X([Errno 101] Network is unreachable)'")
sys.exit(3)
"""


def test_a_long_installation_says_what_it_is_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "QUIET_S", 0.1)
    told: list[str] = []
    ended, printed = packages.followed([sys.executable, "-c", FAKE_PIP], {}, told.append)
    assert ended == 3
    assert printed.count("\n") == 4
    assert "still downloading grpcio (5.9 MB)" in told
    tries = [line for line in told if "tries again" in line]
    assert tries == ["pip cannot reach the Python packages, and tries again (Network is unreachable)"]


def test_the_user_decides_how_often_pip_tries_and_a_bundle_asks_nobody() -> None:
    assert packages.pip_environment({}, bundled=False)["PIP_RETRIES"] == "2"
    assert packages.pip_environment({"PIP_RETRIES": "9"}, bundled=False)["PIP_RETRIES"] == "9"
    assert (
        packages.pip_environment({"PIP_CONFIG_FILE": "/mine"}, bundled=True)["PIP_CONFIG_FILE"] == "/dev/null"
    )
