"""`python -m reviewflow`: the command line, for where the `reviewflow` command itself is not installed."""

import sys

from reviewflow.commands import main

sys.exit(main())
