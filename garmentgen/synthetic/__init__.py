"""Drawn garments: parametric outlines, fabrics, folds and light; all classes, made from nothing but numbers."""

from .draw import draw_garment, draw_outfit, draw_part
from .files import draw_numbered, write_synthetic_set

__all__ = ["draw_garment", "draw_numbered", "draw_outfit", "draw_part", "write_synthetic_set"]
