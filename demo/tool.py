"""`generate` as a tool of the Model Context Protocol: what an agent reads of it, and hears of a wrong argument."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from pydantic.dataclasses import dataclass

from garmentgen import LABELS, UserError
from garmentgen.checks import STRICT, Diversity, Seed, Share, checked


@dataclass(frozen=True, config=STRICT)
class Arguments:
    """What `generate` takes."""

    labels: str = ""
    map_png: str = ""
    seed: Seed = 0
    diversity: Diversity = 1.0
    harmony: Share = 1.0

    def __post_init__(self) -> None:
        if self.map_png and not self.map_png.startswith("data:"):  # no agent makes this machine fetch or open anything
            raise ValueError("generate.map_png is a picture as a data URL, data:image/png;base64,..., and nothing else")
        if not self.labels and not self.map_png:
            raise ValueError("generate draws a map, but labels and map_png are both empty; give one of them")


def description(side: int) -> str:
    """The docstring of `generate`, from which Gradio takes the words for every argument."""
    form = f'{{"w": {side}, "h": {side}, "runs": [class id, count, ...]}}'
    classes = ", ".join(f"{label.id} {label.name.replace(',', ' or')}" for label in LABELS)
    labels = f"the map as RLE JSON text, {form}, row by row from the top; class ids are 255 background, {classes}"
    return f"""Draw the garment of a label map.

    Args:
        labels: {labels}
        map_png: instead of labels, a picture in the palette's colours as a data URL, data:image/png;base64,...
        seed: whole number from 0; the same inputs give the same picture
        diversity: 0 the typical garment, 1 as varied as real ones, up to 2
        harmony: 0 every region by itself, 1 all regions in one style
    """


def check_package() -> None:
    """Raise UserError where the protocol's package is missing."""
    if find_spec("mcp") is None:
        raise UserError("The MCP server needs the package mcp: python -m pip install 'garmentgen[mcp]'")


def name_arguments(server: Any) -> None:
    """Make an MCP server say which argument is wrong and what it takes, before its schema says less."""
    from mcp.types import CallToolRequest, CallToolResult, ServerResult, TextContent

    answer: Callable = server.request_handlers[CallToolRequest]

    async def checking(request: CallToolRequest) -> ServerResult:
        try:
            checked(Arguments, request.params.arguments or {}, "generate")
        except UserError as error:
            return ServerResult(CallToolResult(isError=True, content=[TextContent(type="text", text=str(error))]))
        return await answer(request)

    server.request_handlers[CallToolRequest] = checking
