"""Triton's containers on the lab host: image, target and decoy."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container

from grader.host import Host
from grader.target import Target
from vm.embedded_host import VmHost
from vm.file_transfer import tar_of
from vm.progress_watch import BUSY_SHARE, STALL_S, Sign, Watch
from vm.side_by_side import require_wanted
from workloads.errors import WorkloadError
from workloads.target_files import locate
from workloads.triton.recipe import MODEL_FOLDER
from workloads.triton.root_build import LIBRARIES_FOLDER, SERVER_FOLDER

REPOSITORY = "lab-triton"
STARTS_AGAIN = 2
"""On a very busy machine Triton's Python backend can lose its start (boost::interprocess::lock_exception)."""
WORKING_CPU_S = BUSY_SHARE * STALL_S
PAUSE_S = 0.5
LABEL = "lab.workload"
BINARY = f"/{SERVER_FOLDER}/bin/tritonserver"
INSIDE_PORTS = {"http": 8000, "grpc": 8001, "metrics": 8002}
SHARED_MEMORY = "256m"
"""Each model instance takes 1 MB and grows; Docker's own default leaves no room for many."""


@dataclass(frozen=True)
class ContainerPlan:
    """One of the containers, before it runs."""

    name: str
    first_port: int
    """HTTP; gRPC and metrics are the next two."""
    instances: int
    """Processes that run the model: so many requests are worked on at a time."""
    http_threads: int

    @property
    def ports(self) -> dict[str, int]:
        """Protocol -> port on the lab host."""
        return {
            name: self.first_port + inside - INSIDE_PORTS["http"] for name, inside in INSIDE_PORTS.items()
        }


TARGET = ContainerPlan("lab-target", 8000, instances=4, http_threads=4)
DECOY = ContainerPlan("lab-decoy", 8010, instances=1, http_threads=4)
PLANS = (TARGET, DECOY)


def command(plan: ContainerPlan) -> list[str]:
    """How the server is started."""
    return [
        BINARY,
        "--model-repository=/models",
        f"--backend-directory=/{SERVER_FOLDER}/backends",
        "--disable-auto-complete-config",
        f"--http-thread-count={plan.http_threads}",
        # Counters stay on the metrics port; what is off reads /proc every two seconds, beside the traffic.
        "--allow-cpu-metrics=false",
        "--allow-gpu-metrics=false",
        "--exit-timeout-secs=2",
    ]


def model_files(instances: int) -> dict[str, bytes]:
    """The model repository: relative path -> content."""
    files = {
        str(path.relative_to(MODEL_FOLDER)): path.read_bytes()
        for path in sorted(MODEL_FOLDER.rglob("*"))
        if path.is_file() and path.suffix in (".py", ".pbtxt")
    }
    return {name: content.replace(b"@INSTANCES@", str(instances).encode()) for name, content in files.items()}


def has_image(client: docker.DockerClient, tag: str) -> bool:
    """Whether the engine has the image of this version."""
    try:
        client.images.get(f"{REPOSITORY}:{tag}")
    except NotFound:
        return False
    return True


def import_image(
    host: Host, client: docker.DockerClient, root: Path, tag: str, progress: Callable[[str], None]
) -> None:
    """Make the image from the root's tar. Raises WorkloadError when the engine does not take it."""
    if isinstance(host, VmHost) and (reads := host.brought(root)) is not None:
        progress("unpacking the container's root on the lab host")
        host.work(["sh", "-c", f"{reads} | docker import - {REPOSITORY}:{tag}"], ["docker.service"])
    else:
        progress(f"sending the container's root to the lab host ({root.stat().st_size / 1e6:.0f} MB)")
        client.api.import_image_from_file(str(root), repository=REPOSITORY, tag=tag)
    if not has_image(client, tag):
        raise WorkloadError("the lab host's Docker did not take the container's root", "lab doctor")


def remove(client: docker.DockerClient, keep_tag: str = "") -> None:
    """Remove the containers, and the images of other versions than `keep_tag`."""
    for plan in PLANS:
        try:
            client.containers.get(plan.name).remove(force=True, v=True)
        except NotFound:
            continue
    for image in client.images.list(name=REPOSITORY):
        if f"{REPOSITORY}:{keep_tag}" not in image.tags:
            client.images.remove(str(image.id), force=True)


