"""The service under another server, or with another number of threads.

``benchmarks.served:application`` is what a WSGI server imports; ``python -m benchmarks.served PORT THREADS`` is the
service's own server with that many threads.
"""

from __future__ import annotations

import sys

from cds_service.app import create_app
from cds_service.serving.server import Server, settle_garbage_collector

application = create_app()
settle_garbage_collector()

if __name__ == "__main__":
    own = Server(application, host="127.0.0.1", port=int(sys.argv[1]), workers=1, announce=lambda _: None)
    own.cfg.set("threads", int(sys.argv[2]))
    own.run()
