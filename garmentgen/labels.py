"""The label table: 46 garment classes in the order of the iMaterialist (Fashion) / Fashionpedia ontology.

This is the only place that knows how many classes there are, what they are called and how they are coloured.
Background is *not* a class: it is stored as 255, never 0 (0 is "shirt, blouse").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

BACKGROUND = 255
"""Id of every pixel that carries no class."""

_TABLE = """
upperbody|shirt, blouse|衬衫、罩衫|#136acc
upperbody|top, t-shirt, sweatshirt|上衣、T恤、卫衣|#4e14d4
upperbody|sweater|毛衣|#6a57bc
upperbody|cardigan|开衫|#c546f0
upperbody|jacket|夹克|#5ca7de
upperbody|vest|马甲|#9409ef
lowerbody|pants|长裤|#07e7aa
lowerbody|shorts|短裤|#4ed096
lowerbody|skirt|半身裙|#10ca63
wholebody|coat|大衣|#bf7094
wholebody|dress|连衣裙|#f5169a
wholebody|jumpsuit|连体衣|#9f3067
wholebody|cape|斗篷|#bb0a1a
head|glasses|眼镜|#b2813f
head|hat|帽子|#fa9e3c
head|headband, head covering, hair accessory|发带、头巾、发饰|#c5b477
neck|tie|领带|#f14c19
arms and hands|glove|手套|#dff71f
arms and hands|watch|手表|#9fc618
waist|belt|腰带|#61873e
legs and feet|leg warmer|护腿|#37e315
legs and feet|tights, stockings|连裤袜、长袜|#7cf349
legs and feet|sock|袜子|#1da527
legs and feet|shoe|鞋|#81b86a
others|bag, wallet|包、钱包|#0bbaf0
others|scarf|围巾|#42edf6
others|umbrella|雨伞|#3c7688
garment parts|hood|兜帽|#9ae1cf
garment parts|collar|衣领|#e5cfb8
garment parts|lapel|翻领|#fbf570
garment parts|epaulette|肩章|#aaf98a
garment parts|sleeve|袖子|#3ff75e
garment parts|pocket|口袋|#bddf4c
garment parts|neckline|领口|#64f8c6
closures|buckle|扣环|#e18bdc
closures|zipper|拉链|#9780f4
decorations|applique|贴花|#ed4964
decorations|bead|珠饰|#4454f8
decorations|bow|蝴蝶结|#f8979b
decorations|flower|花饰|#f64dc1
decorations|fringe|流苏边|#b5b5ed
decorations|ribbon|缎带|#8849fa
decorations|rivet|铆钉|#f627f4
decorations|ruffle|荷叶边|#e58169
decorations|sequin|亮片|#7cedfc
decorations|tassel|穗饰|#a658c4
"""

GROUPS_ZH = {
    "upperbody": "上身",
    "lowerbody": "下身",
    "wholebody": "全身",
    "head": "头部",
    "neck": "颈部",
    "arms and hands": "手臂与手",
    "waist": "腰部",
    "legs and feet": "腿与脚",
    "others": "其他",
    "garment parts": "服装部件",
    "closures": "闭合件",
    "decorations": "装饰",
}
"""Chinese names of the groups, in the table's order."""

_PART_GROUPS = ("garment parts", "closures", "decorations")


@dataclass(frozen=True)
class Label:
    """One class: competition id, English and Chinese name, group (supercategory), RGB colour."""

    id: int
    name: str
    name_zh: str
    group: str
    color: tuple[int, int, int]

    @property
    def is_part(self) -> bool:
        """True for parts, closures and decorations: they lie *on* a garment and follow its style."""
        return self.group in _PART_GROUPS

    @property
    def is_ornament(self) -> bool:
        """True for parts of a stuff of their own (metal, beads, ribbon), not of the garment's cloth."""
        return self.is_part and self.group != "garment parts" and self.name != "ruffle"


def _parse(row: str, index: int) -> Label:
    group, name, name_zh, color = row.split("|")
    return Label(index, name, name_zh, group, (int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)))


