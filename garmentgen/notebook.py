"""What the notebooks share: where their data lies, a run as it goes, the shapes inside a network, what things take.

`DATA` of a notebook is "" (drawn garments, made on the spot), a folder with photos and masks as they were published,
or a folder that `prepare` has written.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from IPython.core.display import HTML, Image
from IPython.core.display_functions import display

from .bench.data import measure as measure
from .bench.data import race as race
from .data.prepare import prepare
from .data.sample import decode_masks, orient, painting_order, prepare_one, read
from .data.source import Record, Source
from .errors import UserError
from .inference import Designer, shipped_weights
from .photo import decode, read_header, turn
from .synthetic import write_synthetic_set

DRAWN, DRAWN_SIZE = 64, 384
"""How many garments are drawn for a notebook without data, and at what side."""
GLANCE = 64
"""Side at which a photo is tried: a JPEG is read at an eighth of its size."""


def is_prepared(folder: Path) -> bool:
    """Whether `prepare` has written this folder to its end."""
    return (folder / "meta.json").is_file() and (folder / "labels.npy").is_file()


def raw_folder(data: str | Path, work: str | Path) -> Path:
    """A folder of photos with their masks: `data` itself, or drawn garments where it is empty or already prepared.

    Raises:
        UserError: `data` does not exist.
    """
    if data and not Path(data).exists():
        raise UserError(f'DATA is {str(data)!r}, but there is nothing; give a folder that exists, or "" for drawn ones')
    if data and not is_prepared(Path(data)):
        return Path(data)
    drawn = Path(work) / f"drawn-{DRAWN}"
    if not (drawn / "train.csv").is_file():  # written last
        write_synthetic_set(drawn, DRAWN, DRAWN_SIZE)
    return drawn


def prepared_folder(data: str | Path, work: str | Path, size: int, limit: int | None = None) -> Path:
    """A prepared folder: `data` itself, or what `raw_folder` gives, prepared once and kept under `work`.

    Args:
        size: side of the pictures, pixels. limit: the first so many photos only; None for all.

    Raises:
        UserError: see `raw_folder` and `prepare`.
    """
    if data and is_prepared(Path(data)):
        return Path(data)
    raw = raw_folder(data, work)
    folder = Path(work) / "-".join(map(str, [raw.name, size, *([limit] if limit else [])]))
    if not is_prepared(folder):
        print(prepare(raw, folder, size, limit=limit, progress=print))
    return folder


def annotated(source: Source, record: Record) -> tuple[np.ndarray, list[tuple[int, np.ndarray]]]:
    """A photo as annotated, uint8 RGB [H, W, 3], and its sound masks in painting order: (class id, runs int64 [K, 2]).

    Raises:
        UserError: the photo cannot be read.
    """
    photo = read_header(read(record.path))
    tag, _ = orient(photo, record.segments)
    pixels = turn(decode(photo), tag)
    masks, _ = decode_masks(record.segments, source.runs, photo, pixels.shape[:2])
    return pixels, painting_order(masks)


def sound_records(source: Source, most: int) -> list[Record]:
    """The first records, `most` at most, that `prepare` would take; says how many were passed over.

    Raises:
        UserError: there is none; names the fault of the first.
    """
    sound, faults = [], []
    for i in range(len(source)):
        if len(sound) == most:
            break
        record = source.record(i)
        outcome = prepare_one(record, source.runs, GLANCE, "stretch")
        sound.append(record) if outcome.sample else faults.append(f"{record.name}: {outcome.left_out[0][1]}")
    if not sound:
        raise UserError(f"no photo here can be used; the first, {faults[0] if faults else 'there is none'}")
    if faults:
        print(f"跳过有误的照片 photos passed over: {len(faults)}; {faults[0]}")
    return sound


def best_designer(run: str | Path, preset: str = "tiny") -> Designer:
    """The shipped Designer if its weights are here, else what the run in this folder has learnt, else an untrained one.

    Says which, since only the first paints garments worth looking at.
    """
    shipped, own = shipped_weights(), Path(run) / "prior" / "weights.safetensors"
    if shipped.is_file():
        designer = Designer.load(shipped)
    elif own.is_file():
        designer = Designer.load(own, prior="bank")
    else:
        designer = Designer.random(preset)
    name = shipped.name if shipped.is_file() else own if own.is_file() else "未训练 untrained"
    print(f"权重 weights: {name}, {designer.size} x {designer.size}")
    return designer


class SheetView:
    """The newest sample sheet of a run as it goes, for `train(show=...)`."""

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        display(HTML("标签图 map | 照片 photo | 重建 reconstruction | 换用别人的编码 another picture's codes"))
        self.handle = display(HTML("…"), display_id=True)

    def __call__(self, _: object) -> None:
        """Show it, if there is one yet."""
        sheet = max((self.folder / "samples").glob("*.png"), default=None)
        if self.handle is not None and sheet is not None:
            self.handle.update(Image(filename=str(sheet)))


def layer_shapes(net: Any, call: Callable[[], Any]) -> str:
    """What flows through a network's direct children during `call`, as a table: name, kind, output shape, parameters.

    Args:
        net: a Paddle layer. call: runs it once, e.g. `lambda: net(x)`.
    """
    rows, hooks = [], []

    def watch(name: str, layer: Any) -> None:
        def note(_: Any, __: Any, out: Any) -> None:
            shape = "x".join(map(str, (out[0] if isinstance(out, (list, tuple)) else out).shape))
            count = sum(int(p.size) for p in layer.parameters())
            rows.append(f"{name:<12}{type(layer).__name__:<14}{shape:<18}{count:>10,}")

        hooks.append(layer.register_forward_post_hook(note))

    for name, child in net.named_children():
        many = list(child.named_children()) if type(child).__name__ == "LayerList" else []
        for inner, layer in [(f"{name}.{k}", one) for k, one in many] or [(name, child)]:
            watch(inner, layer)
    try:
        call()
    finally:
        for hook in hooks:
            hook.remove()
    total = sum(int(p.size) for p in net.parameters())
    head = f"{'layer':<12}{'kind':<14}{'output':<18}{'parameters':>10}"
    return "\n".join([head, *rows, f"{'total':<44}{total:>10,}"])


def work_folder() -> Path:
    """Where notebooks keep what they make: GARMENTGEN_NOTEBOOK_WORK, else runs/notebooks beside `notebooks`."""
    return Path(os.environ.get("GARMENTGEN_NOTEBOOK_WORK", "../runs/notebooks"))
