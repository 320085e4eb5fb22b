"""Verbs about the lab host: up, down, shell, logs."""

from __future__ import annotations

import os
import subprocess
from typing import Annotated

import typer

from lab.hosts import open_host, running_host, shell_command
from lab.settings import Settings, checked_host, load_settings, save_settings
from lab.terminal import answer, say
from vm.folders import Folders
from vm.image.store import choose
from vm.image.transfer import import_image
from vm.open_vm import embedded_machine
from vm.programs import require_programs
from vocabulary.errors import Unusable

IMAGE_EXAMPLE = "lab up --image FILE --sha256 DIGEST"
LOGS = (
    "for name in $(docker ps -a --format '{{.Names}}'); do echo \"== container $name\"; "
    'docker logs --tail "$1" "$name" 2>&1; done; '
    'echo "== lab host"; journalctl --no-pager -q -n "$1" -u "lab-*" -u docker'
)


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.command("up", help="Start the lab host.\n\nExample: lab up --host ssh://root@machine")(up)
    app.command("down", help="Stop the lab host.\n\nExample: lab down")(down)
    app.command("shell", help="A root shell on the lab host.\n\nExample: lab shell")(shell)
    app.command("logs", help="What servers and recorder say.\n\nExample: lab logs --lines 50")(logs)


def up(
    host: Annotated[str, typer.Option("--host", help="vm, local or ssh://user@machine[:port].")] = "",
    image: Annotated[
        str, typer.Option("--image", help="Ready-made image (file or address); `built` goes back to ours.")
    ] = "",
    sha256: Annotated[str, typer.Option("--sha256", help="Digest of that image.")] = "",
) -> None:
    """Start or find the lab host; which one is remembered."""
    if sha256 and not image:
        raise Unusable("--sha256 is the digest of an image: it goes with --image", IMAGE_EXAMPLE)
    settings = Settings(checked_host(host)) if host else load_settings()
    if image:
        use_image(settings, image, sha256)
    with open_host("up", say, settings) as opened:
        facts = opened.facts
    save_settings(settings)
    answer.print(
        f"lab host: {settings.host}, kernel {facts.kernel}, {facts.accel}, {facts.cpus} CPUs", markup=False
    )


def use_image(settings: Settings, image: str, sha256: str) -> None:
    """Fetch, verify and remember a ready-made image. A machine that runs on another one is stopped."""
    if settings.host != "vm":
        raise Unusable("--image is for the embedded lab host", f"{IMAGE_EXAMPLE} --host vm")
    images = Folders.of_user().images
    if image == "built":
        choose(images, None)
    else:
        import_image(image, sha256, images, say)
    embedded_machine().down()


def down(
    force: Annotated[bool, typer.Option("--force", help="Even while another lab command uses it.")] = False,
) -> None:
    """Stop the embedded machine; its memory and its throw-away disk are gone."""
    if load_settings().host != "vm":
        raise Unusable("only the embedded lab host can be stopped from here", "lab up --host vm")
    was = embedded_machine().down(force=force)
    say("the lab host is stopped" if was else "the lab host was not running")


def shell() -> None:
    """Another verb may run at the same time: a shell only looks."""
    if load_settings().host != "local":
        require_programs("ssh")
    command = shell_command()
    say("type exit to come back")
    raise typer.Exit(subprocess.run(command, env={**os.environ, "LC_ALL": "C.UTF-8"}, check=False).returncode)


def logs(lines: Annotated[int, typer.Option("--lines", help="How many of each.")] = 40) -> None:
    """The last lines of every container, of the recorder and of Docker."""
    with running_host() as host:
        said = host.run(["sh", "-c", LOGS, "sh", str(lines)], check=False).stdout
    answer.print(said, markup=False, end="")
