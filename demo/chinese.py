"""The library's sentences in Chinese, as far as somebody at the page can meet them.

The library speaks English to its callers. Here each sentence is known by its words; what fills it is carried over.
"""

from __future__ import annotations

import re

_SENTENCES = (
    (r".* has (\S+) MB; pictures up to (\d+) MB are read", "图片有 {0} MB，最多可读取 {1} MB。"),
    (r".* is far too large; pictures up to (\d+) pixels a side are read", "图片太大，每边最多 {0} 像素。"),
    (r".* is (\d+)x(\d+); pictures up to (\d+) pixels a side are read", "图片为 {0}x{1}，每边最多 {2} 像素。"),
    (
        r".* is a (\d+)x(\d+) .*, of which up to (\d+)x\d+ are read; .*",
        "图片为 {0}x{1}，此格式最多 {2}x{2}。",
    ),
    (
        r".* is not a picture that can be read here; .*",
        "无法识别该图片，请使用 PNG、JPEG、WebP、BMP、GIF 或 TIFF。",
    ),
    (r".* needs more memory than there is; .*", "内存不足以读取该图片，请缩小后再试。"),
    (r".* is damaged or cut short \(.*\); save it again", "图片已损坏或不完整，请重新保存。"),
    (r".*; give a single picture, best a PNG", "请提供单张图片，最好是 PNG。"),
    (r".* is stored in more than \d+ passes, .*", "该图片的存储方式不正常，请重新保存。"),
    (r"the map is empty: paint at least one region", "标签图是空的，请至少画出一个部位。"),
    (r"this indexed picture has neither .*", "该索引图片既不是本调色板，索引也不是类别编号。"),
    (r"this grey picture is a JPEG or lossy WebP, .*", "灰度 JPEG 或有损 WebP 会混淆类别编号，请把标签图保存为 PNG。"),
    (
        r"a map of ids holds .*, but this one also has (.*?); .*",
        "标签图应为类别编号或 255（背景），但还有 {0}。",
    ),
    (r"a map holds integer class ids, .*", "标签图应为整数类别编号，该文件不是。"),
    (r"this map's colours \((.*) \.\.\.\) are not those .*", "该标签图的颜色（{0} …）不是本调色板的颜色。"),
    (
        r"(\S+) of this picture's colours are no palette's, .*",
        "图片中 {0} 的颜色不在调色板中，像是照片。",
    ),
    (r"a session file is well under 4 MB; .*", "会话文件远小于 4 MB，该文件太大，不是会话。"),
    (r"session should be JSON, .*", "会话应为 JSON 文件，该文件不是。"),
    (r"session\.(\S+) is (?:missing|one of|a |an |nothing|true).*", "会话文件的 {0} 不正确，请重新保存会话。"),
    (r"session.*", "会话文件已损坏或被改动，请重新保存会话。"),
    (r"[Tt]he runs of .*", "标签图数据不完整。"),
    (r"this look's codes are .*", "该会话的效果与当前权重不匹配，无法打开。"),
    (r"this look is .*", "该会话的画布大小与当前不同，无法打开。"),
    (
        r"this look was made with weights (\S+), these are (\S+): .*",
        "效果由权重 {0} 生成，当前为 {1}，图片会不同。",
    ),
    (r"no garment was found in this photo: .*", "照片中没有找到服装：没有物体与背景区分开，请框出服装。"),
    (r"(?:a|this) box is .*", "框应在照片之内，且宽高不为零。"),
    (r"a photo shows a garment, but .*", "该图片太窄，看不出服装。"),
    (r"'(.*)' is too thin here to be dressed .*", "这里的“{0}”太细，请画宽一些。"),
    (r"'(.*)' has no left and right side here: .*", "这里的“{0}”没有分开的左右两侧。"),
    (r"The map was resized from (\S+) to ([^.:]+).*", "标签图已从 {0} 缩放为 {1}。"),
)
_KNOWN = [(re.compile(pattern, re.DOTALL), chinese) for pattern, chinese in _SENTENCES]


def in_chinese(sentence: str) -> str:
    """A sentence of the library in Chinese; one that is not known here stands in brackets as it is."""
    for known, chinese in _KNOWN:
        if found := known.fullmatch(sentence):
            return chinese.format(*found.groups())
    return f"无法使用该内容（{sentence}）"
