"""What every test stands on: a place of its own for what the service keeps."""

from __future__ import annotations

import os
import tempfile

# Before anything is imported that may open the store, and for the processes that tests start.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="cds-tests-")
