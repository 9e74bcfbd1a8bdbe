"""A batch on the Paddle side: pictures, maps, crops, and whose codes are worn in the swapped pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import paddle

from ..geometry import Regions, cloth_windows, halved, main_class, regions, windows
from ..labels import BACKGROUND, NUM_LABELS
from ..models.boxes import class_boxes
from ..pixels import crops_to_tensor, labels_to_tensor, maps_as_pictures, to_tensor
from ..priors.contract import Prior
from .loans import Loans, in_turn

if TYPE_CHECKING:
    from ..models import Generator


@dataclass(frozen=True)
class Batch:
    """A batch on the Paddle side; `boxes` are those of the whole maps, `regions` stays in numpy."""

    pictures: paddle.Tensor
    labels: paddle.Tensor
    label_pictures: paddle.Tensor
    clothes: paddle.Tensor
    boxes: paddle.Tensor
    crops: paddle.Tensor
    regions: Regions
    mains: np.ndarray
    """Main class of each whole picture, int64 [N]."""
    noise_side: int
    loans: Loans
    """Whose codes the pictures wear in the swapped pass."""
    prior_codes: np.ndarray | None
    """Codes of every pair drawn from a prior, float32 [P, 8, G, G]; they take the place of the donors' in the swapped
    pass."""
    seeds: np.ndarray

    @property
    def size(self) -> int:
        """Number of pictures."""
        return self.pictures.shape[0]


def make_batch(
    images: np.ndarray,
    labels: np.ndarray,
    seeds: np.ndarray,
    generator: Generator,
    crop: int,
    window: int = 0,
    prior: Prior | None = None,
    loans: Loans | None = None,
) -> Batch:
    """uint8 [N, S, S, 3] and [N, S, S], one int seed a picture -> everything the steps need.

    The encoder gets whole garments, half as large where the canvas is twice what codes are read from; with a `window`
    pictures and maps are a part of each canvas, chosen by the pictures' seeds. In the swapped pass each picture wears
    the codes `loans` says, by default the next picture's; with a `prior`, what it draws.
    """
    scale = generator.config.scale
    coarse, small = (labels, images) if scale == 1 else (halved(labels), _half_as_large(images))
    found = regions(small, coarse, crop, generator.config.grid)
    mains = np.array([main_class(one) for one in coarse])
    prior_codes = None if prior is None else _sample(prior, coarse, seeds)
    boxes = class_boxes(labels_to_tensor(coarse))
    if window:
        corners = _corners(coarse, seeds, window // scale, None if loans is None else mains)
        boxes = boxes - paddle.to_tensor(np.tile(corners, 2)[:, None].astype(np.float32))
        images, labels = (_windows_of(pixels, scale * corners, window) for pixels in (images, labels))
    return Batch(
        pictures=to_tensor(images),
        labels=labels_to_tensor(labels),
        label_pictures=maps_as_pictures(labels),
        clothes=paddle.to_tensor((labels != BACKGROUND)[:, None].astype(np.float32)),
        boxes=boxes,
        crops=crops_to_tensor(found.crops),
        regions=found,
        mains=mains,
        noise_side=labels.shape[1] // (2 * scale),
        loans=loans or in_turn(len(labels)),
        prior_codes=prior_codes,
        seeds=seeds,
    )


def _sample(prior: Prior, labels: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """float32 [P, 8, G, G]: codes of every (picture, class) pair, in the order of `Regions.index`.

    Half the pictures are drawn at the default diversity, the others anywhere on the slider.
    """
    codes = []
    for one, seed in zip(labels, seeds, strict=True):
        rng = _rng(seed)
        diversity = 1.0 if rng.random() < 0.5 else rng.uniform(0, 1.5)
        codes.append(prior.sample(one, lambda _, s=int(seed): s, diversity, 1.0, {}))
    return np.stack([one[c] for one in codes for c in sorted(one)])


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng([int(seed), 1])


def _corners(labels: np.ndarray, seeds: np.ndarray, side: int, mains: np.ndarray | None) -> np.ndarray:
    """Windows of a batch by its pictures' seeds; with `mains` mostly on that cloth, whose statistics are compared."""
    one_by_one = [
        windows(labels[n : n + 1], side, _rng(seed))
        if mains is None
        else cloth_windows(labels[n : n + 1], mains[n : n + 1], side, _rng(seed))
        for n, seed in enumerate(seeds)
    ]
    return np.concatenate(one_by_one)


