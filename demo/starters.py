"""The template maps: every PNG in `templates/`, in the order of its file names ("04_coat.png")."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from garmentgen import TEMPLATES, Designer, UserError

FOLDER = Path(__file__).with_name("templates")

TITLES = {template.name: (template.title, template.title_zh) for template in TEMPLATES}


@dataclass(frozen=True)
class Starter:
    """A template: titles in English and Chinese, class ids uint8 [S, S]."""

    en: str
    zh: str
    labels: np.ndarray


def load_starters(designer: Designer, folder: Path = FOLDER) -> list[Starter]:
    """Read all templates at the designer's size.

    Raises:
        UserError: there is none, or one is not a map.
    """
    starters = []
    for file in sorted(folder.glob("*.png")):
        name = file.stem.lstrip("0123456789_")
        labels, _ = designer.read_map(file)
        starters.append(Starter(*TITLES.get(name, (name, name)), labels))
    if not starters:
        raise UserError(f"The demo needs at least one PNG map in {folder}, but found none.")
    return starters
