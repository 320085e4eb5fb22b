"""A bundle as a file: whole and fitting, or refused with a message; its parts unpacked once and verified."""

from __future__ import annotations

import platform
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from lab import checkout, cli, system_packages
from lab.bundle import version
from lab.bundle.archive import About, Bundle, BundleError, open_bundle, sha256_of, split_words, write_bundle
from lab.bundle.unpack import unpack
from lab.bundle.version import fits, require_fit
from tests.vm_host.test_image import small_image
from vm.folders import Folders
from vm.image.store import chosen_image
from vm.image.transfer import export_image
from vocabulary.errors import Unavailable, Unusable
from vocabulary.exit_codes import UNAVAILABLE

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
ABOUT = About(
    lab="0.1.0, commit abc",
    fits=fits(checkout.ROOT),
    system=platform.system(),
    machine=platform.machine(),
    pythons=(HERE,),
)
CONTENT = {"wheels/a.whl": b"a" * 5000, "cache/roots/r.tar.gz": b"r" * 70_000, "ebpf-lab/bin/lab": b"#!"}


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("CACHE", "DATA", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.delenv("LAB_BUNDLE", raising=False)


def written(path: Path, about: About = ABOUT, extra: dict[str, Path] | None = None) -> Path:
    """A bundle of small files."""
    files = dict(extra or {})
    for number, (name, content) in enumerate(CONTENT.items()):
        source = path.with_name(f"source{number}")
        source.write_bytes(content)
        files[name] = source
    write_bundle(path, about, list(files.items()))
    return path


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return written(tmp_path / "lab.bundle")


def place_of(bundle: Path, name: str) -> int:
    """Where the content of a member begins in the file."""
    with tarfile.open(bundle) as archive:
        return archive.getmember(name).offset_data


def flip(path: Path, at: int) -> None:
    """Damage one byte."""
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))


def test_what_was_put_in_comes_out(bundle: Path, tmp_path: Path) -> None:
    with open_bundle(bundle) as opened:
        assert opened.about == ABOUT
        for name, member in opened.members.items():
            opened.take_out(member, tmp_path / "out" / name)
            assert (tmp_path / "out" / name).read_bytes() == CONTENT[name]


def test_the_checkout_in_it_is_got_with_tar_alone(bundle: Path, tmp_path: Path) -> None:
    subprocess.run(["tar", "-xf", str(bundle), "ebpf-lab"], cwd=tmp_path, check=True)
    assert (tmp_path / "ebpf-lab" / "bin" / "lab").read_bytes() == b"#!"


def test_a_damaged_member_is_named_and_nothing_of_it_is_left(bundle: Path, tmp_path: Path) -> None:
    flip(bundle, place_of(bundle, "wheels/a.whl") + 2500)
    damaged = pytest.raises(BundleError, match=r"wheels/a\.whl .* is damaged")
    with open_bundle(bundle) as opened, damaged as caught:
        opened.take_out(opened.members["wheels/a.whl"], tmp_path / "out" / "a.whl")
    assert caught.value.hint.startswith("sha256sum ")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_damaged_list_of_members_is_refused(bundle: Path) -> None:
    flip(bundle, place_of(bundle, "manifest.json") + 100)
    with pytest.raises(BundleError, match="list of members"), open_bundle(bundle):
        pass


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.97])
def test_a_bundle_that_was_cut_off_is_refused_before_anything_is_used(bundle: Path, kept: float) -> None:
    end = place_of(bundle, "ebpf-lab/bin/lab") + 1
    data = bundle.read_bytes()[: int(end * kept)]
    bundle.write_bytes(data)
    with pytest.raises(BundleError, match="cut off"), open_bundle(bundle):
        pass


