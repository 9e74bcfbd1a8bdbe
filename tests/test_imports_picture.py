"""The picture of imports in docs: drawn from the real ones. `python tests/test_imports_picture.py` draws it anew."""

from __future__ import annotations

from test_architecture import LAYERS, NUMPY_ONLY, ROOT, arrows

PICTURE = ROOT / "docs" / "imports.svg"
WIDTH, STEP, HEIGHT, LETTER = 1180, 64, 26, 7.3
STYLE = """<style>
svg { background: #fff; font: 12px monospace } text { fill: #1c2233; text-anchor: middle }
path { fill: none; stroke: #8892a6; stroke-width: 0.9; opacity: 0.75 }
rect { fill: #e3e7f7; stroke: #4f5b93; rx: 5px } .numpy { fill: #e2f3e6; stroke: #4d8a5e }
</style>"""


def needed(found: set[tuple[str, str]], upwards: list[str]) -> set[tuple[str, str]]:
    """Arrows without those that follow from two or more others; `upwards`: all units, who is imported first."""
    below: dict[str, set[str]] = {}
    for name in upwards:
        direct = {target for here, target in found if here == name}
        below[name] = direct.union(*(below[target] for target in direct))
    return {(a, b) for a, b in found if not any(b in below[c] for x, c in found if x == a and c != b)}


def places(layers: list[list[str]]) -> dict[str, tuple[float, float, float]]:
    """Unit -> (middle, top, width) of its box; the first layer lies at the bottom."""
    result = {}
    for row, names in enumerate(reversed(layers)):
        widths = [LETTER * len(name) + 16 for name in names]
        gap = (WIDTH - sum(widths)) / (len(names) + 1)
        x = gap
        for name, width in zip(names, widths, strict=True):
            result[name] = (x + width / 2, 16 + STEP * row, width)
            x += width + gap
    return result


def draw() -> str:
    """The picture: a row a layer, who imports above who is imported; green needs no Paddle."""
    layers = [sorted(layer) for layer in LAYERS]
    lines = needed(set(arrows()), sum(layers, []))
    box = places(layers)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {STEP * len(layers)}">', STYLE]
    for here, target in sorted(lines):
        (x0, y0, _), (x1, y1, _) = box[here], box[target]
        start, bend = y0 + HEIGHT, min(44, (y1 - y0) / 2)
        curve = f"C{x0:.0f} {start + bend:.0f} {x1:.0f} {y1 - bend:.0f} {x1:.0f} {y1}"
        parts.append(f'<path d="M{x0:.0f} {start} {curve}"/>')
    for name, (x, y, width) in box.items():
        kind = ' class="numpy"' if name in NUMPY_ONLY else ""
        parts.append(f'<rect{kind} x="{x - width / 2:.0f}" y="{y}" width="{width:.0f}" height="{HEIGHT}"/>')
        parts.append(f'<text x="{x:.0f}" y="{y + 17}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def test_only_what_follows_from_others_is_left_out():
    assert needed({("a", "b"), ("b", "c"), ("a", "c")}, ["c", "b", "a"]) == {("a", "b"), ("b", "c")}


def test_the_picture_is_of_the_real_imports_and_no_arrow_goes_up():
    assert PICTURE.read_text(encoding="utf-8") == draw(), "draw it anew: python tests/test_imports_picture.py"
    box = places([sorted(layer) for layer in LAYERS])
    assert all(box[here][1] < box[target][1] for here, target in arrows()), "down the page"


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
