"""The container engine of a lab host, whatever way the host is reached."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import docker

from grader.host import Host
from vm.connection import Connection
from vm.docker_engine import docker_client, local_docker_client
from workloads.errors import WorkloadError


@contextlib.contextmanager
def engine_of(host: Host) -> Iterator[docker.DockerClient]:
    """A docker client for the engine of `host`. Raises the host package's error when none answers."""
    connection = host if isinstance(host, Connection) else getattr(host, "connection", None)
    if isinstance(connection, Connection):
        client = docker_client(connection)
    elif host.facts.kind == "local":
        client = local_docker_client()
    else:
        raise WorkloadError(f"containers on a {host.facts.kind} host cannot be reached", "lab doctor")
    with contextlib.closing(client):
        yield client
