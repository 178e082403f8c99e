"""The service under another server, or with another number of threads.

``benchmarks.served:application`` is what a WSGI server imports; ``python -m benchmarks.served PORT THREADS`` is the
service's own server with that many threads.
"""

from __future__ import annotations

import sys

from cds_service.app import create_app
from cds_service.serving.server import Server, settle_garbage_collector
from cds_service.settings import load_settings

application = create_app()
settle_garbage_collector()

if __name__ == "__main__":
    own = Server(application, load_settings(port=int(sys.argv[1]), workers=1), lambda _: None)
    own.cfg.set("threads", int(sys.argv[2]))
    own.run()
