"""Entry point of a Hugging Face Space (`app_file` in README.md). On your own machine: `make demo`."""

from __future__ import annotations

import sys

from demo.__main__ import main

sys.exit(main([]))
