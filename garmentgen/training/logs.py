"""What a run tells: log.jsonl (the losses), sample sheets, and its progress."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import paddle
from tqdm.auto import tqdm

from ..arrays import to_images
from ..files import append, write_atomically
from ..labels import colorize
from ..photo import write_png
from .batch import Batch
from .steps import Networks, run_generator

if TYPE_CHECKING:
    from ..models import Encoder, Generator


class Log:
    """Averages the losses between two lines of log.jsonl. Lines past the resumed state are dropped."""

    def __init__(self, folder: Path, seen: int):
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "log.jsonl"
        if self.path.exists():
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
            kept = [line for line in lines if _seen(line) <= seen]
            text = "".join(line + "\n" for line in kept)
            write_atomically(self.path, lambda temporary: temporary.write_text(text))
        self.totals: dict[str, float] = {}
        self.pictures, self.seconds = 0, 0.0

    def add(self, values: dict[str, float], pictures: int, seconds: float) -> None:
        """Count one step's losses."""
        for name, value in values.items():
            self.totals[name] = self.totals.get(name, 0.0) + value * pictures
        self.pictures += pictures
        self.seconds += seconds

    def write(self, seen: int) -> dict[str, float]:
        """Append the averages as one line and start again."""
        means = {name: round(total / self.pictures, 6) for name, total in self.totals.items()}
        line = {"images": seen, **means, "images_per_second": round(self.pictures / self.seconds, 3)}
        append(self.path, json.dumps(line) + "\n")
        self.totals, self.pictures, self.seconds = {}, 0, 0.0
        return line


def _seen(line: str) -> float:
    try:
        return float(json.loads(line)["images"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return float("inf")  # a line cut short by a kill, or no line of ours


def read_log(path: Path) -> list[dict[str, float]]:
    """The lines of a log.jsonl (or of a run's folder), oldest first."""
    path = Path(path)
    path = path / "log.jsonl" if path.is_dir() else path
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def tell_losses(shown: tqdm, line: dict[str, float]) -> None:
    """The latest losses behind a run's bar; where there is none, as in a log file, a line of text."""
    losses = "  ".join(f"{name} {line[name]:.3f}" for name in ("d_all_loss", "g_loss", "flow_loss") if name in line)
    if not shown.disable:
        shown.set_postfix_str(losses)
        return
    rate = line["images_per_second"]
    minutes = int(max(shown.total - line["images"], 0) / rate // 60) if rate else 0  # the last batch may go over
    left = f"{minutes // 60}:{minutes % 60:02d} h left"
    print(f"{line['images']:>9,} / {shown.total:,} pictures  {rate:6.2f}/s  {left}  {losses}", flush=True)


@paddle.no_grad()
def sample_sheet(path: Path, encoder: Encoder, generator: Generator, batch: Batch, labels: np.ndarray) -> None:
    """Write a PNG with a row a picture: map | real | reconstruction | the map with another picture's codes."""
    nets = Networks(encoder, generator, None, None)  # type: ignore[arg-type]
    out = run_generator(nets, batch, swap=True)
    assert out.swapped is not None
    columns = [colorize(labels), to_images(batch.pictures), to_images(out.fake), to_images(out.swapped)]
    sheet = np.concatenate([np.concatenate(list(column), 0) for column in columns], 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, sheet)
