"""Designer: the one facade that demo, notebooks, command line, evaluation and tests call, and nothing below it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from . import environment
from .checkpoint import read_weights, untrained
from .checks import MAX_DIVERSITY, MAX_SEED, check_choice, check_seed, check_slider, check_whole, shown
from .cloth import parse_colour
from .counter import integers, key
from .cutting import Cut, cut_garment
from .dressing import Side, blended, draped, dyed, on_one_side, pairs, photographed, worn
from .errors import UserError
from .files import named, shipped
from .geometry import classes_on, main_class, regions
from .looks import Look, check_look, region_of, regions_of
from .maps import Note, Picture, read_fabric, read_map
from .networks import Networks
from .presets import PRESETS
from .priors.bank import HANDS
from .priors.contract import Codes, Prior
from .priors.files import prior_from
from .reader import Reader
from .renderer import Renderer

HARMONY = 1.0
"""Parts follow their garment unless the designer frees them."""
MOST = 10_000
"""Looks made by one call."""


def shipped_weights() -> Path:
    """GARMENTGEN_WEIGHTS, else weights/lite.safetensors inside the installed package, else beside it (a checkout)."""
    chosen = os.environ.get("GARMENTGEN_WEIGHTS")
    return Path(chosen) if chosen else shipped("lite.safetensors")


class Designer:
    """Dresses label maps. Every look is a pure function of map, seeds, sliders and weights; threads may share one.

    Maps are uint8 [S, S] with ids 0..NUM_LABELS-1 and BACKGROUND; pictures are uint8 RGB [S, S, 3], S = `size`. Weights
    with a detail branch paint two sizes (`sizes`); codes belong to the smaller one, so that both show the same garment.
    """

    def __init__(self, networks: Networks, renderer: Renderer, prior: Prior):
        self.networks, self.renderer, self.prior, self.engine = networks, renderer, prior, renderer.engine
        self.config, self.sizes, self.size = renderer.config, renderer.sizes, renderer.size
        self.reader = Reader(networks, renderer.engine, renderer.weights_file)
        self.weights_hash, self.facts = networks.weights.hash, networks.weights.facts

    @classmethod
    def load(
        cls,
        weights: str | Path | None = None,
        prior: str | None = None,
        engine: str | None = None,
        size: int | None = None,
    ) -> Designer:
        """Load a weights file (None = the shipped one; see `shipped_weights`).

        Args:
            prior: name of one of the priors in the file, None for its default.
            engine: "openvino", "paddle" or "dynamic", the first to try; None for GARMENTGEN_ENGINE, else the fastest.
            size: of the canvas, one that the weights paint; None = the largest. 256 is half the work, for maps of 256.

        Raises:
            UserError: the file is missing, damaged, holds no such prior, or does not paint this size.
        """
        path = named(weights) if weights else shipped_weights()
        networks = Networks(read_weights(path), str(path))
        renderer = Renderer(networks, engine, path, size)
        if renderer.engine.is_built:  # no graph vouches for this file: look at all of it
            renderer.engine.alone(lambda: networks.encoder)
        return cls(networks, renderer, prior_from(networks.weights, prior, engine))

    @classmethod
    def random(cls, preset: str = "tiny", seed: int = 0) -> Designer:
        """An untrained Designer of a preset: for tests, never for pictures."""
        check_choice("preset", preset, PRESETS)
        environment.start_paddle()
        networks = Networks(untrained(PRESETS[preset].model, check_seed(seed)))
        return cls(networks, Renderer(networks, "dynamic"), prior_from(networks.weights, None))

    # --- looks ---------------------------------------------------------------------------------------------------

    def look(
        self,
        labels: np.ndarray,
        seed: int = 0,
        diversity: float = 1.0,
        harmony: float = HARMONY,
        like: Look | None = None,
    ) -> Look:
        """Draw the codes of a map.

        Args:
            labels: any map `read_map` takes.
            seed: which garment. diversity: 0 typical .. 1 training spread .. 2 exaggerated. harmony: 0 parts free .. 1.
            like: an earlier look; its re-rolled seeds, and the codes of its locked and pinned regions, are kept. With
                the same seed and sliders all its codes are: only the map has changed, and only new classes are drawn.

        Raises:
            UserError: see `read_map`; or a slider out of range.
        """
        return self._drawn(read_map(labels, self.size)[0], seed, diversity, harmony, like)

    def render(self, look: Look, size: int | None = None) -> np.ndarray:
        """The look's picture, uint8 RGB [S, S, 3], background exactly white; at one of `sizes`, None = the largest.

        The smaller picture is, byte for byte, what weights without a detail branch paint.
        """
        return self.renderer.render(look, self.size if size is None else size)

    def generate(
        self,
        labels: np.ndarray,
        seed: int = 0,
        diversity: float = 1.0,
        harmony: float = HARMONY,
        like: Look | None = None,
        size: int | None = None,
    ) -> np.ndarray:
        """The picture of `look(...)`."""
        return self.render(self.look(labels, seed, diversity, harmony, like), size)

    def variations(
        self,
        labels: np.ndarray,
        n: int,
        seed: int = 0,
        diversity: float = 1.0,
        harmony: float = HARMONY,
        like: Look | None = None,
    ) -> list[Look]:
        """n looks of one map: the first has this seed, others consecutive ones, which the bank deals other garments."""
        n = check_whole("n", n, 1, MOST)
        first = HANDS * integers(key(check_seed(seed)), 2**31 // HANDS, 1)[0]
        seeds, labels = [seed, *range(first, first + n - 1)], read_map(labels, self.size)[0]
        return [self._drawn(labels, int(s), diversity, harmony, like) for s in seeds]

    def reroll(self, look: Look, region: int | str, seed: int | None = None, side: Side | None = None) -> Look:
        """Draw one region, or one side of a pair, anew; every other stays as it is painted (see `scenes.py`).

        seed None takes the next one, so that repeated calls go through new garments in a reproducible order.
        """
        c = region_of(look, region)
        fresh = (look.seed_of(c) + 1) % (MAX_SEED + 1) if seed is None else check_seed(seed)
        others = {k: v for k, v in look.codes.items() if k != c}
        seeds = {**look.seeds, c: fresh}
        code = self._sampled(replace(look, seeds=seeds), others).codes[c]
        if side is not None:
            return self._signed(on_one_side(replace(look, seeds=seeds), c, code, side))
        return self._signed(look.redressed({c: code}, seeds=seeds, pinned=look.pinned - {c}))

    def lock(self, look: Look, region: int | str, locked: bool = True) -> Look:
        """Keep (or free) a region when seed, sliders or map change: its codes, and on the same map its pixels."""
        c = region_of(look, region)
        return replace(look, locked=look.locked | {c} if locked else look.locked - {c})

    def style_from_photo(
        self,
        look: Look,
        photo: Picture,
        photo_labels: Picture | None = None,
        regions: Iterable[int | str] | None = None,
    ) -> Look:
        """Dress regions (None = all) in a photographed garment; a class the photo lacks follows its main garment.

        photo and photo_labels: as `read_photo` and `read_map` take them, framed alike; None: as `cut_garment` finds it.
        """
        if photo_labels is None:
            return self.style_from_cut(look, cut_garment(photo), regions)
        return self._signed(photographed(self, look, photo, photo_labels, regions_of(look, regions)))

    def style_from_cut(self, look: Look, cut: Cut, regions: Iterable[int | str] | None = None) -> Look:
        """Dress regions (None = all) in what `cut_garment` cut from a photo, laid over their common box."""
        return self._signed(worn(self, look, cut, regions_of(look, regions)))

    def dye(self, look: Look, region: int | str, colour: str, side: Side | None = None) -> Look:
        """Give a region (or one side of a pair) this mean colour, "#rrggbb"; its folds and light are kept.

        Raises:
            UserError: no colour, no such region, or a side where nothing lies apart.
        """
        return self._signed(dyed(self, look, region_of(look, region), parse_colour(colour), side))

    def drape(self, look: Look, region: int | str, fabric: Picture, side: Side | None = None) -> Look:
        """Dress a region (or one side of a pair) in a fabric: a picture of cloth, seen from straight above.

        Raises:
            UserError: no picture, no such region, or a side where nothing lies apart.
        """
        c = region_of(look, region)
        plain = self._sampled(replace(look, diversity=0.0), {k: v for k, v in look.codes.items() if k != c})
        return self._signed(draped(self, look, plain, c, read_fabric(fabric), side))

    def pairs(self, look: Look) -> list[int]:
        """Classes of the map that lie apart, left and right: those that `side` may name one side of."""
        return pairs(look)

    def encode(self, photo: np.ndarray, labels: np.ndarray) -> Codes:
        """Codes (posterior means, float32) of a photo uint8 [S, S, 3] and its map, S = `sizes[0]`: id -> [C, G, G]."""
        side = self.sizes[0]
        for given, shape in ((photo, (side, side, 3)), (labels, (side, side))):
            if not isinstance(given, np.ndarray) or given.dtype != np.uint8 or given.shape != shape:
                raise UserError(f"a photo with its map is encoded at {side} px: uint8 {shape}, not {shown(given)}")
        found = regions(photo[None], labels[None], self.config.crop, self.config.grid)
        return dict(zip(found.classes.tolist(), self.reader(found), strict=True))

    def blend(self, a: Look, b: Look, t: float) -> Look:
        """Codes between two looks on a's map: t = 0 is a, 1 is b's style; a class b lacks follows b's main garment."""
        check_slider("t", t, 0, 1)
        for look in (a, b):
            check_look(look)
            self.renderer.check(look.codes)
        return self._signed(blended(a, b, main_class(b.labels), t))

    def strip(self, a: Look, b: Look, steps: int = 8) -> list[np.ndarray]:
        """Pictures of the blend from a to b."""
        steps = check_whole("steps", steps, 1, MOST)
        return [self.render(self.blend(a, b, k / max(steps - 1, 1))) for k in range(steps)]

    def read_map(self, source: Picture) -> tuple[np.ndarray, list[Note]]:
        """Any map of any size -> (uint8 [S, S], notes on how it was read). See `maps.read_map`."""
        return read_map(source, self.size)

    def check(self, look: Look) -> str | None:
        """A sentence if the look was made with other weights, so that its picture will differ."""
        check_look(look)
        made, here = look.weights_hash, self.weights_hash
        sentence = f"this look was made with weights {made}, these are {here}: the picture will not be the same"
        return sentence if made != here else None

    def fit(self, look: Look) -> tuple[Look, list[str]]:
        """A look on this designer's canvas (see `Renderer.at`), and sentences on what that changed or will change."""
        notes = [sentence] if (sentence := self.check(look)) else []
        labels, side = self.renderer.at(look.labels, self.size), len(look.labels)
        if side != self.size:
            steps = ": outlines show its steps" if side < self.size else ""
            notes.append(f"The map was resized from {side}x{side} to {self.size}x{self.size}{steps}.")
        codes = {c: code for c, code in look.codes.items() if (labels == c).any()}
        return self._signed(replace(look, labels=labels, codes=codes).under(look.scenes)), notes

    def inputs(self, look: Look, size: int | None = None) -> list[np.ndarray]:
        """The generator's inputs in the look's own scene, batch of one: labels int64, codes and noise float32."""
        check_look(look)
        return self.renderer.inputs(look.labels, look.codes, look.noise_seed, self.size if size is None else size)

    # --- below the facade ----------------------------------------------------------------------------------------

    def _drawn(self, labels: np.ndarray, seed: int, diversity: float, harmony: float, like: Look | None) -> Look:
        """`look` of a map on the canvas."""
        check_slider("diversity", diversity, 0, MAX_DIVERSITY)
        check_slider("harmony", harmony, 0, 1)
        if like is not None:
            check_look(like)
        present = classes_on(labels)
        settings = (seed, diversity, harmony, self.weights_hash)
        same = like and (like.seed, like.diversity, like.harmony, like.weights_hash) == settings
        seeds = {c: s for c, s in like.seeds.items() if c in present} if like else {}
        given = {c: v for c, v in (like.codes if same else like.given()).items() if c in present} if like else {}
        look = Look(
            labels=labels,
            codes=given,
            seed=check_seed(seed),
            seeds=seeds,
            diversity=float(diversity),
            harmony=float(harmony),
            locked=like.locked & present if like else frozenset(),
            pinned=like.pinned & present if like else frozenset(),
            weights_hash=self.weights_hash,
        )
        sampled = self._sampled(look, given)
        if like and same and np.array_equal(labels, like.labels):
            return sampled.under(like.scenes)
        return sampled.under({c: like.scene_of(c) for c in like.locked} if like else {})  # a stroke waits for one pass

    def _sampled(self, look: Look, given: dict[int, np.ndarray]) -> Look:
        """The look with codes for every class of its map: the given ones as they are, the others from the prior.

        The map is read at the side that codes belong to; what is too thin to be seen there is drawn on the map itself.
        """
        self.renderer.check(given)
        codes = {c: v.astype(np.float32) for c, v in given.items()}
        for labels in (self.renderer.at(look.labels, self.sizes[0]), look.labels):
            present = classes_on(labels)
            if present - codes.keys():
                here = {c: code for c, code in codes.items() if c in present}
                codes |= self.prior.sample(labels, look.seed_of, look.diversity, look.harmony, here)
        codes = {c: given[c] if c in given else v.astype(np.float16) for c, v in sorted(codes.items())}
        return self._signed(replace(look, codes=codes, scenes={}))

    def _signed(self, look: Look) -> Look:
        return replace(look, engine=f"{self.engine.name} {self.engine.precision}")
