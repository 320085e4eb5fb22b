"""The initrd: busybox, four modules, one script; this installation's keys follow in a second archive."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

from vm.image.cpio import Entry, archive
from vm.installation_keys import InstallationKeys

# virtio_blk and virtio_net are modules in Debian's cloud kernel; the other two are what virtio_net needs.
MODULES = (
    "drivers/block/virtio_blk",
    "net/core/failover",
    "drivers/net/net_failover",
    "drivers/net/virtio_net",
)


def make_initrd(busybox: bytes, init: bytes, modules: Mapping[str, bytes]) -> bytes:
    """Compressed; the same inputs give the same bytes. `modules` maps `name.ko` to its content."""
    entries = {"init": Entry(init, 0o755), "bin/busybox": Entry(busybox, 0o755)}
    entries |= {f"modules/{name}": Entry(content) for name, content in modules.items()}
    return gzip.compress(archive(entries), compresslevel=6, mtime=0)


def keys_archive(keys: InstallationKeys) -> bytes:
    """What the initrd copies over the root: images carry no keys, so an exported one gives none away."""
    folders = {"keys/root": Entry(None, 0o700), "keys/root/.ssh": Entry(None, 0o700)}
    entries = folders | {
        f"keys/{path}": Entry(content, 0o644 if path.endswith(".pub") else 0o600)
        for path, content in keys.in_guest().items()
    }
    return gzip.compress(archive(entries), mtime=0)


def initrd_with_keys(initrd: bytes, keys: InstallationKeys) -> bytes:
    """The kernel unpacks archives that follow one another; each begins at a multiple of 4 bytes."""
    return initrd + b"\0" * (-len(initrd) % 4) + keys_archive(keys)
