"""``python -m cds_service.commands`` is the command ``cds-service``."""

import sys

from cds_service.commands import main

sys.exit(main())
