"""What an image is made of, and how it is kept."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
import stat
from pathlib import Path

import pytest

from tests.vm.image.small_image import small_image
from vm.errors import HostSetupError
from vm.image.apt_settings import lines_for
from vm.image.choice import current_image
from vm.image.cpio import Entry, archive
from vm.image.initrd import MODULES, initrd_with_keys, make_initrd
from vm.image.recipe import Recipe, image_packages, recipe
from vm.image.store import choose, chosen_image, load_image
from vm.image.transfer import export_image, import_image
from vm.installation_keys import InstallationKeys, installation_keys


def unpacked(data: bytes) -> dict[str, tuple[int, bytes]]:
    """Path -> (mode, content) of a newc archive: the kernel's side of the format."""
    found: dict[str, tuple[int, bytes]] = {}
    at = 0
    while True:
        assert data[at : at + 6] == b"070701"
        fields = [int(data[at + 6 + 8 * i : at + 14 + 8 * i], 16) for i in range(13)]
        name = data[at + 110 : at + 110 + fields[11] - 1].decode()
        begin = at + (110 + fields[11] + 3) // 4 * 4
        if name == "TRAILER!!!":
            return found
        found[name] = (fields[1], data[begin : begin + fields[6]])
        at = begin + (fields[6] + 3) // 4 * 4


def ours() -> Recipe:
    return recipe("x86_64")


@pytest.fixture
def keys(tmp_path: Path) -> InstallationKeys:
    return installation_keys(tmp_path / "keys")


def test_an_archive_holds_files_and_every_parent_folder() -> None:
    found = unpacked(archive({"a/b/c": Entry(b"12345", 0o755), "d": Entry(b"")}))
    assert set(found) == {"a", "a/b", "a/b/c", "d"}
    assert found["a/b/c"] == (stat.S_IFREG | 0o755, b"12345")
    assert found["a"] == (stat.S_IFDIR | 0o755, b"")


def test_the_same_inputs_give_the_same_initrd() -> None:
    made = [make_initrd(b"busybox", b"init", {"x.ko": b"m"}) for _ in range(2)]
    assert made[0] == made[1]
    assert unpacked(gzip.decompress(made[0]))["modules/x.ko"][1] == b"m"


def test_keys_follow_the_initrd_at_an_offset_the_kernel_accepts(keys: InstallationKeys) -> None:
    initrd = b"x" * 4097
    both = initrd_with_keys(initrd, keys)
    begin = both.index(b"\x1f\x8b", len(initrd))
    assert begin % 4 == 0
    found = unpacked(gzip.decompress(both[begin:]))
    assert found["keys/root/.ssh/authorized_keys"] == (stat.S_IFREG | 0o600, keys.login_public())
    assert found["keys/etc/ssh/ssh_host_ed25519_key"][1] == keys.host.read_bytes()


def test_the_initrd_loads_exactly_the_modules_it_carries() -> None:
    script = ours().initrd_init.decode()
    loaded = next(line for line in script.splitlines() if line.startswith("for module in "))
    assert loaded.removeprefix("for module in ").removesuffix("; do").split() == [
        name.rpartition("/")[2] for name in MODULES
    ]


def test_keys_are_made_once_and_private(keys: InstallationKeys, tmp_path: Path) -> None:
    again = installation_keys(tmp_path / "keys")
    assert again.login_public() == keys.login_public()
    assert stat.S_IMODE(keys.login.stat().st_mode) == 0o600
    assert keys.host.with_suffix(".pub").read_text().split()[1] in keys.known_hosts.read_text()


@pytest.mark.parametrize(
    "other",
    [
        dataclasses.replace(ours(), packages=(*ours().packages, "one-more")),
        dataclasses.replace(ours(), customize=b"another"),
        dataclasses.replace(ours(), initrd_init=b"another"),
        dataclasses.replace(ours(), guest_files=()),
        dataclasses.replace(ours(), architecture="arm64"),
    ],
    ids=["packages", "customize", "initrd", "files", "architecture"],
)
def test_every_input_changes_the_digest(other: Recipe) -> None:
    assert other.digest != ours().digest
    assert ours().digest == ours().digest


