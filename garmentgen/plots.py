"""The figures of the notebooks: numpy in, matplotlib Figure out; nothing is shown or saved here. No Paddle.

Titles are Chinese and English where this machine has a Chinese font, English alone where it has none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.patches import Patch, Rectangle

from .config import LOSSES
from .errors import UserError
from .labels import BACKGROUND, GROUPS_ZH, LABELS, NUM_LABELS, Label, colorize, palette, pixel_counts

_CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei", "SimHei", "Microsoft YaHei", "PingFang SC", "Heiti TC",
    "Droid Sans Fallback",
)  # fmt: skip
_PANEL = 2.1
"""Inches of a picture's side."""


@cache
def chinese_font() -> str | None:
    """Name of a Chinese font that matplotlib finds here, or None."""
    there = {font.name for font in fontManager.ttflist}
    return next((name for name in _CHINESE if name in there), None)


def _style() -> AbstractContextManager:
    fonts = ["DejaVu Sans", *filter(None, [chinese_font()])]
    return mpl.rc_context(
        {"font.family": fonts, "font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "figure.dpi": 100}
    )


def _readable(title: str) -> str:
    """A title in both languages; without a Chinese font its English part: boxes tell nobody anything."""
    return title if chinese_font() else re.sub(r"[\u3000-\uffef]+", "", title).strip()


def _both(chinese: str, english: str) -> str:
    return f"{chinese} {english}" if chinese_font() else english


def _name(label: Label, longest: int = 99) -> str:
    return _both(label.name_zh.split("、")[0], label.name[:longest])


def _rgb(class_id: int) -> tuple[float, float, float]:
    red, green, blue = (float(v) / 255 for v in palette()[class_id])
    return red, green, blue


def _blank(axes: Axes) -> None:
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


# ---------------------------------------------------------------------------------------------------------- losses


def smooth(values: Sequence[float], keep: float = 0.9) -> np.ndarray:
    """Exponential moving average without the pull towards 0 at its start, float64 [N].

    Value n is the mean of values 0..n weighted by keep ** (n - k): constant values stay as they are.

    Args:
        keep: share of the past in each new average, 0 (no smoothing) to below 1.
    """
    result, total, weight = np.empty(len(values)), 0.0, 0.0
    for n, value in enumerate(values):
        total, weight = keep * total + value, keep * weight + 1
        result[n] = total / weight
    return result


_COUNTS = ("images", "images_per_second")
"""What a line of the log holds beside losses."""


def loss_curves(log: Sequence[Mapping[str, float]], title: str = "") -> Figure:
    """The losses of a run, smoothed with the raw values behind: the published ten on two rows, others below.

    Args:
        log: lines of log.jsonl (see `training.logs.read_log`): pictures seen under "images", losses by their names.

    Raises:
        UserError: the log is empty.
    """
    if not log:
        raise UserError("a log has at least one line, but this one is empty; train for longer than train.log_images")
    with _style():
        others = dict.fromkeys(name for line in log for name in line if name not in (*LOSSES, *_COUNTS))
        names = [*LOSSES, *others]
        rows = -(-len(names) // 5)
        figure = Figure(figsize=(15, 2.8 * rows), layout="constrained")
        figure.suptitle(title)
        places = figure.subplots(rows, 5).ravel()
        for axes in places[len(names) :]:
            axes.remove()
        for axes, name in zip(places, names, strict=False):
            _loss_curve(axes, name, [line for line in log if name in line and _in_use(name, line)])
        figure.supxlabel(_both("看过的图片数", "pictures seen"), fontsize=9)
    return figure


def _in_use(name: str, line: Mapping[str, float]) -> bool:
    """The adversarial losses are absent or logged as 0 until the discriminator joins."""
    return name not in LOSSES[:5] or line.get("d_all_loss", 0.0) > 0


def _loss_curve(axes: Axes, name: str, lines: Sequence[Mapping[str, float]]) -> None:
    axes.set_title(name, family="monospace")
    if not lines:
        _blank(axes)
        axes.text(0.5, 0.5, _both("尚未启用", "not yet in use"), ha="center", transform=axes.transAxes, color="0.5")
        return
    seen, values = [line["images"] for line in lines], [line[name] for line in lines]
    color = "C0" if name.startswith("d_") else "C3"
    axes.plot(seen, values, color=color, alpha=0.25, linewidth=1)
    axes.plot(seen, smooth(values, 1 - 1 / (1 + len(values) / 20)), color=color, linewidth=1.8)
    axes.grid(alpha=0.25)
    axes.margins(x=0.02)


# -------------------------------------------------------------------------------------------------------- pictures


def picture_grid(
    pictures: Sequence[np.ndarray], titles: Sequence[str] = (), columns: int = 4, inches: float = _PANEL
) -> Figure:
    """Pictures, uint8 [H, W, 3] or grey [H, W], row by row, each `inches` wide and with its title if there are any."""
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    with _style():
        figure = Figure(figsize=(inches * columns, (inches + 0.25) * rows), layout="constrained")
        for k, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
            _blank(axes)
            if k < len(pictures):
                axes.imshow(pictures[k], cmap="gray")
                axes.set_title(_readable(titles[k]) if k < len(titles) else "", fontsize=9)
    return figure


def result_figure(generated: np.ndarray, real: np.ndarray, labels: np.ndarray) -> Figure:
    """Rows of generated picture | ground truth | coloured map: the published project's result figure.

    Args:
        generated, real: uint8 RGB [N, S, S, 3]. labels: uint8 [N, S, S].
    """
    if not len(generated) == len(real) == len(labels):
        raise ValueError(f"expected as many pictures as maps, got {len(generated)}, {len(real)} and {len(labels)}")
    titles = (_both("生成", "generated"), _both("真实照片", "ground truth"), _both("标签图", "label map"))
    pictures = [p for row in zip(generated, real, colorize(labels), strict=True) for p in row]
    return picture_grid(pictures, titles, columns=3)


def samples_figure(images: np.ndarray, labels: np.ndarray) -> Figure:
    """Photographs above their maps, with the names of the classes below; uint8 [N, S, S, 3] and [N, S, S]."""
    with _style():
        figure = Figure(figsize=((_PANEL + 0.3) * len(images), 2 * _PANEL + 1.9), layout="constrained")
        grid = figure.subplots(2, len(images), squeeze=False)
        for n, (image, one) in enumerate(zip(images, labels, strict=True)):
            for axes, picture in zip(grid[:, n], (image, colorize(one)), strict=True):
                _blank(axes)
                axes.imshow(picture)
            there = [LABELS[c] for c in np.unique(one) if c != BACKGROUND]
            patches = [Patch(color=_rgb(c.id), label=_name(c)) for c in there]
            place = {"loc": "upper center", "bbox_to_anchor": (0.5, 0.0), "frameon": False, "fontsize": 7}
            grid[1, n].legend(handles=patches[:9], **place, handlelength=1, handleheight=1)
    return figure


def planes_figure(one_hot: np.ndarray, limit: int = 6) -> Figure:
    """The generator's label input, float [N, NUM_LABELS, S, S]: a row a picture, its largest planes side by side."""
    with _style():
        figure = Figure(figsize=(1.7 * limit, 1.95 * len(one_hot)), layout="constrained")
        for planes, row in zip(one_hot, figure.subplots(len(one_hot), limit, squeeze=False), strict=True):
            sizes = planes.sum((1, 2))
            there = [c for c in np.argsort(-sizes, kind="stable")[:limit] if sizes[c]]
            for k, axes in enumerate(row):
                _blank(axes)
                if k < len(there):
                    axes.imshow(planes[there[k]], cmap="gray", vmin=0, vmax=1)
                    axes.set_title(f"{there[k]}: {_name(LABELS[there[k]], 14)}", fontsize=7)
    return figure


def codes_figure(codes: Mapping[int, np.ndarray]) -> Figure:
    """Codes, class id -> [C, G, G]: a row a class, its C channels side by side on one scale."""
    channels = len(next(iter(codes.values())))
    with _style():
        figure = Figure(figsize=(1.2 * channels + 2.2, 1.25 * len(codes)), layout="constrained")
        grid = figure.subplots(len(codes), channels, squeeze=False)
        for (c, code), row in zip(codes.items(), grid, strict=True):
            reach = float(np.abs(code).max()) or 1.0
            for plane, axes in zip(code, row, strict=True):
                _blank(axes)
                axes.imshow(plane.astype(np.float32), cmap="coolwarm", vmin=-reach, vmax=reach)
            row[0].set_ylabel(f"{c}: {_name(LABELS[c], 18)}", rotation=0, ha="right", va="center", fontsize=8)
    return figure


# --------------------------------------------------------------------------------------------------------- classes


def class_chart() -> Figure:
    """Every class: colour, id, Chinese and English name, by groups."""
    columns: list[list[Label | str]] = [[], [], []]
    start, total = 0, NUM_LABELS + len(GROUPS_ZH)
    for group in GROUPS_ZH:
        lines: list[Label | str] = [group, *[label for label in LABELS if label.group == group]]
        columns[int(len(columns) * (start + len(lines) / 2) / total)] += lines  # where the group's middle falls
        start += len(lines)
    with _style():
        figure = Figure(figsize=(4.3 * len(columns), 0.27 * max(map(len, columns)) + 0.3), layout="constrained")
        axes = figure.subplots()
        _blank(axes)
        axes.set(xlim=(0, len(columns)), ylim=(max(map(len, columns)), 0))
        for x, column in enumerate(columns):
            for y, entry in enumerate(column):
                _chart_line(axes, x, y, entry)
    return figure


def _chart_line(axes: Axes, x: int, y: int, entry: Label | str) -> None:
    if isinstance(entry, str):
        axes.text(x, y + 0.72, _both(GROUPS_ZH[entry], entry), weight="bold", fontsize=9, va="center")
        return
    axes.add_patch(Rectangle((x + 0.02, y + 0.1), 0.07, 0.8, color=_rgb(entry.id)))
    axes.text(x + 0.15, y + 0.5, str(entry.id), ha="right", va="center", color="0.45", fontsize=8)
    axes.text(x + 0.17, y + 0.5, _both(entry.name_zh, entry.name), va="center", fontsize=8.5)


def count_classes(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Maps, uint8 [N, S, S] -> maps that show each class, and its pixels; both int64 [NUM_LABELS]."""
    maps, pixels = np.zeros(NUM_LABELS, np.int64), np.zeros(NUM_LABELS, np.int64)
    for one in labels:
        counts = pixel_counts(one)[:NUM_LABELS]
        maps += counts > 0
        pixels += counts
    return maps, pixels


def class_bars(labels: np.ndarray) -> Figure:
    """How many maps show each class and how large it then is; classes in the table's order. Maps uint8 [N, S, S]."""
    maps, pixels = count_classes(labels)
    share = 100 * pixels / np.maximum(maps, 1) / labels[0].size
    with _style():
        figure = Figure(figsize=(12, 0.18 * NUM_LABELS + 0.8), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        colors, ids = [_rgb(c) for c in range(NUM_LABELS)], np.arange(NUM_LABELS)
        left.barh(ids, maps, color=colors)
        left.set_title(
            _both(f"含该类别的图片数（共 {len(labels)} 张）\n", f"pictures with the class, of {len(labels)}"),
            fontsize=9,
        )
        left.set_yticks(ids, [_name(label) for label in LABELS], fontsize=7)
        left.set_ylim(NUM_LABELS - 0.4, -0.6)
        right.barh(ids, share, color=colors)
        right.set_title(_both("出现时占画面的百分比\n", "per cent of the canvas where present"), fontsize=9)
        for axes in (left, right):
            axes.grid(axis="x", alpha=0.25)
    return figure


def runs_figure(mask: np.ndarray, runs: np.ndarray) -> Figure:
    """A small mask with its pixels numbered as the competition counts them, each run in a colour of its own.

    Args:
        mask: bool [H, W], small. runs: its runs, int64 [K, 2] (see `data.rle.from_mask`).
    """
    height, width = mask.shape
    which = np.zeros(height * width, np.int64)
    for k, (start, end) in enumerate(runs):
        which[start:end] = k + 1
    which = which.reshape(width, height).T
    with _style():
        figure = Figure(figsize=(0.5 * width, 0.5 * height), layout="constrained")
        axes = figure.subplots()
        _blank(axes)
        axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
        for y, x in np.ndindex(height, width):
            color = mpl.colormaps["tab10"]((which[y, x] - 1) % 10) if which[y, x] else "white"
            axes.add_patch(Rectangle((x, y), 1, 1, facecolor=color, edgecolor="0.8"))
            axes.text(x + 0.5, y + 0.5, str(x * height + y + 1), ha="center", va="center", fontsize=8)
    return figure
