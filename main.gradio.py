"""The demo as an AI Studio application: the platform runs a file named *.gradio.py. See docs/aistudio.md."""

from __future__ import annotations

import os
import sys

os.environ.setdefault("GRADIO_SERVER_NAME", "0.0.0.0")  # an application's container is reached from outside

from demo.__main__ import main  # noqa: E402  after the address is set

if __name__ == "__main__":
    sys.exit(main([]))
