"""Triton on a lab host: found up, or brought up; and what drives it."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from grader.host import Host
from grader.onhost.contract.order import Order
from grader.target import Target
from grader.traffic import Drive, OrderChannel, Step
from workloads.engine import engine_of
from workloads.errors import WorkloadError
from workloads.target_files import Found, forget, read_back, write_down
from workloads.triton import container
from workloads.triton.container import DECOY, PLANS, TARGET
from workloads.triton.drive import Server, TritonDrive
from workloads.triton.recipe import FOLDER, folder_digest, recipe_for
from workloads.triton.root_build import build_root

A = TypeVar("A")

NAME = "triton"
NAMES = tuple(plan.name for plan in PLANS)
READY_PATH = "/v2/models/work/ready"
WARMS_AGAIN = 2
"""A model's process that got no CPU for a while counts as dead (`Stub process is not healthy`), for good."""
WARMING_REQUESTS = 20
Progress = Callable[[str], None]


def workload() -> Triton:
    """What `workloads.discover` asks every workload folder for."""
    return Triton()


class Triton:
    """Satisfies `workloads.discover.PreparableWorkload`."""

    def digest(self) -> str:
        """Of every file of this folder that decides what runs in the containers and how."""
        return folder_digest(
            FOLDER, ("*.toml", "*.sh", "*.pbtxt", "model.py", "container.py", "root_build.py")
        )

    def build(self, machine: str, progress: Progress) -> tuple[Path, ...]:
        """Make the container's root in the lab side's cache."""
        return (build_root(recipe_for(machine), progress),)

    def prepare(self, host: Host, progress: Progress) -> None:
        """Up, and both servers' code paths touched, so that they are in a template's memory."""
        target = self.up(host, progress)
        for again in reversed(range(WARMS_AGAIN + 1)):
            progress("warming the Triton servers")
            trouble = self._warm(host, target)
            if not trouble:
                return
            if not again:
                raise WorkloadError(trouble, "lab logs")
            progress(f"{trouble}; once more with new containers")
            target = self.restart(host, progress)

    def _warm(self, host: Host, target: Target) -> str:
        """A few requests of each kind to both servers; who did not answer, and why."""
        lanes = [[{"sleep_ms": 1}] * WARMING_REQUESTS] * 2
        with self.drive(host, target, NoOrders()) as drive:
            for kind in ("http", "grpc"):
                for who in ("target", "decoy"):
                    for entry in drive.run(Step(kind, {"who": who, "lanes": lanes})):
                        if not entry.ok:
                            why = entry.detail.get("error", "")
                            return f"{entry.who} does not answer over {kind}: {why}"
        return ""

    def up(self, host: Host, progress: Progress) -> Target:
        """The target, found up and healthy (two short questions) or started with its decoy."""
        found = read_back(host, NAME, NAMES)
        same = found.digest == self.digest() and set(found.targets) == set(NAMES)
        silent = [name for name, target in found.targets.items() if same and not is_ready(host, target)]
        if same and not silent:
            return found.targets[TARGET.name]
        return self._start(host, progress, why_again(found, self.digest(), silent))

    def restart(self, host: Host, progress: Progress) -> Target:
        """New containers, whatever state the old ones are in."""
        return self._start(host, progress, "")

    def remove(self, host: Host) -> None:
        """Take containers and images off the host."""
        forget(host, NAME, NAMES)
        with engine_of(host) as client:
            container.remove(client)

    @contextlib.contextmanager
    def drive(self, host: Host, target: Target | None, orders: OrderChannel) -> Iterator[Drive]:
        """See `TritonDrive` for the kinds of steps."""
        if target is None:
            raise WorkloadError("the Triton server is not up", "lab up")
        servers = {
            "target": _server(host, target.name, target.ports, target.main_pid),
            "decoy": _server(host, DECOY.name, DECOY.ports),
        }
        with TritonDrive(servers, orders) as drive:
            yield drive

    def _start(self, host: Host, progress: Progress, why: str) -> Target:
        recipe = recipe_for(host.run(["uname", "-m"]).stdout.strip())
        publish_on = "0.0.0.0" if host.facts.kind == "vm" else "127.0.0.1"
        with engine_of(host) as client:
            if why:
                progress(f"starting the Triton containers anew: {why}")
            forget(host, NAME, NAMES)
            container.remove(client, keep_tag=recipe.root_digest)
            if not container.has_image(client, recipe.root_digest):
                # Only then: a ready-made host brings the image to machines that could not build it.
                root = build_root(recipe, progress)
                container.import_image(host, client, root, recipe.root_digest, progress)
            progress(f"starting {' and '.join(NAMES)}")
            started = [
                container.start(client, plan, recipe.root_digest, self.digest(), publish_on) for plan in PLANS
            ]
            for plan, one in zip(PLANS, started, strict=True):
                address = host.forward(plan.ports["http"])
                container.wait_ready(one, partial(answers, address))
            targets = [container.target_of(host, one, plan) for plan, one in zip(PLANS, started, strict=True)]
        write_down(host, NAME, self.digest(), targets)
        return targets[0]


def why_again(found: Found, digest: str, silent: Sequence[str]) -> str:
    """What is wrong with the containers that were started before; empty when none were.

    `silent`: those whose server does not answer that its model is ready.
    """
    if not found.digest:
        return ""
    if found.digest != digest:
        return "they are those of another version of the lab"
    gone = [name for name in NAMES if name not in found.targets]
    if gone:
        return f"{' and '.join(gone)} {'has' if len(gone) == 1 else 'have'} ended"
    return f"{' and '.join(silent)} {'does' if len(silent) == 1 else 'do'} not answer any more"


def _server(host: Host, name: str, ports: Mapping[str, int], main_pid: int = 0) -> Server:
    return Server(name, {protocol: host.forward(ports[protocol]) for protocol in ("http", "grpc")}, main_pid)


def is_ready(host: Host, target: Target) -> bool:
    """Whether the server answers that its model is ready."""
    return answers(host.forward(target.ports["http"]))


def answers(address: tuple[str, int], timeout_s: float = 10.0) -> bool:
    """Whether the server at an address on the lab side says that its model is ready."""
    connection = http.client.HTTPConnection(*address, timeout=timeout_s)
    with contextlib.closing(connection):
        try:
            connection.request("GET", READY_PATH)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


class NoOrders:
    """Satisfies `grader.traffic.OrderChannel` where nobody listens on the host."""

    def order(self, order: Order[A]) -> A:
        """Raises WorkloadError."""
        raise WorkloadError(f"nobody on the lab host takes the order {order.name}")