def test_the_package_list_names_the_docker_client_and_the_kernels_headers() -> None:
    names = image_packages("amd64")
    assert {"docker-cli", "linux-headers-cloud-amd64", "python3-bpfcc", "busybox-static"} <= set(names)


def test_a_machine_of_another_architecture_is_refused_by_name() -> None:
    with pytest.raises(HostSetupError, match="riscv64") as caught:
        recipe("riscv64")
    assert caught.value.hint.startswith("lab up --host ssh://")


def test_mirrors_come_from_the_users_own_sources() -> None:
    targets = "http://m/debian/ Debian Debian\nhttp://s/sec/ Debian Debian-Security\nhttp://x/ Other Other\n"
    assert lines_for("trixie", targets, None) == [
        "deb http://m/debian/ trixie main",
        "deb http://m/debian/ trixie-updates main",
        "deb http://s/sec/ trixie-security main",
    ]


def test_without_a_debian_mirror_the_build_tool_decides() -> None:
    assert lines_for("trixie", "http://u/ubuntu/ Ubuntu Ubuntu\n", None) == []


@pytest.mark.parametrize("damage", ["image.json", "disk.raw", "vmlinuz", "initrd"])
def test_an_incomplete_image_is_no_image(tmp_path: Path, damage: str) -> None:
    image = small_image(tmp_path / "one")
    (image.folder / damage).write_bytes(b"")
    assert load_image(image.folder) is None


def test_a_chosen_image_is_used_and_named_when_it_is_gone(tmp_path: Path) -> None:
    image = small_image(tmp_path / "mine")
    choose(tmp_path, image)
    assert current_image(tmp_path, lambda _line: None) == image
    image.disk.unlink()
    with pytest.raises(HostSetupError, match="mine"):
        chosen_image(tmp_path)
    choose(tmp_path, None)
    assert chosen_image(tmp_path) is None


def test_an_exported_image_comes_back_the_same_from_a_file_and_from_an_address(tmp_path: Path) -> None:
    image = small_image(tmp_path / "one")
    file = tmp_path / "image.tar.zst"
    digest = export_image(image, file, lambda _line: None)
    for number, source in enumerate((str(file), file.as_uri())):
        images = tmp_path / f"images{number}"
        taken = import_image(source, digest.upper(), images, lambda _line: None)
        assert taken.disk.read_bytes() == image.disk.read_bytes()
        assert taken.kernel_release == "6.12-test"
        assert chosen_image(images) == taken
        assert not list(images.glob("*.part")) + list(images.glob("*.building"))


def test_an_image_with_another_digest_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "image.tar.zst"
    export_image(small_image(tmp_path / "one"), file, lambda _line: None)
    with pytest.raises(HostSetupError, match="another file"):
        import_image(str(file), "0" * 64, tmp_path / "images", lambda _line: None)
    assert chosen_image(tmp_path / "images") is None
    assert not list((tmp_path / "images").glob("*.building"))


@pytest.mark.parametrize("digest", ["", "123", "z" * 64])
def test_an_image_without_its_digest_is_refused(tmp_path: Path, digest: str) -> None:
    with pytest.raises(HostSetupError, match="sha256"):
        import_image(str(tmp_path / "x"), digest, tmp_path / "images", lambda _line: None)


def test_guest_files_hold_what_the_grader_relies_on() -> None:
    files = {path: content.decode() for path, content in ours().guest_files}
    assert "UsePAM no" in files["etc/ssh/sshd_config.d/lab.conf"]
    assert "kernel.perf_event_paranoid = 2" in files["etc/sysctl.d/60-lab.conf"]
    assert json.loads(files["etc/docker/daemon.json"])["storage-driver"] == "overlay2"


def test_another_file_than_an_image_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("no image")
    digest = hashlib.sha256(other.read_bytes()).hexdigest()
    with pytest.raises(HostSetupError, match=r"other\.txt is no image of the lab"):
        import_image(str(other), digest, tmp_path / "images", lambda _line: None)
    assert not list((tmp_path / "images").glob("*.building"))


def test_an_export_into_a_folder_names_a_file_in_it(tmp_path: Path) -> None:
    with pytest.raises(HostSetupError, match="is a folder") as caught:
        export_image(small_image(tmp_path / "one"), tmp_path, lambda _line: None)
    assert caught.value.hint == f"lab dev image export {tmp_path}/lab-image.tar.zst"
