"""Verbs about the site: site build, site serve, open."""

from __future__ import annotations

import threading
import time
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from lab import checkout
from lab.options import WorkspacePath
from lab.terminal import answer, say
from lab.website.build import DEFAULT_OUT, build_site, write_site
from lab.website.serve import Shown, serving
from lab.website.watch_sources import Keeper
from lab.workspace_search import workspace_at

Solutions = Annotated[
    bool, typer.Option("--with-solutions", help="Show the solutions too: not for the public site.")
]
Port = Annotated[int, typer.Option("--port", help="On this machine; 0 takes a free one.", min=0, max=65535)]


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    site = typer.Typer(help="The pages people read.", rich_markup_mode=None)
    site.command("build", help="Write the site to a folder.\n\nExample: lab site build --out pages")(build)
    site.command(
        "serve", help="Show the site while you write: it follows every save.\n\nExample: lab site serve"
    )(serve)
    app.add_typer(site, name="site")
    app.command("open", help="Read the instructions, with the state of your checks.\n\nExample: lab open 4")(
        open_site
    )


def build(
    out: Annotated[
        Path, typer.Option("--out", help="The folder; one that we did not make must be empty.")
    ] = DEFAULT_OUT,
    with_solutions: Solutions = False,
) -> None:
    """Every page, or the first mistake in a source with its file, line and fix."""
    began = time.monotonic()
    say("building the site")
    site = build_site(with_solutions=with_solutions)
    for remark in site.remarks:
        say(f"note: {remark}")
    write_site(site, out, say)
    say(f"built in {time.monotonic() - began:.1f} s")
    answer.print((out.absolute() / "index.html").as_uri(), markup=False)


def serve(port: Port = 8765, workspace: WorkspacePath = None, with_solutions: Solutions = False) -> None:
    """Until Ctrl-C. A mistake in a source is shown here and on the page, beside the last good pages."""
    show(port, workspace, "", browser=False, with_solutions=with_solutions)


def open_site(
    name: Annotated[
        str, typer.Argument(help="Number or name: 4, 04, kprobes.", autocompletion=checkout.complete)
    ] = "",
    workspace: WorkspacePath = None,
    port: Port = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open it, or only say the address.")
    ] = True,
) -> None:
    """Until Ctrl-C, for this machine alone."""
    page = f"exercises/{checkout.exercise(name).slug}.html" if name else ""
    show(port, workspace, page, browser=browser, with_solutions=False)


def show(port: int, workspace: Path | None, page: str, *, browser: bool, with_solutions: bool) -> None:
    """Serve, and keep what is served up to date."""
    shown = Shown()
    keeper = Keeper(shown, workspace_at(workspace), say, with_solutions)
    keeper.look()
    with serving(shown, port) as address:
        answer.print(address + page, markup=False)
        if browser and not webbrowser.open(address + page):
            say("no browser could be opened; open the address above yourself")
        say("Ctrl-C ends")
        keeper.keep(threading.Event())