def _half_as_large(images: np.ndarray) -> np.ndarray:
    """uint8 [N, 2S, 2S, 3] -> [N, S, S, 3], each pixel the mean of four."""
    count, side = images.shape[0], images.shape[1] // 2
    four = images.reshape(count, side, 2, side, 2, 3).astype(np.uint16)
    return ((four.sum((2, 4)) + 2) // 4).astype(np.uint8)


def _windows_of(pixels: np.ndarray, corners: np.ndarray, side: int) -> np.ndarray:
    return np.stack([one[y : y + side, x : x + side] for one, (y, x) in zip(pixels, corners, strict=True)])


def lenders(cut: Regions, mains: np.ndarray, donors: np.ndarray) -> np.ndarray:
    """int64 [P]: for every pair the pair whose code it borrows from its picture's donor.

    A class that the donor lacks follows the donor's main garment. mains, donors: int64 [N].
    """
    where = {int(i): p for p, i in enumerate(cut.index)}

    def lender(i: int) -> int:
        other = int(donors[i // NUM_LABELS])
        return where.get(other * NUM_LABELS + i % NUM_LABELS, where[other * NUM_LABELS + int(mains[other])])

    return np.array([lender(int(i)) for i in cut.index], np.int64)


def borrowed_codes(packed: paddle.Tensor, batch: Batch) -> paddle.Tensor:
    """What every pair wears in the swapped pass, [P, 8, G, G]: its prior's code, or one of or between two donors'."""
    if batch.prior_codes is not None:
        return paddle.to_tensor(batch.prior_codes)  # [P, 8, G, G]
    loans, own = batch.loans, packed.detach()
    first, second = (
        paddle.gather(own, paddle.to_tensor(lenders(batch.regions, batch.mains, donors)))  # [P, 8, G, G]
        for donors in (loans.first, loans.second)
    )
    share = paddle.to_tensor(loans.share[batch.regions.pictures]).reshape([-1, 1, 1, 1])  # [P, 1, 1, 1]
    return first + share * (second - first)  # [P, 8, G, G]


def scatter_codes(packed: paddle.Tensor, index: paddle.Tensor, pictures: int) -> paddle.Tensor:
    """Packed codes [P, 8, G, G], their index [P] -> dense [N, NUM_LABELS, 8, G, G], zero where absent."""
    pairs, channels, grid, _ = packed.shape
    flat = paddle.zeros([pictures * NUM_LABELS, channels * grid * grid])  # [N K, 8 G G]
    flat = paddle.scatter(flat, index, packed.reshape([pairs, -1]))  # [N K, 8 G G]
    return flat.reshape([pictures, NUM_LABELS, channels, grid, grid])  # [N, K, 8, G, G]


def draw_noise(batch: Batch, code_shape: list[int]) -> tuple[paddle.Tensor, paddle.Tensor]:
    """Code noise [P, 8, G, G] and pixel noise [N, 1, noise_side, noise_side]; each picture draws from its own seed."""
    side = batch.noise_side
    counts = np.bincount(batch.regions.pictures, minlength=batch.size)
    rngs = [np.random.default_rng(int(seed)) for seed in batch.seeds]
    codes = [r.standard_normal((n, *code_shape), dtype=np.float32) for r, n in zip(rngs, counts, strict=True)]
    noise = [r.standard_normal((1, side, side), dtype=np.float32) for r in rngs]
    return paddle.to_tensor(np.concatenate(codes)), paddle.to_tensor(np.stack(noise))
