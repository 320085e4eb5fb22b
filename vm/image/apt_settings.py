"""The user's own apt settings, handed on to the build: mirrors, proxies, certificates."""

from __future__ import annotations

import subprocess
from pathlib import Path

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
HANDED_ON = ("Acquire::http", "Acquire::https", "Acquire::Retries", "Acquire::ForceIPv")


def source_lines(suite: str) -> list[str]:
    """`deb ...` lines for `suite` from the mirrors this machine uses; empty when it uses none of Debian's."""
    return lines_for(suite, _output(_TARGETS), KEYRING if KEYRING.exists() else None)


_TARGETS = (
    *("apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL)"),
    "Created-By: Packages",
)


def lines_for(suite: str, targets: str, keyring: Path | None) -> list[str]:
    """The same from the text of `apt-get indextargets`: lines of address, origin and label."""
    mirrors: dict[str, str] = {}
    for words in map(str.split, targets.splitlines()):
        if len(words) == 3 and words[1] == "Debian":
            mirrors.setdefault(words[2], words[0])
    if "Debian" not in mirrors:
        return []
    signed = f"[signed-by={keyring}] " if keyring else ""
    lines = [f"deb {signed}{mirrors['Debian']} {name} main" for name in (suite, f"{suite}-updates")]
    if "Debian-Security" in mirrors:
        lines.append(f"deb {signed}{mirrors['Debian-Security']} {suite}-security main")
    return lines


def transport_options() -> str:
    """The part of this machine's apt configuration that says how to fetch, as a configuration file."""
    lines = _output(("apt-config", "dump")).splitlines()
    return "".join(f"{line}\n" for line in lines if line.startswith(HANDED_ON))


def _output(argv: tuple[str, ...]) -> str:
    try:
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""  # no apt here: mmdebstrap's own defaults are left to decide