def start(
    client: docker.DockerClient, plan: ContainerPlan, tag: str, digest: str, publish_on: str
) -> Container:
    """Create and start one container; it is not ready yet. Raises WorkloadError when a port is taken."""
    publish: Mapping[str, Any] = {
        f"{inside}/tcp": (publish_on, plan.ports[name]) for name, inside in INSIDE_PORTS.items()
    }
    container = client.containers.create(
        f"{REPOSITORY}:{tag}",
        command(plan),
        name=plan.name,
        hostname=plan.name,
        environment={"LD_LIBRARY_PATH": f"/{LIBRARIES_FOLDER}"},
        ports=dict(publish),
        labels={LABEL: digest},
        cap_drop=["ALL"],
        shm_size=SHARED_MEMORY,
    )
    container.put_archive("/models", tar_of(model_files(plan.instances)))
    try:
        container.start()
    except APIError as error:
        container.remove(force=True)
        told = str(error.explanation or error)
        if "already allocated" in told or "already in use" in told:
            ports = ", ".join(map(str, plan.ports.values()))
            raise WorkloadError(
                f"another program on the lab host has one of the ports {ports}", "lab shell, then: ss -ltnp"
            ) from error
        raise WorkloadError(f"{plan.name} did not start: {told}", "lab doctor") from error
    return container


def wait_ready(
    container: Container,
    is_ready: Callable[[], bool],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Until the server says its model is ready, for as long as it works on that.

    Raises WorkloadError when it keeps ending, or is idle and not ready.
    """
    starts_left = STARTS_AGAIN
    watch = Watch([Sign(lambda: used_cpu_s(container), WORKING_CPU_S)], clock=clock)
    while not is_ready():
        require_wanted()
        container.reload()
        idle = not watch.moving()
        if container.status == "exited" and starts_left and not idle:
            starts_left -= 1
            container.start()
            continue
        if container.status != "running" or idle:
            told = container.logs(tail=20).decode(errors="replace").strip()
            hangs = f"is not ready and has done nothing for {watch.stall_s:.0f} s"
            what = hangs if idle else f"ended ({container.status})"
            raise WorkloadError(f"{container.name} {what}; it said last:\n{told}", "lab reset --workload")
        sleep(PAUSE_S)


def used_cpu_s(container: Container) -> float:
    """The CPU seconds that its processes have used so far; 0 when none runs."""
    said: Any = container.stats(stream=False, one_shot=True)
    return float(said.get("cpu_stats", {}).get("cpu_usage", {}).get("total_usage", 0)) / 1e9


def target_of(host: Host, container: Container, plan: ContainerPlan) -> Target:
    """The running container as tracer and recorder are told about it."""
    container.reload()
    main_pid = int(container.attrs["State"]["Pid"])
    place = locate(host, main_pid)
    return Target(
        name=plan.name,
        container_id=str(container.id),
        cgroup_id=place.cgroup_id,
        cgroup_path=place.cgroup_path,
        cgroup_level=place.cgroup_level,
        main_pid=main_pid,
        pids=place.pids,
        binary_path=_binary_on_host(host, container.attrs),
        ports=plan.ports,
    )


def _binary_on_host(host: Host, attributes: Mapping[str, Any]) -> str:
    """A path whose inode is the one the server runs from, so that uprobes on it fire."""
    graph = attributes.get("GraphDriver") or {}
    merged = (graph.get("Data") or {}).get("MergedDir")
    # Engines that keep images in containerd name no folder; their root is mounted where containerd runs it.
    roots: list[str] = [merged] if merged else []
    roots.append(f"/run/containerd/io.containerd.runtime.v2.task/moby/{attributes['Id']}/rootfs")
    for root in roots:
        if host.run(["test", "-x", root + BINARY], check=False).exit_code == 0:
            return root + BINARY
    raise WorkloadError("the server's binary was not found on the lab host", "docker inspect lab-target")
