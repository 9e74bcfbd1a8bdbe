"""Every word of the page in English and Chinese; the painter brings its own (garmentgen/painter/painter.js)."""

from __future__ import annotations

import gradio as gr

TEXTS: dict[str, tuple[str, str]] = {
    "tagline": ("Paint the parts, see the garment.", "画出部位，看见成衣。"),
    "garment": ("Garment", "成衣"),
    "timeTip": ("From your last touch to this picture", "从最后一笔到这张图"),
    "compare": ("Map | garment", "标签图 | 成衣"),
    "zoomIn": ("Zoom in", "放大"),
    "zoomOut": ("Zoom out", "缩小"),
    "lock": ("Keep this region's look", "锁定该部位"),
    "unlock": ("Let this region change", "解锁该部位"),
    "reroll": ("Another look for this region only", "只换该部位"),
    "dark": ("Light or dark", "浅色 / 深色"),
    "save": ("Save", "保存"),
    "image": ("Picture", "图片"),
    "map": ("Map", "标签图"),
    "session": ("Session", "会话"),
    "openSession": ("Open session", "打开会话"),
    "seed": ("Seed", "种子"),
    "dice": ("Another look", "换一个"),
    "diversity": ("Diversity", "多样性"),
    "harmony": ("Harmony", "协调度"),
    "follow": ("Parts follow their garment", "部件跟随主体"),
    "regions": ("On the map", "图中部位"),
    "variants": ("Variants", "变体"),
    "makeVariants": ("Show 8 variants", "生成 8 个变体"),
    "history": ("History", "历史"),
    "blend": ("Blend", "过渡"),
    "blendFrom": ("A: this look", "A：当前效果"),
    "blendTo": ("B: this look", "B：当前效果"),
    "gif": ("Save GIF", "保存 GIF"),
    "style": ("Style from a photo", "照片风格"),
    "photo": ("Photo", "照片"),
    "photoMap": ("Its map, if not the painting", "照片的标签图（缺省为当前画面）"),
    "styleRegions": ("Only these regions", "仅这些部位"),
    "trace": ("Trace the photo", "描摹照片"),
    "applyStyle": ("Take its style", "取用风格"),
    "templates": ("Templates", "模板"),
}

MESSAGES: dict[str, tuple[str, str]] = {
    "broken": (
        "Something went wrong on the server; your painting is safe. Please try again.",
        "服务器出错，您的画面没有丢失，请重试。",
    ),
    "empty": ("The map is empty. Paint something or choose a template.", "画面是空的。请先绘制或选择一个模板。"),
    "file_large": (
        "This file has {size:.1f} MB, but at most {most} are read.",
        "文件为 {size:.1f} MB，最多 {most} MB。",
    ),
    "file_unreadable": ("This file could not be read; please choose it again.", "无法读取该文件，请重新选择。"),
    "file_foreign": (
        "This file is not among those uploaded here; please upload it again.",
        "该文件不在已上传的文件之列，请重新上传。",
    ),
    "not_understood": (
        "This request could not be understood; the API page says what each argument takes.",
        "无法理解该请求；各参数的含义见 API 页面。",
    ),
    "not_text": ("A session is a JSON text file, but this file is not text.", "会话是 JSON 文本文件，该文件不是文本。"),
    "no_start": ("Press A first, then change the look and press B.", "请先点 A，改变效果后再点 B。"),
    "no_blend": ("There is no blend yet: choose A and B first.", "还没有过渡：请先选择 A 和 B。"),
    "no_photo": ("Choose a photo first.", "请先选择照片。"),
    "gone": ("This picture is no longer kept; please make it again.", "该图片已不再保留，请重新生成。"),
}


def say(key: str, lang: str, **values: object) -> str:
    """A message of this page in "en" or "zh", its {fields} filled in."""
    return MESSAGES[key][lang == "zh"].format(**values)


def word(key: str, lang: str) -> str:
    """A label of this page in "en" or "zh"."""
    return TEXTS[key][lang == "zh"]


def i18n() -> gr.I18n:
    """The labels for Gradio, which picks the language of the browser before the first picture is drawn."""
    english = {key: pair[0] for key, pair in TEXTS.items()}
    chinese = {key: pair[1] for key, pair in TEXTS.items()}
    return gr.I18n(en=english, zh=chinese, **{code: chinese for code in ("zh-CN", "zh-TW", "zh-HK", "zh-SG")})
