"""The user's own apt settings (mirror, proxy, certificates) for a root of another Debian release."""

from __future__ import annotations

import re
import shutil
import subprocess

ARCHIVE_LABEL = "Debian"
"""What the main archive calls itself in its Release file; updates and security have other labels or suites."""


def mirror() -> str | None:
    """The Debian archive this machine is set up to use, None where it is set up for none.

    None also where apt is missing: mmdebstrap then takes its own default.
    """
    if shutil.which("apt-get") is None:
        return None
    done = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(LABEL)|$(REPO_URI)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return parse_mirror(done.stdout)


def parse_mirror(listing: str) -> str | None:
    """First archive in `label|uri` lines that carries Debian's main label."""
    for line in listing.splitlines():
        label, _, uri = line.partition("|")
        if label == ARCHIVE_LABEL and uri:
            return uri
    return None


def options() -> list[str]:
    """apt.conf lines for proxies and certificates, as `mmdebstrap --aptopt` takes them."""
    if shutil.which("apt-config") is None:
        return []
    done = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False)
    return parse_options(done.stdout)


def parse_options(dump: str) -> list[str]:
    """The lines of `apt-config dump` that say how to reach a server."""
    wanted = re.compile(
        r'Acquire::https?::(\S+::)?(Proxy|CaInfo|CaPath|SslCert|SslKey|Verify-\w+|Timeout)(::\S*)? ".+";', re.I
    )
    return [line.strip() for line in dump.splitlines() if wanted.fullmatch(line.strip())]
