"""Make or drop a stand from the command line: `python -m bench.crowd --members 1000000`."""

from __future__ import annotations

import sys

from bench.crowd.stand import main

if __name__ == "__main__":
    sys.exit(main())