LABELS: tuple[Label, ...] = tuple(_parse(row, i) for i, row in enumerate(_TABLE.split("\n")[1:-1]))
NUM_LABELS = len(LABELS)
PARTS: tuple[int, ...] = tuple(label.id for label in LABELS if label.is_part)


def find(name: str | int) -> Label:
    """Look a class up by id, full name (either language), or any one of its comma-separated names.

    Raises:
        KeyError: nothing matches; the message lists close names.
    """
    text = str(name).strip().lower()
    for label in LABELS:
        names = [label.name, label.name_zh, str(label.id), *label.name.split(", "), *label.name_zh.split("、")]
        if text in (n.lower() for n in names):
            return label
    close = [label.name for label in LABELS if text and text in label.name] or [label.name for label in LABELS]
    raise KeyError(f"no class is called {' '.join(repr(name).split()):.60}; classes: {'; '.join(close)}")


@cache
def palette() -> np.ndarray:
    """uint8 [256, 3]: the colour of every id; ids without a class are white, as is the background."""
    table = np.full((256, 3), 255, np.uint8)
    table[:NUM_LABELS] = [label.color for label in LABELS]
    table.setflags(write=False)
    return table


def colorize(labels: np.ndarray) -> np.ndarray:
    """Class ids, integer [..., H, W] -> uint8 RGB [..., H, W, 3]; background is white.

    Raises:
        ValueError: an id is neither a class nor BACKGROUND.
    """
    labels = np.asarray(labels)
    check_ids(labels)
    return palette()[labels]


def pixel_counts(labels: np.ndarray) -> np.ndarray:
    """How many pixels of uint8 maps each id has, int64 [256]. OpenCV counts in a fifth of NumPy's time."""
    flat, exact = np.ascontiguousarray(labels).reshape(1, -1), 2**24  # what it counts in, float32, is whole up to there
    counts = np.zeros(256, np.int64)
    for k in range(0, flat.size, exact):
        counts += cv2.calcHist([flat[:, k : k + exact]], [0], None, [256], [0, 256]).ravel().astype(np.int64)
    return counts


def check_ids(labels: np.ndarray) -> None:
    """Raise ValueError unless every id of an integer array is a class or BACKGROUND."""
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"a label map holds integer class ids, but this one is {labels.dtype}; cast it to uint8")
    bad = (labels != BACKGROUND) & ((labels < 0) | (labels >= NUM_LABELS))
    if bad.any():
        raise ValueError(
            f"a label map holds ids 0..{NUM_LABELS - 1} and {BACKGROUND} for background, "
            f"but this one also has {np.unique(labels[bad])[:5].tolist()}"
        )


def decolorize(picture: np.ndarray) -> tuple[np.ndarray, int]:
    """Picture in palette colours, uint8 RGB [H, W, 3] -> (ids uint8 [H, W], number of snapped pixels).

    Palette colours (and white, the background) map exactly; any other pixel takes the nearest of them by
    Euclidean distance in RGB and is counted as snapped.
    """
    picture = np.asarray(picture)
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(f"a coloured map is uint8 RGB [H, W, 3], but this one is {picture.dtype} {picture.shape}")
    known = np.concatenate([palette()[:NUM_LABELS], palette()[BACKGROUND:]]).astype(np.int32)  # [K + 1, 3]
    ids = np.append(np.arange(NUM_LABELS), BACKGROUND).astype(np.uint8)
    packed = picture.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)  # [H, W]
    colors, inverse = np.unique(packed, return_inverse=True)
    channels = np.stack([colors >> 16 & 255, colors >> 8 & 255, colors & 255], 1).astype(np.int32)
    nearest, distance = np.empty(len(colors), np.int64), np.empty(len(colors), np.int64)
    for start in range(0, len(colors), 65536):  # a photo has millions of colours: bound the distance table
        block = channels[start : start + 65536]
        table = np.square(block[:, None] - known[None]).sum(-1)
        nearest[start : start + 65536] = table.argmin(1)
        distance[start : start + 65536] = table.min(1)
    inverse = inverse.reshape(packed.shape)
    return ids[nearest][inverse], int((distance > 0)[inverse].sum())
