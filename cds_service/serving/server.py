"""The WSGI server: gunicorn with threads, started from Python."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]
from gunicorn.config import KNOWN_SETTINGS  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from cds_service.monitoring import log
from cds_service.monitoring.metrics import forget_worker
from cds_service.serving.limits import THREADS
from cds_service.settings import Settings

KEEP_ALIVE_S = 75  # longer than the usual 60 s of a gateway in front, so that the gateway is the one to close
FINISH_S = 25
"""What is being answered when the service is told to stop has this long, and the budget for fetching besides."""
GC_THRESHOLDS = (50_000, 20, 50)
_STOPPING = {signal.SIGTERM, signal.SIGQUIT, signal.SIGINT}


class JsonLogger(Logger):  # type: ignore[misc]
    """gunicorn's own events as JSON lines on stderr, like every other line; no access log."""

    def setup(self, cfg: Any) -> None:
        """Replace gunicorn's handlers."""
        self.cfg = cfg
        log.attach(self.error_log)


class Master(Arbiter):  # type: ignore[misc]
    """gunicorn's main process, whose new workers hear that they are to stop however early they are told."""

    def spawn_worker(self) -> Any:
        """Fork a worker.

        Until a worker listens for signals itself, it would take one with the handler that it has from this process,
        which keeps it for a loop that the worker never runs: it would go on, and be killed at the end of the time that
        there is to finish. So the signals wait, here until the worker is forked, there until it listens.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
        try:
            return super().spawn_worker()  # a worker does not return from here
        finally:
            _hear_signals()


def _hear_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn around one application. The workers are forked from the process that loaded it."""

    def __init__(self, app: Flask, settings: Settings, announce: Callable[[str], None]) -> None:
        self._app = app
        host, port = settings.host, settings.port
        self._options = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": settings.workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "keepalive": KEEP_ALIVE_S,
            "logger_class": JsonLogger,
            "graceful_timeout": settings.fhir_budget_ms // 1000 + FINISH_S,
            "post_worker_init": self._worker_is_up,
            "child_exit": lambda _server, worker: forget_worker(worker.pid),
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

    def run(self) -> None:
        """Serve until told to stop. Does not return."""
        Master(self).run()

    def _worker_is_up(self, _worker: Any) -> None:
        _hear_signals()
        self._app.extensions["parts"].warm()


def run(app: Flask, settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until told to stop. ``announce`` is given the address once the service listens. Does not return."""
    settle_garbage_collector()
    Server(app, settings, announce).run()


def settle_garbage_collector() -> None:
    """Leave what was loaded at start out of every later collection, and collect less often: parsed bodies are trees."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def _address(server: Any) -> str:
    name = server.LISTENERS[0].sock.getsockname()
    host, port = name[0], name[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