@pytest.mark.parametrize("content", [b"", b"no tar at all", b"x" * 20_000], ids=["empty", "text", "long"])
def test_another_file_is_no_bundle(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(BundleError, match="no bundle of the lab"), open_bundle(path):
        pass


def test_a_tar_without_our_list_is_no_bundle(tmp_path: Path) -> None:
    path = tmp_path / "other.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(__file__, "something")
    with pytest.raises(BundleError, match="no bundle of the lab"), open_bundle(path):
        pass


def test_a_member_may_not_leave_the_folder_it_is_meant_for(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x")
    path = written(tmp_path / "evil.bundle", extra={"cache/../../.bashrc": tmp_path / "x"})
    with pytest.raises(BundleError, match="no bundle of the lab"), open_bundle(path):
        pass


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="No such file"), open_bundle(tmp_path / "gone"):
        pass


@pytest.mark.parametrize(
    ("about", "said"),
    [
        (replace(ABOUT, fits="other"), "another version of the lab .0.1.0, commit abc."),
        (replace(ABOUT, machine="riscv64"), "is for .* on riscv64"),
    ],
    ids=["version", "machine"],
)
def test_a_bundle_for_something_else_is_refused(tmp_path: Path, about: About, said: str) -> None:
    path = written(tmp_path / "foreign.bundle", about)
    with open_bundle(path) as opened, pytest.raises(BundleError, match=said) as caught:
        require_fit(opened, checkout.ROOT)
    assert "lab" in caught.value.hint


def test_a_changed_exercise_leaves_a_bundle_fitting_and_a_changed_package_list_does_not(
    tmp_path: Path,
) -> None:
    decides = [
        next(path for path in checkout.ROOT.glob(pattern) if path.is_file()).relative_to(checkout.ROOT)
        for pattern in version.DECIDES
    ]
    for name in (*decides, Path("exercises/x"), Path("vm/image/build.py")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    before = fits(tmp_path)
    for other in ("exercises/x", "vm/image/build.py"):
        (tmp_path / other).write_text("2")
        assert fits(tmp_path) == before
    for path in decides:
        (tmp_path / path).write_text("2")
        assert fits(tmp_path) != before
        (tmp_path / path).write_text("1")


@pytest.mark.parametrize(
    ("words", "environment", "rest", "file"),
    [
        (["--bundle", "F", "check", "2"], {}, ["check", "2"], "F"),
        (["--bundle=F", "check", "2"], {"LAB_BUNDLE": "G"}, ["check", "2"], "F"),
        (["check", "--bundle", "F"], {}, ["check", "--bundle", "F"], ""),
        (["check"], {"LAB_BUNDLE": "G"}, ["check"], "G"),
    ],
)
def test_the_option_stands_before_the_verb(
    words: list[str], environment: dict[str, str], rest: list[str], file: str
) -> None:
    assert split_words(words, environment) == (rest, file)


def test_the_option_without_a_file_is_wrong_usage() -> None:
    with pytest.raises(Unusable, match="needs a file"):
        split_words(["--bundle"], {})


@pytest.fixture
def with_image(tmp_path: Path) -> Path:
    """A bundle with an image, as an instructor's export makes it."""
    file = tmp_path / "image.tar.zst"
    export_image(small_image(tmp_path / "one"), file, lambda _line: None)
    return written(tmp_path / "image.bundle", extra={"image.tar.zst": file})


def test_everything_is_put_in_its_place_once(with_image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    unpack(with_image, said.append)
    cache = Folders.of_user().cache
    assert (cache / "roots/r.tar.gz").read_bytes() == CONTENT["cache/roots/r.tar.gz"]
    image = chosen_image(cache / "images")
    assert image is not None
    assert image.kernel_release == "6.12-test"
    assert not (cache / "bundle").exists()
    assert said

    def never(*_: object) -> None:
        raise AssertionError("taken out again")

    monkeypatch.setattr(Bundle, "take_out", never)
    unpack(with_image, lambda _line: None)


def test_a_damaged_image_leaves_no_image_and_the_whole_bundle_works_afterwards(with_image: Path) -> None:
    whole = with_image.read_bytes()
    flip(with_image, place_of(with_image, "image.tar.zst") + 50)
    with pytest.raises(BundleError, match="damaged"):
        unpack(with_image, lambda _line: None)
    cache = Folders.of_user().cache
    assert chosen_image(cache / "images") is None
    assert not (cache / "bundle").exists()
    with_image.write_bytes(whole)
    unpack(with_image, lambda _line: None)
    assert chosen_image(cache / "images") is not None


def test_what_the_system_must_bring_is_named_at_once(
    with_image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No program but apt's; search_path would add the system's own folders.
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "apt-get").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(system_packages, "search_path", lambda: str(tmp_path / "bin"))
    with pytest.raises(Unavailable, match="qemu-system-x86_64, qemu-img, zstd") as caught:
        unpack(with_image, lambda _line: None)
    assert caught.value.hint.endswith("--no-install-recommends qemu-system-x86 qemu-utils zstd")


def test_a_verb_with_a_bad_bundle_ends_with_two_lines(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle.write_bytes(b"")
    assert cli.run(["--bundle", str(bundle), "list"]) == UNAVAILABLE
    shown = capsys.readouterr()
    assert shown.out == ""
    assert [line.partition(":")[0] for line in shown.err.splitlines()] == ["lab", "hint"]


def test_a_bundle_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_bundle(tmp_path / "new.bundle", ABOUT, [("wheels/a.whl", tmp_path / "gone")])
    assert list(tmp_path.iterdir()) == []


def test_the_digest_is_that_of_sha256sum(bundle: Path) -> None:
    said = subprocess.run(["sha256sum", str(bundle)], capture_output=True, text=True, check=True).stdout
    assert said.split()[0] == sha256_of(bundle)
