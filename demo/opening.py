"""What the page opens with: templates dressed for their strip, the first look and its variants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from demo import actions, answers, pictures
from demo.actions import Ask
from demo.starters import Starter
from garmentgen import Designer, Look, colorize
from garmentgen import painter as core

OPENING = 10  # seed of the templates: chosen by eye among twenty-four for the shipped weights


def dressed(designer: Designer, starters: Sequence[Starter]) -> list[Look]:
    """The look of each template."""
    return [designer.look(starter.labels, OPENING) for starter in starters]


def page(designer: Designer, starters: Sequence[Starter], looks: Sequence[Look]) -> dict[str, Any]:
    """The page's props, plain JSON.

    Returns:
        value: the look it opens with, as `answers.shown` gives it. labels: the label table. side: of the map.
        templates, variants, fabrics: what their strips show at first. weights: hash, to tell looks that others made.
    """
    first = Ask(looks[0], starters[0].labels, **actions.settings(looks[0]), data={})
    templates = [
        {"src": item["src"], "map": pictures.png_url(colorize(starter.labels), 96), "en": starter.en, "zh": starter.zh}
        for item, starter in zip(answers.items(designer, looks), starters, strict=True)
    ]
    return {
        "value": answers.shown(designer, looks[0]),
        "labels": core.label_table(),
        "side": designer.size,
        "templates": templates,
        "variants": answers.items(designer, actions.variants(designer, first)),
        "fabrics": answers.fabrics(),
        "weights": designer.weights_hash,
    }
