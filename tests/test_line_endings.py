"""A clone made where git turns line ends into CRLF, as on Windows."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("bin/lab", "lab/cli.py", "lab/launch/pythons.py", "solutions/*/tracer.bpf.c", "vm/image/*.sh")
BINARY = "solutions/*/observation.json.gz"


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@localhost"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def test_scripts_python_and_ebpf_keep_their_line_ends_in_every_clone(tmp_path: Path) -> None:
    original, clone = tmp_path / "original", tmp_path / "clone"
    names = [path.relative_to(ROOT) for kind in (*KINDS, BINARY) for path in ROOT.glob(kind)]
    for name in [Path(".gitattributes"), *names]:
        (original / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, original / name)
    git(original, "init", "-q")
    git(original, "add", ".")
    git(original, "commit", "-qm", "all")
    git(tmp_path, "clone", "-q", "-c", "core.autocrlf=true", str(original), str(clone))
    assert len(names) > len(KINDS)
    changed = [str(name) for name in names if (clone / name).read_bytes() != (ROOT / name).read_bytes()]
    assert changed == []
