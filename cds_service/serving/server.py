"""The WSGI server: gunicorn with threads, started from Python."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.config import KNOWN_SETTINGS  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from cds_service import telemetry
from cds_service.serving.saturation import THREADS

KEEP_ALIVE_S = 75  # longer than the usual 60 s of a gateway in front, so that the gateway is the one to close
GC_THRESHOLDS = (50_000, 20, 50)


class JsonLogger(Logger):  # type: ignore[misc]
    """gunicorn's own events as JSON lines on stderr, like every other line; no access log."""

    def setup(self, cfg: Any) -> None:
        """Replace gunicorn's handlers."""
        self.cfg = cfg
        telemetry.attach(self.error_log)


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn around one application. The workers are forked from the process that loaded it."""

    def __init__(self, app: Flask, *, host: str, port: int, workers: int, announce: Callable[[str], None]) -> None:
        self._app = app
        self._options = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "keepalive": KEEP_ALIVE_S,
            "logger_class": JsonLogger,
            "when_ready": lambda server: announce(_address(server)),
            "control_socket_disable": True,  # newer versions would leave a socket in the home directory
            "preload_app": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Set what this version of gunicorn knows."""
        known = {setting.name for setting in KNOWN_SETTINGS}
        for name, value in self._options.items():
            if name in known:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, loaded before the workers are forked."""
        return self._app


def run(app: Flask, *, host: str, port: int, workers: int, announce: Callable[[str], None]) -> None:
    """Serve until told to stop. ``announce`` is given the address once the service listens. Does not return."""
    settle_garbage_collector()
    Server(app, host=host, port=port, workers=workers, announce=announce).run()


def settle_garbage_collector() -> None:
    """Leave what was loaded at start out of every later collection, and collect less often: parsed bodies are trees."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def _address(server: Any) -> str:
    name = server.LISTENERS[0].sock.getsockname()
    host, port = name[0], name[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
