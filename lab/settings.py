"""Which lab host this person uses, remembered between commands."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

from lab.atomic_file import write_atomically
from lab.failures import APP
from vocabulary.errors import Unusable

SCHEMA = 1


@dataclass(frozen=True)
class Settings:
    """What `lab up` was told."""

    host: str = "vm"
    """`vm`, `local` or `ssh://user@machine[:port]`."""


def settings_path() -> Path:
    """The one file these are kept in."""
    return platformdirs.user_config_path(APP) / "settings.json"


def load_settings() -> Settings:
    """What was remembered; the defaults when nothing was. Raises Unusable for a damaged file."""
    path = settings_path()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return Settings(str(document["host"]))
    except FileNotFoundError:
        return Settings()
    except (ValueError, KeyError, TypeError) as error:
        raise Unusable(f"the settings file is damaged: {path}", f"rm {path}") from error


def save_settings(settings: Settings) -> None:
    """Remember them."""
    content = json.dumps({"schema": SCHEMA, **asdict(settings)}, indent=1) + "\n"
    write_atomically(settings_path(), content.encode())


def checked_host(spec: str) -> str:
    """A host as it may be given to --host. Raises Unusable, saying what is right."""
    if spec in ("vm", "local") or (spec.startswith("ssh://") and len(spec) > len("ssh://")):
        return spec
    raise Unusable(f"{spec} is no lab host: vm, local or ssh://user@machine[:port]", "lab up --host vm")
