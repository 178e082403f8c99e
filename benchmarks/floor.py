"""The floor: the least that any service must do. It parses the same body with orjson and answers a constant.

``python -m benchmarks.floor PORT`` runs it bare: gunicorn and nothing of this project, but with the service's own
settings of threads, connections and garbage collector (a test holds them equal), and one worker.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from gunicorn.app.base import BaseApplication

ANSWER = b'{"cards":[]}'
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(ANSWER)))]
THREADS = 56
KEEP_ALIVE_S = 75
GC_THRESHOLDS = (50_000, 20, 50)


def app(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Read the body, parse it, answer. A GET (asked while the server starts) has no body to parse."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length:
        orjson.loads(environ["wsgi.input"].read(length))
    start_response("200 OK", HEADERS)
    return [ANSWER]


class Floor(BaseApplication):
    """gunicorn around :func:`app`."""

    def __init__(self, port: int) -> None:
        self._options = {"bind": f"127.0.0.1:{port}", "workers": 1, "worker_class": "gthread", "threads": THREADS}
        self._options |= {"keepalive": KEEP_ALIVE_S, "preload_app": True, "loglevel": "warning"}
        self._options |= {"control_socket_disable": True}
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Iterable[bytes]]:
        return app


if __name__ == "__main__":
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    Floor(int(sys.argv[1])).run()
