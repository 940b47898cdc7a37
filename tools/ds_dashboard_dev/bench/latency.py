"""AWS with a delay: a server on the loopback address that answers each API call after a while, and computes nothing.

Clients reach it by `AWS_ENDPOINT_URL`, so all of boto3 runs as it does on AWS: signing, connections, parsing, pages.
It has no TLS, and the delay is the whole of a network's and a service's time.
"""

from __future__ import annotations

import asyncio
import json
import threading
from types import TracebackType
from typing import Any

from ds_dashboard_dev.bench.answers import answer


class LatencyServer:
    """Answers every call `seconds` after it has come in, any number of them at once."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.endpoint = ""
        self.calls = 0

    def __enter__(self) -> LatencyServer:
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop)
        self.endpoint = "http://127.0.0.1:{1}".format(*starting.result().sockets[0].getsockname())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                headers = _headers(await reader.readuntil(b"\r\n\r\n"))
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.calls += 1
                await asyncio.sleep(self._seconds)
                writer.write(_response(answer(headers["x-amz-target"].rpartition(".")[2], json.loads(body))))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}


def _response(document: dict[str, Any]) -> bytes:
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
