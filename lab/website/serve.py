"""Serves the site on this machine alone, tells open pages what changed, and ends with its `with`."""

from __future__ import annotations

import json
import mimetypes
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from vocabulary.errors import Unusable

LOOPBACK = "127.0.0.1"
EVENTS = "/_lab/events"
LIVE = f'<script type="application/json" data-live="{EVENTS}"></script>\n</body>'.encode()
ALIVE_S = 15.0
"""So often a word goes to every open page, which also shows whether it is still there."""


class Shown:
    """What is served now; several threads read it, one replaces it."""

    def __init__(self) -> None:
        self._files: Mapping[str, bytes] = {}
        self._news: dict[str, str] = {}
        self._number = 0
        self._closed = False
        self._changed = threading.Condition()

    def show_files(self, files: Mapping[str, bytes]) -> None:
        """Serve these from now on; open pages load themselves anew."""
        with self._changed:
            self._files = files
            pages = int(self._news.get("pages", "0")) + 1
            self._tell({"pages": str(pages), "problem": json.dumps("")})

    def show_problem(self, text: str) -> None:
        """Go on serving the last good pages, with this text above them."""
        with self._changed:
            self._tell({"problem": json.dumps(text)})

    def show_state(self, state: Mapping[str, Any]) -> None:
        """The state of the attendee's checks."""
        with self._changed:
            self._tell({"state": json.dumps(state)})

    def _tell(self, news: Mapping[str, str]) -> None:
        self._news.update(news)
        self._number += 1
        self._changed.notify_all()

    def close(self) -> None:
        """Let every open page's connection end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def file(self, address: str) -> bytes | None:
        """The content at this address."""
        with self._changed:
            return self._files.get(address)

    def news(self) -> Iterator[Mapping[str, str]]:
        """What is so now, then what is new; an empty one when nothing happened for a while."""
        known: dict[str, str] = {}
        number = -1
        while True:
            with self._changed:
                if self._number == number and not self._closed:
                    self._changed.wait(ALIVE_S)
                if self._closed:
                    return
                fresh = {key: value for key, value in self._news.items() if known.get(key) != value}
                number = self._number
            known.update(fresh)
            yield fresh


class Handler(BaseHTTPRequestHandler):
    """Answers GET for files of the site and for the stream of news."""

    shown: Shown
    names: frozenset[str]

    def do_GET(self) -> None:
        """Called by the server."""
        # Another page's script could reach us under a name of its own that leads to this machine.
        if (self.headers.get("Host") or "") not in self.names:
            self.send_error(HTTPStatus.FORBIDDEN, "this is served to this machine alone")
            return
        address = unquote(urlsplit(self.path).path)
        if address == EVENTS:
            self._stream()
            return
        address = address.lstrip("/") + ("index.html" if address.endswith("/") else "")
        content = self.shown.file(address)
        if content is None:
            self.send_error(HTTPStatus.NOT_FOUND, "there is no such page")
            return
        kind = mimetypes.guess_type(address)[0] or "application/octet-stream"
        if kind == "text/html":
            content = content.replace(b"</body>", LIVE, 1)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def _stream(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        try:
            for news in self.shown.news():
                said = "".join(f"event: {name}\ndata: {data}\n\n" for name, data in news.items())
                self.wfile.write((said or ": still here\n\n").encode())
                self.wfile.flush()
        except OSError:
            return  # the page was closed

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: requests are nobody's business."""


class Server(ThreadingHTTPServer):
    """One thread a connection; none of them holds up the end."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up in the middle is no event."""


@contextmanager
def serving(shown: Shown, port: int) -> Iterator[str]:
    """Serve on the loopback address; gives the site's address. Port 0 takes a free one.

    Raises Unusable when the port is taken.
    """
    try:
        server = Server((LOOPBACK, port), Handler)
    except OSError as error:
        raise Unusable(
            f"port {port} is not to be had: {error.strerror}", "lab site serve --port 0"
        ) from error
    taken = server.server_address[1]
    names = frozenset({f"{LOOPBACK}:{taken}", f"localhost:{taken}"})
    server.RequestHandlerClass = type("BoundHandler", (Handler,), {"shown": shown, "names": names})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{taken}/"
    finally:
        shown.close()
        server.shutdown()
        server.server_close()
        thread.join()
