"""Every word of the page in English and Chinese; the painter brings its own (garmentgen/painter/painter.js)."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "tagline": ("Paint the parts, see the garment.", "画出部位，看见成衣。"),
    "templates": ("Templates", "模板"),
    "painting": ("Painting", "画面"),
    "garment": ("Garment", "成衣"),
    "controls": ("Look", "外观"),
    "labelMap": ("Label map", "标签图"),
    "timeTip": ("From your last touch to this picture", "从最后一笔到这张图"),
    "compare": ("Map | garment", "标签图 | 成衣"),
    "divider": ("Share of the map shown", "标签图所占比例"),
    "zoomIn": ("Zoom in", "放大"),
    "zoomOut": ("Zoom out", "缩小"),
    "fit": ("Whole garment", "适合窗口"),
    "lock": ("Keep this region's look", "锁定该部位"),
    "unlock": ("Let this region change", "解锁该部位"),
    "reroll": ("Another look for this region only", "只换该部位"),
    "take": ("Paint with this class", "用该类别绘制"),
    "cloth": ("Colour and fabric", "颜色与面料"),
    "chooseColour": ("Choose a colour", "选择颜色"),
    "dyeWith": ("Dye", "染成"),
    "eyedropper": ("Take a colour from the screen", "从屏幕取色"),
    "ownFabric": ("My fabric", "我的面料"),
    "partSides": ("Left and right apart", "左右分开"),
    "joinSides": ("Left and right as one", "左右合一"),
    "leftSide": ("Left", "左侧"),
    "rightSide": ("Right", "右侧"),
    "rerollSide": ("Another look for this side", "只换这一侧"),
    "dark": ("Light or dark", "浅色 / 深色"),
    "save": ("Save", "保存"),
    "image": ("Picture", "图片"),
    "size": ("{side} px", "{side} 像素"),
    "sizeClear": ("{side} px, transparent", "{side} 像素，透明背景"),
    "sizeLarge": ("{side} px (resampled)", "{side} 像素（重采样）"),
    "sizeLargeClear": ("{side} px, transparent (resampled)", "{side} 像素，透明背景（重采样）"),
    "kind": ("Size and background of the picture", "图片的尺寸与背景"),
    "lookbook": ("Lookbook", "画册"),
    "pin": ("Pin this look", "收藏当前效果"),
    "unpin": ("Remove this look", "移除该效果"),
    "pinName": ("Name of this look", "该效果的名称"),
    "sheetPng": ("Save sheet (PNG)", "保存画册 PNG"),
    "sheetPdf": ("Save sheet (PDF)", "保存画册 PDF"),
    "noPins": ("Looks you pin stay here, by name, for one sheet.", "收藏的效果会留在这里，可命名并汇成一张画册。"),
    "look": ("Look {n}", "效果 {n}"),
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
    "choosePhoto": ("Choose or drop a photo", "选择或拖入照片"),
    "photoBox": (
        "Box around the garment: drag it or its corners; arrow keys move it, with Shift they change its size",
        "服装外框：可拖动外框或其四角；方向键移动，按住 Shift 调整大小",
    ),
    "styleWay": ("Take", "取用"),
    "takeGarment": ("The garment", "服装"),
    "takeBox": ("All of the box", "整个框"),
    "takeMapped": ("By a map", "按标签图"),
    "taken": ("This was taken.", "已取用这部分。"),
    "takenByPainting": ("Photo and painting are framed alike.", "照片与画面构图一致。"),
    "takenByMap": ("Photo and this map are framed alike.", "照片与此标签图构图一致。"),
    "drawBox": ("Draw a box around the garment.", "请框出服装。"),
    "findAgain": ("Find it anywhere", "在整张照片中查找"),
    "photoMap": ("Another map", "另选标签图"),
    "removeFile": ("Remove", "移除"),
    "styleRegions": ("Only these regions", "仅这些部位"),
    "trace": ("Trace the photo", "描摹照片"),
    "applyStyle": ("Take its style", "取用风格"),
    "explain": ("What is this?", "这是什么？"),
    "close": ("Close", "关闭"),
    "continue": ("Continue my last work", "继续上次的作品"),
    "continueHint": ("Your last work is kept in this browser.", "您上次的作品保存在此浏览器中。"),
    "noGarment": (
        "Nothing is painted yet. Paint a part, or choose a template.",
        "还没有画面。请绘制一个部位，或选择一个模板。",
    ),
    "noVariants": ("Eight other looks of this map appear here.", "这里会显示该标签图的 8 种其他效果。"),
    "noHistory": ("Looks you made appear here; a click brings one back.", "做过的效果显示在这里，点击即可恢复。"),
    "noBlend": (
        "Press A, change the look, then press B: eight steps between them appear here.",
        "先点 A，改变效果后再点 B：这里会显示两者之间的 8 步。",
    ),
    "noRegions": ("Painted parts are listed here.", "画出的部位会列在这里。"),
    "variant": ("Variant {n}", "变体 {n}"),
    "step": ("Step {n} of {of}", "第 {n} 步，共 {of} 步"),
    "earlier": ("{n} looks ago", "{n} 个效果之前"),
    "present": ("The look on show", "当前效果"),
}

TERMS: dict[str, tuple[str, str]] = {
    "seed": (
        "A number that picks one of many garments: the same map, seed and sliders always give the same picture.",
        "从众多成衣中选出一件的数字：同样的标签图、种子和滑块总得到同一张图。",
    ),
    "diversity": (
        "How far looks stray from the typical garment: 0 is the most typical one, 1 as varied as real clothes.",
        "效果偏离典型成衣的程度：0 最典型，1 与真实服装一样多样。",
    ),
    "harmony": (
        "How much sleeves, collars and pockets take after their garment: 1 one cloth, 0 each part its own.",
        "袖子、领子、口袋等跟随主体的程度：1 同一面料，0 各自独立。",
    ),
    "regions": (
        "Every part that is painted, largest first. The palette gives it a colour or fabric of yours, the lock keeps "
        "its look whatever else changes, the arrows give it another one. A pair opens into left and right.",
        "已画出的部位，从大到小。调色板可为其选择颜色或面料；锁定可保持其效果不变；箭头只换该部位。成对的部位可展开为左、右两侧。",
    ),
    "session": (
        "A small file with the map and the look, from which this very picture can be made again.",
        "一个小文件，包含标签图和效果，可重新得到完全相同的图片。",
    ),
    "variants": (
        "Other seeds for the same map; locked parts stay. A click takes one.",
        "同一标签图的其他种子，锁定的部位保持不变。点击即可采用。",
    ),
    "history": (
        "The looks made so far, the newest first. A click brings map and look back.",
        "已做过的效果，最新的在前。点击可恢复标签图和效果。",
    ),
    "blend": (
        "Steps from one look to another on the first one's map.",
        "在第一个效果的标签图上，从一个效果过渡到另一个。",
    ),
    "lookbook": (
        "Looks worth keeping, whatever happens to the painting; the sheet shows each with its name and map.",
        "值得保留的效果，不受之后改动影响；画册中列出每个效果及其名称和标签图。",
    ),
    "style": (
        "Colour and cloth of a photographed garment for the parts of your map. The garment is found in the photo; draw "
        "another box where it is not, or on a piece of cloth.",
        "把照片中服装的颜色与面料用到您的标签图上。服装会自动找出；如果不对，请重新画框，也可只框一块面料。",
    ),
}
"""One sentence on each term, shown where the term stands."""

FABRICS: dict[str, tuple[str, str]] = {
    "check": ("Check", "格纹"),
    "denim": ("Denim", "牛仔布"),
    "melange": ("Melange", "麻灰"),
    "plain": ("Plain weave", "平纹"),
    "quilt": ("Quilted", "绗缝"),
    "stripes": ("Stripes", "条纹"),
    "twill": ("Twill", "斜纹"),
}
"""Kinds of the shipped fabrics."""

MESSAGES: dict[str, tuple[str, str]] = {
    "broken": (
        "Something went wrong on the server; your painting is safe. Please try again.",
        "服务器出错，您的画面没有丢失，请重试。",
    ),
    "unreachable": (
        "The server does not answer. Your work is kept here; it goes on as soon as the server is back.",
        "服务器没有响应，您的作品保存在本页。服务器恢复后会自动继续。",
    ),
    "not_done": (
        "The server does not answer, so this was not done. Your work is kept here; please try again.",
        "服务器没有响应，因此没有完成。您的作品保存在本页，请稍后再试。",
    ),
    "too_large": (
        "This is more than the server takes at once (6 MB): choose a smaller file, or smooth the outlines of the map.",
        "内容超过服务器一次可接收的大小（6 MB）：请选择较小的文件，或平滑标签图的轮廓。",
    ),
    "empty": ("The map is empty. Paint something or choose a template.", "画面是空的。请先绘制或选择一个模板。"),
    "nothing_shown": ("There is no garment to save yet: paint something first.", "还没有可保存的成衣：请先绘制。"),
    "not_caught_up": (
        "The garment on screen has not caught up with the painting, so nothing was saved. Please try again.",
        "成衣还没有跟上画面，因此没有保存。请重试。",
    ),
    "other_weights": (
        "This look was made with other weights, so a new picture would not be the one on screen; nothing was saved. "
        "Its session can be saved, and any change draws it anew.",
        "该效果由其他权重生成，重新生成的图片会与屏幕上的不同，因此没有保存。会话仍可保存；做任何改动都会重新绘制。",
    ),
    "other_weights_kept": (
        "This work was made with other weights. It is shown as it was; the next change draws it anew.",
        "该作品由其他权重生成，现按原样显示；下一次改动会重新绘制。",
    ),
    "not_kept": (
        "This browser keeps nothing for this page, so save your session before you leave.",
        "此浏览器不允许本页保存数据，离开前请保存会话。",
    ),
    "file_large": (
        "This file has {size:.1f} MB, but at most {most} are read.",
        "文件为 {size:.1f} MB，最多 {most} MB。",
    ),
    "file_unreadable": ("This file could not be read; please choose it again.", "无法读取该文件，请重新选择。"),
    "file_foreign": (
        "This file is not among those uploaded here; please upload it again.",
        "该文件不在已上传的文件之列，请重新上传。",
    ),
    "photo_unreadable": (
        "This browser cannot read the picture; give a JPEG or PNG.",
        "浏览器无法读取该图片，请使用 JPEG 或 PNG。",
    ),
    "photo_large": (
        "A photo is sent with at most {most} pixels a side; this one is {width} x {height}.",
        "照片每边最多 {most} 像素，该照片为 {width} x {height}。",
    ),
    "not_understood": (
        "This request could not be understood; the API page says what each argument takes.",
        "无法理解该请求；各参数的含义见 API 页面。",
    ),
    "not_text": ("A session is a JSON text file, but this file is not text.", "会话是 JSON 文本文件，该文件不是文本。"),
    "no_start": ("Press A first, then change the look and press B.", "请先点 A，改变效果后再点 B。"),
    "no_blend": ("There is no blend yet: choose A and B first.", "还没有过渡：请先选择 A 和 B。"),
    "no_pins": ("Pin a look first.", "请先收藏一个效果。"),
    "pins_full": ("A lookbook has {most} looks; remove one first.", "画册最多 {most} 个效果，请先移除一个。"),
    "no_photo": ("Choose a photo first.", "请先选择照片。"),
    "no_part": ("This part is not on the map any more.", "该部位已不在图中。"),
    "gone": ("This picture is no longer kept; please make it again.", "该图片已不再保留，请重新生成。"),
}


class Refused(Exception):
    """A message of `MESSAGES` for the user: its key and fields."""

    def __init__(self, key: str, **values: object):
        super().__init__(key)
        self.key, self.values = key, values


def say(key: str, lang: str, **values: object) -> str:
    """A message of this page in "en" or "zh", its {fields} filled in."""
    return MESSAGES[key][lang == "zh"].format(**values)
