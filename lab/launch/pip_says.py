"""What kept pip from installing, told from what it wrote, and what helps then."""

from __future__ import annotations

import platform
import re
import shlex
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lab.launch.places import look_at_disk
from lab.launch.pythons import this
from lab.launch.trouble import CannotStart, again

CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")
"""Variables that say whom pip trusts; the first that is set decides."""
OF_SYSTEM = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
"""Where distributions collect the certificates they trust, a company's among them once it is installed."""


class NoPackage(CannotStart):
    """A package that this Python cannot have; another one may."""


@dataclass(frozen=True)
class Failed:
    """A failed installation: what pip wrote, and the circumstances that decide what helps."""

    text: str
    words: Sequence[str]
    """What the person typed after `bin/lab`."""
    environ: Mapping[str, str]
    log: Path
    """Where the text can be read again."""
    for_developing: bool = False
    bundled: bool = False

    def found(self, pattern: str) -> str:
        """The last group of the last place where the pattern fits; empty when it fits nowhere."""
        places = list(re.finditer(pattern, self.text))
        return (places[-1][places[-1].lastindex or 0] or "") if places else ""

    @property
    def host(self) -> str:
        """The host that pip asked last."""
        url = self.found(r"(?:Getting page|Downloading link|Could not fetch URL) (\w+://[^\s:]+\S*)")
        return self.found(r"host='([^']+)'") or urlsplit(url).hostname or "the package index"

    @property
    def bundle_helps(self) -> bool:
        """A bundle is for attendees, on Linux on x86-64."""
        return not self.for_developing and (platform.system(), platform.machine()) == ("Linux", "x86_64")

    @property
    def with_bundle(self) -> str:
        return again(["--bundle", "FILE", *self.words])

    def without(self, *names: str) -> str:
        """The same command, without these variables."""
        unset = [word for name in names for word in ("-u", name)]
        return f"{shlex.join(['env', *unset])} {again(self.words)}"


def explain(failed: Failed) -> CannotStart:
    """The first kind that fits; else pip's own errors and where the rest is."""
    return next((said for kind in KINDS if (said := kind(failed)) is not None), None) or unknown(failed)


def disk_full(failed: Failed) -> CannotStart | None:
    if not failed.found(r"No space left on device|Disk quota exceeded"):
        return None
    return CannotStart("the disk is full", look_at_disk(failed.log.parent, Path(tempfile.gettempdir())))


def certificates_missing(failed: Failed) -> CannotStart | None:
    path = failed.found(r"Could not find a suitable TLS CA certificate bundle, invalid path: (.+)").strip()
    if not path:
        return None
    names = [name for name in CERTIFICATES if failed.environ.get(name) == path]
    if not names:
        return CannotStart(f"pip is told to trust the certificates in {path}, which is not there", CONFIGURED)
    return CannotStart(
        f"{names[0]} names a file with certificates, {path}, which is not there", failed.without(*names)
    )


def not_trusted(failed: Failed) -> CannotStart | None:
    why = failed.found(r"certificate verify failed: ([^(\n]+)").strip()
    if not why:
        return None
    shown = f"the certificate that {failed.host} shows is not trusted ({why})"
    if "not yet valid" in why or "expired" in why:
        return CannotStart(f"{shown}; is this machine's clock right?", "date")
    name = next((name for name in CERTIFICATES if failed.environ.get(name)), "")
    shown += "; in a company's network it is often the company's own"
    if name:
        shown += f". {name}={failed.environ[name]} says whom to trust"
    system = next((path for path in OF_SYSTEM if Path(path).exists()), "")
    if name or not system:
        return CannotStart(
            shown, f"export {name or 'PIP_CERT'}=FILE   # FILE: the network's own certificate, as .pem"
        )
    return CannotStart(
        shown,
        f"export PIP_CERT={system}   # or the file with the certificate; or: pip config set global.cert FILE",
    )


