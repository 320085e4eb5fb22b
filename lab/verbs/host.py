"""Verbs about the lab host: up, down, shell."""

from __future__ import annotations

from typing import Annotated

import typer

from lab.failures import Unusable
from lab.hosts import open_host
from lab.settings import Settings, checked_host, load_settings, save_settings
from lab.terminal import answer, say
from vm.open_vm import embedded_machine


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.command("up", help="Start the lab host.\n\nExample: lab up --host ssh://root@machine")(up)
    app.command("down", help="Stop the lab host.\n\nExample: lab down")(down)


def up(
    host: Annotated[str, typer.Option("--host", help="vm, local or ssh://user@machine[:port].")] = "",
) -> None:
    """Start or find the lab host; which one is remembered."""
    settings = load_settings()
    if host:
        settings = Settings(checked_host(host), settings.image, settings.sha256)
    with open_host("up", say, settings) as opened:
        facts = opened.facts
    save_settings(settings)
    answer.print(
        f"lab host: {settings.host}, kernel {facts.kernel}, {facts.accel}, {facts.cpus} CPUs", markup=False
    )


def down(
    force: Annotated[bool, typer.Option("--force", help="Even while another lab command uses it.")] = False,
) -> None:
    """Stop the embedded machine; its memory and its throw-away disk are gone."""
    if load_settings().host != "vm":
        raise Unusable("only the embedded lab host can be stopped from here", "lab up --host vm")
    was = embedded_machine().down(force=force)
    say("the lab host is stopped" if was else "the lab host was not running")
