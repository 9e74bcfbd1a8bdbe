"""What a reader says about a map, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..labels import LABELS

_LISTED = 8

_SENTENCES: dict[str, tuple[str, str]] = {
    "ids": ("Read as class ids{where}: {classes}.", "按类别编号读取{where}：{classes}。"),
    "palette": ("Read by its palette colours: {classes}.", "按调色板颜色读取：{classes}。"),
    "edges": (
        "{count:,} pixels of smooth edges, between the palette's colours, took the class of a neighbour.",
        "{count:,} 个平滑边缘像素的颜色介于调色板颜色之间，已归入相邻部位。",
    ),
    "blurred": (
        "{count:,} pixels are only near the palette's colours and took the class of their area (a PNG keeps colours).",
        "{count:,} 个像素的颜色只是接近调色板颜色，已归入所在部位；PNG 能保持颜色不变。",
    ),
    "foreign": (
        "{count:,} pixels were no palette colours and took the nearest one.",
        "{count:,} 个像素不是调色板颜色，已取最接近的颜色。",
    ),
    "black": ("{count:,} black pixels were taken for background.", "{count:,} 个黑色像素按背景读取。"),
    "resized": (
        "The map was resized from {width}x{height} to {size}x{size}.",
        "已从 {width}x{height} 缩放到 {size}x{size}。",
    ),
    "thin": (
        "Thinner than a pixel of the canvas, and widened to be kept: {classes}.",
        "以下部位细于画布的一个像素，已加宽保留：{classes}。",
    ),
    "lost": ("Too small for the canvas, and lost: {classes}.", "以下部位对画布来说太小，已丢失：{classes}。"),
    "from_one": (
        "There is no background: id 0 ({first}) fills the border. If these ids count from 1 and 0 is their "
        "background, subtract 1 and make the background 255.",
        "没有背景：边缘全是编号 0（{first}）。如果编号从 1 开始、0 表示背景，请将编号减 1，并把背景改为 255。",
    ),
    "no_background": (
        "There is no background: the garment fills the whole picture. Background is white, or id 255.",
        "没有背景：服装占满整张图。背景应为白色，或编号 255。",
    ),
}
_WHERE = {
    "grey": ("", ""),
    "equal": (" in equal channels", "（三通道相等）"),
    "index": (" by index, since its palette is not garmentgen's", "（按索引，其调色板不是 garmentgen 的）"),
    "voc": (" by the colours of VOC and labelme", "（按 VOC / labelme 的颜色）"),
    "greys": (" in a palette of greys", "（灰度调色板）"),
    "257": (" in 16 bits, each stored 257-fold", "（16 位，按 257 倍存储）"),
}


@dataclass(frozen=True)
class Note:
    """One sentence about how a map was read. `str(note)` is English; `note.say("zh")` Chinese.

    Attributes:
        key: which sentence. values: what fills it. warning: True where the map is probably not what its maker meant.
    """

    key: str
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def warning(self) -> bool:
        """Worth a second look."""
        return self.key in ("lost", "from_one", "no_background", "foreign")

    def say(self, language: str = "en") -> str:
        """The sentence in "en" or "zh"."""
        zh = language == "zh"
        values = dict(self.values)
        if "classes" in values:
            values["classes"] = _named(values["classes"], zh)
        if "where" in values:
            values["where"] = _WHERE[values["where"]][zh]
        values["first"] = LABELS[0].name_zh if zh else LABELS[0].name
        return _SENTENCES[self.key][zh].format(**values)

    def __str__(self) -> str:
        return self.say()


def _named(classes: dict[int, float | None], zh: bool) -> str:
    """Class id -> share of the painted area, or None -> "sleeve 21%, collar <1%"; the largest first."""
    ordered = sorted(classes.items(), key=lambda item: -(item[1] or 0))
    names = []
    for c, share in ordered[:_LISTED]:
        percent = "" if share is None else " <1%" if share < 0.01 else f" {share:.0%}"
        names.append((LABELS[c].name_zh if zh else LABELS[c].name) + percent)
    if len(ordered) > _LISTED:
        more = len(ordered) - _LISTED
        names.append(f"另有 {more} 种" if zh else f"{more} more")
    return "、".join(names) if zh else "; ".join(names)
