"""Notebooks under test keep what they make in a temporary folder, so that no earlier run is met again."""

from __future__ import annotations

import os
import tempfile

_work = tempfile.TemporaryDirectory(prefix="garmentgen-notebooks-")
os.environ["GARMENTGEN_NOTEBOOK_WORK"] = _work.name
