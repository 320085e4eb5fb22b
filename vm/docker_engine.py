"""The docker SDK against a lab host's engine, over the ssh connection that is already open.

`docker system dial-stdio` on the host carries one connection to the engine on its standard input and output,
so the engine needs no TCP port and no second ssh connection is made (the SDK's own ssh adapter makes one).
"""

from __future__ import annotations

import queue
from collections.abc import Mapping
from typing import Any

import docker
import requests
import urllib3
from docker.transport.basehttpadapter import BaseHTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool

from vm.connection import Connection
from vm.errors import HostSetupError

TIMEOUT_S = 300.0
"""Per answer, not per transfer: importing an image takes minutes when emulated."""
POOLED = 8
# The SDK finds the channel behind an attached exec by this prefix of its base URL.
BASE_URL = "http+docker://ssh"
DIAL = ("docker", "system", "dial-stdio")


class _DialledConnection(urllib3.connection.HTTPConnection):
    def __init__(self, lab_host: Connection) -> None:
        super().__init__("localhost", timeout=TIMEOUT_S)
        self._lab_host = lab_host

    def connect(self) -> None:
        # A paramiko channel has what http.client asks of a socket: sendall, makefile, close.
        self.sock = self._lab_host.open_channel(DIAL, TIMEOUT_S)


class _DialledPool(HTTPConnectionPool):
    def __init__(self, lab_host: Connection) -> None:
        super().__init__("localhost", timeout=TIMEOUT_S, maxsize=POOLED)
        self._lab_host = lab_host

    def _new_conn(self) -> _DialledConnection:
        return _DialledConnection(self._lab_host)

    def _get_conn(self, timeout: float | None = None) -> Any:
        # urllib3 would ask the channel for a file number to see whether it was dropped, and paramiko answers
        # with a pipe per channel that nobody reads; the channel itself knows.
        assert self.pool is not None
        try:
            connection: Any = self.pool.get(block=False)
        except queue.Empty:
            return self._new_conn()
        if connection is not None and connection.sock is not None and connection.sock.closed:
            connection.close()
        return connection or self._new_conn()


class _DialAdapter(BaseHTTPAdapter):
    """Sends the SDK's requests through connections that are dialled over ssh."""

    def __init__(self, lab_host: Connection) -> None:
        self._pool = _DialledPool(lab_host)
        super().__init__()

    def get_connection(self, url: Any, proxies: Mapping[str, str] | None = None) -> Any:
        return self._pool

    def request_url(self, request: Any, proxies: Any) -> str:
        # The user's proxy settings are about the internet, not about this engine.
        return str(request.path_url)

    def close(self) -> None:
        super().close()
        self._pool.close()


def docker_client(connection: Connection) -> docker.DockerClient:
    """A docker client for the lab host's engine; close it before the connection.

    Raises HostSetupError when no engine answers there.
    """
    # A version is named so that the constructor asks nothing before our adapter is in place.
    api = docker.APIClient(base_url="tcp://unused:1", version="1.41", timeout=int(TIMEOUT_S))
    api.trust_env = False
    api.base_url = BASE_URL
    adapter = _DialAdapter(connection)
    api.mount(BASE_URL, adapter)
    return _answering(api)


def local_docker_client() -> docker.DockerClient:
    """A docker client for this machine's engine, on its own Unix socket whatever DOCKER_HOST says."""
    api = docker.APIClient(base_url="unix:///var/run/docker.sock", version="1.41", timeout=int(TIMEOUT_S))
    return _answering(api)


def _answering(api: docker.APIClient) -> docker.DockerClient:
    try:
        version = api.version(api_version=False)["ApiVersion"]
    except (docker.errors.DockerException, requests.RequestException, KeyError) as error:
        api.close()
        message = f"the Docker engine of the lab host does not answer ({error})"
        raise HostSetupError(message, "lab doctor") from error
    api._version = version  # type: ignore[attr-defined]
    client = docker.DockerClient.__new__(docker.DockerClient)
    client.api = api
    return client
