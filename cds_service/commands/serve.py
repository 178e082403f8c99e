"""`cds-service serve`: run the service until it is told to stop."""

from __future__ import annotations

import argparse

from cds_service.settings import load_settings

_OK = 0


def add_serve(parser: argparse.ArgumentParser) -> None:
    """Give the command ``serve`` its arguments."""
    parser.description = "Run the service until it is told to stop."
    parser.add_argument("--host", help="address to listen on (CDS_HOST, default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port; 0 takes any free one (CDS_PORT, default 8000)")
    parser.add_argument("--workers", type=int, help="processes (CDS_WORKERS, default 1)")
    parser.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    settings = load_settings(host=options.host, port=options.port, workers=options.workers)

    from cds_service.app import create_app  # noqa: PLC0415 - slow to load, and not needed to refuse the settings
    from cds_service.monitoring.metrics import sharing  # noqa: PLC0415
    from cds_service.serving.server import run  # noqa: PLC0415

    def announce(address: str) -> None:
        print(f"Listening on {address} (discovery: {address}/cds-services)", flush=True)  # noqa: T201

    with sharing():  # before the application is made, which counts into the folder
        run(create_app(settings), settings, announce)
    return _OK
