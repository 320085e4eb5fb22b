"""A bundle as a file: a plain tar archive whose first members list all others with their digests.

`bin/lab` reads it before any package is installed: the standard library alone, and nothing else of ours.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from vocabulary.errors import Unavailable, Unusable

SCHEMA = 1
MANIFEST, MANIFEST_DIGEST = "manifest.json", "manifest.sha256"
CHECKOUT_FOLDER = "ebpf-lab"
"""Top folder of the checkout in the archive: `tar -xf FILE ebpf-lab` gives a checkout to work in."""
WHEELS, CACHED, IMAGE, MACHINE = "wheels/", "cache/", "image.tar.zst", "machine.tar.zst"
"""Other members: how their names begin, or whole names. After `cache/`: a path below the user's cache."""
CHUNK = 1 << 20


class BundleError(Unavailable):
    """The bundle cannot be used."""


@dataclass(frozen=True)
class Member:
    """One file in the archive."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class About:
    """What a bundle was made for."""

    lab: str
    """Version and commit, for a message."""
    fits: str
    """As `lab.bundle.version.fits` says it of a checkout."""
    system: str
    machine: str
    """As `platform.system()` and `platform.machine()` say it."""
    pythons: tuple[str, ...]
    """`3.11`, `3.12`: CPython versions whose packages are all in it."""
    machine_fit: str = ""
    """What the saved machine fits; empty where the bundle carries none."""
    machine_about: str = ""
    """The same for a message: `QEMU 7.2, emulated`."""


class Bundle:
    """An open bundle whose list of members is sound; each member is verified when it is taken out."""

    def __init__(self, path: Path, archive: tarfile.TarFile) -> None:
        """Raises BundleError when the file is damaged, cut off or no bundle of this kind."""
        self.path = path
        self._archive = archive
        self._entries = {entry.name: entry for entry in self._headers()}
        text = self._manifest()
        self.digest = hashlib.sha256(text).hexdigest()
        """Names the bundle: the digest of its list of members."""
        self.about, self.members = self._parsed(text)
        size = path.stat().st_size
        for name, member in self.members.items():
            entry = self._entries.get(name)
            if entry is None or entry.size != member.bytes or entry.offset_data + entry.size > size:
                raise self._cut_off()

    def named(self, beginning: str) -> list[Member]:
        """All members whose names begin so."""
        return [member for name, member in self.members.items() if name.startswith(beginning)]

    def take_out(self, member: Member, target: Path) -> None:
        """Write one member to `target`: complete and verified, or nothing at all. Raises BundleError."""
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        found = hashlib.sha256()
        try:
            source = self._archive.extractfile(self._entries[member.name])
            assert source is not None
            with part.open("wb") as file:
                while data := source.read(CHUNK):
                    found.update(data)
                    file.write(data)
            if found.hexdigest() != member.sha256:
                raise BundleError(f"{member.name} in {self.path} is damaged", self._copy_again())
            part.replace(target)
        except tarfile.TarError as error:
            raise self._cut_off() from error
        finally:
            part.unlink(missing_ok=True)

    def _headers(self) -> list[tarfile.TarInfo]:
        try:
            return self._archive.getmembers()
        except (tarfile.TarError, OSError, ValueError) as error:
            raise self._cut_off() from error

    def _manifest(self) -> bytes:
        texts = []
        for name in (MANIFEST, MANIFEST_DIGEST):
            entry = self._entries.get(name)
            source = self._archive.extractfile(entry) if entry is not None else None
            if source is None:
                raise _no_bundle(self.path)
            texts.append(source.read())
        if hashlib.sha256(texts[0]).hexdigest() != texts[1].decode(errors="replace").strip():
            raise BundleError(f"the list of members in {self.path} is damaged", self._copy_again())
        return texts[0]

    def _parsed(self, text: bytes) -> tuple[About, dict[str, Member]]:
        try:
            document = json.loads(text)
            if document["schema"] != SCHEMA:
                raise BundleError(
                    f"{self.path} was made by another version of the lab, whose bundles are made otherwise",
                    use_its_own_checkout(self.path),
                )
            about = dict(document["about"])
            about["pythons"] = tuple(about["pythons"])
            members = [Member(**one) for one in document["members"]]
            if any(not _stays_below(member.name) for member in members):
                raise ValueError("a member with a path that leads elsewhere")
            return About(**about), {member.name: member for member in members}
        except (ValueError, KeyError, TypeError) as error:
            raise _no_bundle(self.path) from error

    def _cut_off(self) -> BundleError:
        return BundleError(f"{self.path} is damaged or was cut off while it was copied", self._copy_again())

    def _copy_again(self) -> str:
        return f"sha256sum {self.path}   # compare with the instructor's, and copy the file again"


def use_its_own_checkout(path: Path) -> str:
    """A command that works with any whole bundle: it brings the checkout it fits."""
    return f"tar -xf {path} {CHECKOUT_FOLDER} && {CHECKOUT_FOLDER}/bin/lab --bundle {path} up"


def _stays_below(name: str) -> bool:
    """Whether a member's name leads below the folder it is written to."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _no_bundle(path: Path) -> BundleError:
    return BundleError(f"{path} is no bundle of the lab", f"ls -l {path}")


@contextlib.contextmanager
def open_bundle(path: Path) -> Iterator[Bundle]:
    """Raises BundleError for what is no sound bundle."""
    try:
        archive = tarfile.TarFile(path)
    except tarfile.TarError as error:
        raise _no_bundle(path) from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise BundleError(f"{path} cannot be read: {why}", f"ls -l {path}") from error
    with contextlib.closing(archive):
        yield Bundle(path, archive)


def write_bundle(path: Path, about: About, files: Sequence[tuple[str, Path]]) -> None:
    """Write the archive of `files` (member name, where its content is); complete or not there."""
    members = [Member(name, source.stat().st_size, sha256_of(source)) for name, source in files]
    document = {"schema": SCHEMA, "about": asdict(about), "members": [asdict(one) for one in members]}
    text = (json.dumps(document, indent=1) + "\n").encode()
    part = path.with_name(f".{path.name}.part")
    try:
        with tarfile.open(part, "w", format=tarfile.PAX_FORMAT) as archive:
            digest = f"{hashlib.sha256(text).hexdigest()}\n".encode()
            for name, content in {MANIFEST: text, MANIFEST_DIGEST: digest}.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
            for name, source in files:
                archive.add(source, name, recursive=False, filter=_without_owner)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _without_owner(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    # Who made the bundle is nobody's business; what may run stays so.
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o755 if entry.mode & 0o100 else 0o644
    return entry


def sha256_of(path: Path) -> str:
    """Of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def split_words(words: Sequence[str], environment: Mapping[str, str]) -> tuple[list[str], str]:
    """The words without `--bundle FILE` before the verb, and that FILE (else `LAB_BUNDLE`, else '').

    Raises BundleError when the option stands there without a file.
    """
    rest, file = list(words), environment.get("LAB_BUNDLE", "")
    while rest and (rest[0] == "--bundle" or rest[0].startswith("--bundle=")):
        option = rest.pop(0)
        if option == "--bundle" and not rest:
            raise Unusable("--bundle needs a file", "bin/lab --bundle FILE up")
        file = option.partition("=")[2] if "=" in option else rest.pop(0)
    return rest, file
