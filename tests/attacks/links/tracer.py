# expect: kprobe_on_execve nothing_attached
# tries: refused
"""Symbolic and hard links from its own folders to the host's files, and files in its place."""

import os
from pathlib import Path

from attempts import attempt, end_with

MODULE = Path("/opt/lab/python/lab_tracer.py")
Path("/tmp/link").symlink_to(MODULE)
Path("/tmp/sessions").symlink_to("/run/lab/sessions")
attempt("writing through a link", lambda: Path("/tmp/link").write_text("1"))
attempt("reading through a link", lambda: list(Path("/tmp/sessions").iterdir()))
attempt("a hard link to a secret", lambda: os.link("/etc/shadow", "/tmp/shadow"))
attempt("a link in the attempt's folder", lambda: Path("/run/attempt/more").symlink_to(MODULE))
attempt("another tracer.py", lambda: os.replace("/run/attempt/tracer.py", "/run/attempt/old.py"))
attempt("another folder for the session", lambda: Path("/run/lab").symlink_to("/tmp"))
end_with({})