def proxy(failed: Failed) -> CannotStart | None:
    socks = failed.found(r"Missing dependencies for SOCKS support")
    why = failed.found(r"(?:ProxyError\(|proxy connection error: )(.+)") or socks
    if not why:
        return None
    scheme = urlsplit(failed.found(r"Getting page (\S+)")).scheme or "https"
    wanted = ("PIP_PROXY", f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY")
    names = [name for name in wanted if failed.environ.get(name)]
    if not names:
        return CannotStart(f"the proxy in pip's settings does not work: {reason(why)}", CONFIGURED)
    name, value = names[0], failed.environ[names[0]]
    address = urlsplit(value if "//" in value else f"//{value}")
    where = f"{address.scheme or 'http'}://{address.hostname}" + (f":{address.port}" if address.port else "")
    if socks:
        return CannotStart(
            f"{name}={where} is a SOCKS proxy, which pip cannot use", f"export {name}=http://HOST:PORT"
        )
    if "407" in why:
        return CannotStart(
            f"the proxy in {name}, {where}, wants a name and a password",
            f"export {name}=http://NAME:PASSWORD@{address.netloc.rpartition('@')[2]}",
        )
    either = f"; or, without any network, {failed.with_bundle}" if failed.bundle_helps else ""
    return CannotStart(
        f"the proxy in {name}, {where}, cannot be used: {reason(why)}",
        f"{failed.without(*names)}   # without it{either}",
    )


def refused(failed: Failed) -> CannotStart | None:
    # An index that lacks a package answers 404, and another may have it.
    status = failed.found(r"Could not fetch URL .+?: ((?!404)[45]\d\d .+?) for url")
    if not status or not failed.found("No matching distribution"):
        return None
    if status.startswith("401"):
        hint = f"export PIP_INDEX_URL=https://NAME:PASSWORD@{failed.host}/PATH"
        return CannotStart(f"the package index {failed.host} wants a name and a password", hint)
    hint = f"{again(failed.words)}   # again, later" if status.startswith("5") else CONFIGURED
    return CannotStart(f"the package index {failed.host} answers: {status}", hint)


def unreachable(failed: Failed) -> CannotStart | None:
    why = failed.found(r"((?:connection broken by|Caused by|ReadTimeoutError|ConnectTimeoutError).+)")
    if not why:
        return None
    shown = f"pip cannot reach {failed.host}: {reason(why)}"
    if not failed.bundle_helps:
        return CannotStart(shown, f"{again(failed.words)}   # again, when there is a network")
    return CannotStart(
        f"{shown}. Without a network the lab comes from a bundle, one file that an instructor makes",
        failed.with_bundle,
    )


def no_package(failed: Failed) -> CannotStart | None:
    package = failed.found(r"No matching distribution found for ([\w.-]+)")
    unfit = r"none of the wheel's tags|No sources permitted|[Rr]equires a different [Pp]ython"
    if not package or not failed.found(unfit):
        return None
    return NoPackage(
        f"there is no {package} yet for Python {this()} on this kind of machine",
        f"PIP_ONLY_BINARY=:none: {again(failed.words)}   # compiles it; or install an older Python",
    )


def unknown(failed: Failed) -> CannotStart:
    said = list(dict.fromkeys(errors(failed.text)))
    last = f": {said[-1]}" if said else ""
    return CannotStart(f"pip could not install the lab's Python packages{last}", f"less {failed.log}")


def errors(text: str) -> Iterator[str]:
    """pip's own lines that begin with ERROR."""
    for line in text.splitlines():
        if found := re.match(r"(?:\S+ )?ERROR: (.+)", line):
            yield found[1]


def reason(text: str) -> str:
    """The few words that matter in what pip says about a connection."""
    for pattern in (
        r"Tunnel connection failed: ([^')\"]+)",
        r"\[Errno -?\d+\] ([^'\")\]]+)",
        r"certificate verify failed: ([^('\"\n]+)",
        r"(?i)(timed out)",
    ):
        if found := re.search(pattern, text):
            return found[1].strip()
    return "no answer"


CONFIGURED = "python3 -m pip config list   # what pip is told, and in which file"
KINDS: tuple[Callable[[Failed], CannotStart | None], ...] = (
    disk_full,
    certificates_missing,
    not_trusted,
    proxy,
    refused,
    unreachable,
    no_package,
)
"""The likeliest reason first: what cannot be reached also has no package."""
