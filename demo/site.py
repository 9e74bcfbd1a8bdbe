"""The demo as a folder that any web server opens: no Python behind it, the same page in front.

A worker in the visitor's browser answers the page's events (`static/studio.js`) with the weights beside it
(`garmentgen.web`). What needs Python is not in the page: a control whose event nobody answers is not shown.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from demo import components, opening, texts
from demo.starters import Starter, load_starters
from garmentgen import Designer, Look, cutout, web
from garmentgen.painter import STYLE, encode

_STATIC = Path(__file__).with_name("static")
_MARK = "garmentgen.webmanifest"
"""A folder that holds this file was written here."""
INDIGO = (67, 56, 202)
ICONS = (192, 512)

TEXTS: dict[str, tuple[str, str]] = {
    "loading": ("Fetching the painter, once: about 18 MB ...", "正在获取绘图程序（仅一次，约 18 MB）……"),
    "wasm": (
        "Painted in this browser: WebAssembly, threads: {threads}. Nothing you draw leaves this device.",
        "在此浏览器中绘制：WebAssembly，线程数 {threads}。您的画面不会离开本机。",
    ),
    "webgpu": (
        "Painted in this browser: WebGPU. Nothing you draw leaves this device.",
        "在此浏览器中绘制：WebGPU。您的画面不会离开本机。",
    ),
}
MESSAGES: dict[str, tuple[str, str]] = {
    "page_broken": (
        "Something went wrong; your painting is safe. Please try again.",
        "出错了，您的画面没有丢失，请重试。",
    ),
    "unable": (
        "The painter could not be started here: a browser of 2023 or later and this page's whole folder are needed.",
        "无法在此启动绘图程序：需要 2023 年及以后的浏览器，以及本页的完整文件夹。",
    ),
    "session_large": (
        "A session file is well under 4 MB; this one is larger, so it is not one of ours.",
        "会话文件远小于 4 MB，该文件太大，不是会话。",
    ),
    "session_no_json": ("A session is a JSON file, but this file is not.", "会话应为 JSON 文件，该文件不是。"),
    "session_fault": (
        "The {field} of this session is not what it should be; save the session again.",
        "会话文件的 {field} 不正确，请重新保存会话。",
    ),
    "session_codes": (
        "This session's look does not fit the weights of this page.",
        "该会话的效果与当前权重不匹配，无法打开。",
    ),
    "session_size": (
        "This session's map has {size} pixels a side, which do not fit the {side} here.",
        "该会话的标签图边长为 {size} 像素，与当前的 {side} 像素不符。",
    ),
    "session_resized": (
        "The map was resized from {from}x{from} to {to}x{to}.",
        "标签图已从 {from}x{from} 缩放为 {to}x{to}。",
    ),
    "session_weights": (
        "This look was made with weights {from}, these are {to}: the picture will not be the same.",
        "效果由权重 {from} 生成，当前为 {to}，图片会不同。",
    ),
    "too_thin": (
        "This part is too thin here to be dressed by hand: paint it wider.",
        "该部位太细，无法单独着装，请画宽一些。",
    ),
    "no_garment": (
        "No garment was found in this photo: nothing stands out from its ground. Draw a box around the garment.",
        "照片中没有找到服装：没有与背景区分明显的物体。请在服装周围画一个框。",
    ),
    "map_colours": (
        "This picture is no label map: its colours are not the palette's.",
        "该图片不是标签图：颜色不在调色板中。",
    ),
    "no_sides": (
        "This part has no left and right side here: its pieces do not lie apart.",
        "该部位在此没有分开的左右两侧。",
    ),
}


def build(folder: Path, weights: Path) -> str:
    """Write the page, its weights and its runtime into an empty folder or one written before; returns what to tell.

    The old page stays until the new one is whole and has painted the picture that the network paints.

    Raises:
        UserError: the folder holds something else, or see `garmentgen.web`.
    """
    folder = web.claim(folder, _MARK)
    designer = Designer.load(weights)
    starters = load_starters(designer)
    looks = opening.dressed(designer, starters)
    with tempfile.TemporaryDirectory(prefix="garmentgen-") as name:
        files = Path(name)
        web.write_runtime(files)
        web.write_model(designer, weights, looks[0], files)
        _write_page(files, designer, starters, looks)
        verdict = web.check_model(files)
        version = _version(files)
        _publish(files, folder, version, designer, looks[0])
    size = sum(path.stat().st_size for path in (folder / version).iterdir()) / 1e6
    return f"page in {folder}, {size:.0f} MB; any web server may serve it. {verdict}"


def _write_page(files: Path, designer: Designer, starters: Sequence[Starter], looks: Sequence[Look]) -> None:
    """The page's own scripts, style and data."""
    for path in (*web.SCRIPTS, *_STATIC.glob("*.js")):
        shutil.copyfile(path, files / path.name)
    for name in ("sw.js", "start.js", "check.js"):
        (files / name).unlink()
    start = (_STATIC / "start.js").read_text("utf-8")
    (files / "page.js").write_text(components.script(start, TEXTS, MESSAGES), "utf-8")
    style = (_STATIC / "static.css").read_text("utf-8") + STYLE.read_text("utf-8") + components.css()
    (files / "page.css").write_text(style, "utf-8")
    listed = (_STATIC / "studio.js").read_text("utf-8").partition("export const EVENTS = [")[2].partition("]")[0]
    page = {**opening.page(designer, starters, looks), "events": re.findall(r"\w+", listed)}
    studio = {
        "templates": [encode(starter.labels) for starter in starters],
        "opening": opening.OPENING,
        "messages": {**texts.MESSAGES, **MESSAGES},
    }
    for name, value in {"page.json": page, "studio.json": studio}.items():
        (files / name).write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), "utf-8")


