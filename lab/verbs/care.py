"""Verbs that look after the installation: doctor, gc, uninstall."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer

from grader.observing import host_files
from lab import storage
from lab.settings import Settings, load_settings
from lab.terminal import answer, print_json, say
from vm.errors import HostError
from vm.holder import held
from vm.local_host import LocalHost
from vm.open_vm import embedded_machine
from vm.ssh_host import SshAddress, SshHost
from vm.unprovision import undo, undo_plan
from vocabulary.errors import Unavailable, Unusable
from vocabulary.exit_codes import PASSED, UNAVAILABLE
from workloads.discover import Removable, load_workload, workload_names

LEFT_THERE = (
    "delete the lab's programs, the units that run them, and its containers",
    "put the kernel settings back that the lab changed",
)

Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.command("doctor", help="Say what is missing, and the command that fixes it.\n\nExample: lab doctor")(
        doctor
    )
    app.command("gc", help="Delete what nobody needs any more.\n\nExample: lab gc")(gc)
    app.command("uninstall", help="Take everything of the lab away.\n\nExample: lab uninstall")(uninstall)


def doctor(
    as_document: Annotated[bool, typer.Option("--json", help="What a bug report contains.")] = False,
) -> None:
    """Exit code 69 when something must be repaired."""
    # Here, because no other verb needs what the doctor needs.
    from vm.doctor.diagnosis import as_json, diagnose, is_sound
    from vm.doctor.gather import gather

    facts = gather(load_settings().host)
    results = diagnose(facts)
    if as_document:
        print_json(json.dumps(as_json(facts, results), indent=1, default=str))
    else:
        for one in results:
            answer.print(f"{one.grade:4}  {one.name}: {one.message}", markup=False)
            if one.hint:
                answer.print(f"      hint: {one.hint}", markup=False)
    raise typer.Exit(PASSED if is_sound(results) else UNAVAILABLE)


def gc() -> None:
    """Older images, saved machines and Python environments; never the attendee's files."""
    machine = embedded_machine()
    with machine.use("gc"):
        running = machine.running()
        gone = storage.unneeded(running.template if running else None)
        for kept in gone:
            storage.remove(kept)
            answer.print(f"deleted {kept.what} {kept.path} ({storage.shown_size(kept.bytes)})", markup=False)
    answer.print(f"{storage.shown_size(sum(one.bytes for one in gone))} freed", markup=False)


def uninstall(yes: Yes = False) -> None:
    """Show sizes, ask, then remove caches, keys, settings and the machine, and what is on another host."""
    settings = load_settings()
    kept = storage.everything()
    for one in kept:
        answer.print(f"{storage.shown_size(one.bytes):>10}  {one.what}  {one.path}", markup=False)
    there = there_as_well(settings)
    if there is not None and not show_undo_plan(there, yes):
        there = None
    answer.print("your work (lab-work, demo-work) and this checkout stay", markup=False)
    if not yes and not confirmed():
        raise Unusable("nothing was removed", "lab uninstall --yes")
    # Both refuse while another verb runs there, and before anything is gone.
    embedded_machine().down()
    if there is not None:
        with there.connect() as host, held(host, "uninstall"):
            host_files.uninstall(host)
            remove_workloads(host)
            undo(host, say)
    for one in kept:
        storage.remove(one)
    storage.remove_empty_roots()
    answer.print(f"{storage.shown_size(sum(one.bytes for one in kept))} freed", markup=False)


@dataclass(frozen=True)
class There:
    """A lab host that stays when the files of this user are gone."""

    name: str
    """In a sentence, behind `on`."""
    connect: Callable[[], SshHost | LocalHost]


def there_as_well(settings: Settings) -> There | None:
    """The remembered lab host; None for the virtual machine, which goes with this user's files."""
    if settings.host == "vm":
        return None
    if settings.host == "local":
        return There("this machine", LocalHost)
    return There(settings.host, lambda: SshHost(SshAddress.parse(settings.host)))


def show_undo_plan(there: There, yes: bool) -> bool:
    """What would be taken back on that lab host; whether it can be asked at all."""
    try:
        with there.connect() as host:
            for line in [*LEFT_THERE, *undo_plan(host)]:
                answer.print(f"on {there.name}: {line}", markup=False)
        return True
    except HostError as error:
        if yes:
            hint = "lab uninstall   # without --yes it asks whether to leave that machine as it is"
            raise Unavailable(f"{there.name} cannot be asked: {error.message}", hint) from error
        answer.print(
            f"on {there.name}: nothing, it cannot be asked ({error.message}); it stays as it is", markup=False
        )
        return False


def remove_workloads(host: SshHost | LocalHost) -> None:
    """Containers and their images, also where Docker was there before the lab."""
    for name in workload_names():
        workload = load_workload(name)
        if isinstance(workload, Removable):
            try:
                workload.remove(host)
            except Unavailable as error:
                say(f"nothing of {name} can be removed there ({error})")


def confirmed() -> bool:
    """Whether the person says yes; a standard input that has ended says no."""
    try:
        return typer.confirm("remove all of this?", default=False, err=True)
    except typer.Abort:
        say("")
        return False