def _version(files: Path) -> str:
    """A name for these files: others in a later version never meet them."""
    digests = [hashlib.sha256(path.read_bytes()).digest() for path in sorted(files.iterdir())]
    return hashlib.sha256(b"".join(digests)).hexdigest()[:12]


def _publish(files: Path, folder: Path, version: str, designer: Designer, look: Look) -> None:
    """Put the files in place under their version, then what a browser opens first, then drop older versions."""
    (folder / version).mkdir(exist_ok=True)
    for path in files.iterdir():
        shutil.copyfile(path, folder / version / path.name)
    for side in ICONS:
        (folder / f"icon-{side}.png").write_bytes(_icon(designer, look, side))
    (folder / _MARK).write_text((_STATIC / "manifest.json").read_text("utf-8"), "utf-8")
    (folder / "README.md").write_text((_STATIC / "space.md").read_text("utf-8"), "utf-8")
    index = (_STATIC / "index.html").read_text("utf-8").replace("{version}", version)
    (folder / "index.html").write_text(index, "utf-8")
    names = ["index.html", _MARK, *(f"icon-{side}.png" for side in ICONS)]
    paths = [*(folder / name for name in names), *sorted((folder / version).iterdir())]
    listed = {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}
    worker = (_STATIC / "sw.js").read_text("utf-8").replace("{} /* listed */", json.dumps(listed, indent=1))
    (folder / "sw.js").write_text(worker, "utf-8")
    for old in folder.iterdir():
        if re.fullmatch("[0-9a-f]{12}", old.name) and old.name != version:
            shutil.rmtree(old)


def _icon(designer: Designer, look: Look, side: int) -> bytes:
    """The opening garment on an indigo ground, a PNG that systems may cut round."""
    garment = Image.fromarray(cutout(designer.render(look), look.labels, side * 7 // 10))
    ground = Image.new("RGB", (side, side), INDIGO)
    margin = (side - garment.width) // 2
    ground.paste(garment, (margin, margin), garment)
    buffer = io.BytesIO()
    ground.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
