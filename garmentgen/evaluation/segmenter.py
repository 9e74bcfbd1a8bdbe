"""A small segmentation network that reads garment pictures back into label maps.

Frozen MobileNetV2 (networks.load_mobilenet_taps) and a light top-down decoder (a feature pyramid, Lin et al.,
CVPR 2017), trained here on the training photos. Its outputs are stored once, so that training touches the decoder only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import nn
from safetensors.numpy import save_file

from ..checkpoint import to_arrays
from ..data.dataset import Rows
from ..files import write_atomically
from ..labels import BACKGROUND, NUM_LABELS
from ..models import ops
from ..pixels import labels_to_tensor
from .networks import Arrays, MobileNet, Network, load_network
from .yardsticks import shrink

_WIDTH = 32
_CLASSES = NUM_LABELS + 1  # background is predicted, too


class Decoder(nn.Layer):
    """Five taps of the encoder -> class scores at half the encoder's input size."""

    def __init__(self) -> None:
        super().__init__()
        widths = list(MobileNet.TAPS.values())
        self.lateral = nn.LayerList([nn.Conv2D(width, _WIDTH, 1) for width in widths])
        self.merge = nn.LayerList([nn.Conv2D(_WIDTH, _WIDTH, 3, padding=1) for _ in widths[1:]])
        self.score = nn.Conv2D(_WIDTH, _CLASSES, 1)
        for index, width in enumerate(widths):
            self.register_buffer(f"mean{index}", paddle.zeros([1, width, 1, 1]))
            self.register_buffer(f"scale{index}", paddle.ones([1, width, 1, 1]))

    def forward(self, taps: list[paddle.Tensor]) -> paddle.Tensor:
        """Five tensors [N, C, s, s], s halving or staying from one to the next -> [N, NUM_LABELS + 1, s0, s0]."""
        x = None
        for index in reversed(range(len(taps))):
            tap = (taps[index] - getattr(self, f"mean{index}")) * getattr(self, f"scale{index}")  # [N, C, s, s]
            lateral = self.lateral[index]
            tap = ops.conv2d(tap, lateral.weight, lateral.bias)  # [N, 32, s, s]
            x = F.relu(tap if x is None else tap + _grow(x, tap.shape[2]))  # [N, 32, s, s]
            if index:  # a 3x3 conv at the finest level would cost more than all others together
                merge = self.merge[index - 1]
                x = ops.conv2d(x, merge.weight, merge.bias, padding=1, slope=0.0)  # [N, 32, s, s]
        assert x is not None
        return ops.conv2d(x, self.score.weight, self.score.bias)  # [N, NUM_LABELS + 1, s0, s0]


@dataclass(frozen=True)
class Segmenter:
    """Call it with pictures uint8 [N, S, S, 3]: ids uint8 [N, side, side], 255 background.

    Attributes:
        encoder: the frozen taps; its side is the side of the predictions.
        decoder: the trained part.
        key: hash of everything it was trained from.
    """

    encoder: Network
    decoder: Decoder
    key: str

    @property
    def side(self) -> int:
        """Side of the predictions in pixels."""
        return 2 * _half(self.encoder)

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        blocks = [self._predict(pictures[i : i + 16]) for i in range(0, len(pictures), 16)]
        return np.concatenate(blocks)

    def _predict(self, pictures: np.ndarray) -> np.ndarray:
        taps = [paddle.to_tensor(tap) for tap in self.encoder(pictures)]
        with paddle.no_grad():
            scores = self.decoder(taps)  # [n, K + 1, side / 2, side / 2]
            scores = F.interpolate(scores, scale_factor=2, mode="bilinear")  # [n, K + 1, side, side]
            ids = scores.argmax(1).numpy().astype(np.uint8)
        return np.where(ids == NUM_LABELS, np.uint8(BACKGROUND), ids)


def cached_segmenter(
    encoder: Network,
    images: np.ndarray | Rows,
    labels: np.ndarray | Rows,
    folder: Path,
    seed: int = 0,
    epochs: int = 6,
    progress: Callable[[str], object] = print,
) -> Segmenter:
    """The segmenter of these training photos, from `folder` when it was trained before, else trained and stored there.

    Args:
        encoder: networks.load_mobilenet_taps.
        images: uint8 [N, S, S, 3]; labels: uint8 [N, S, S].
        folder: holds `segmenter-KEY.safetensors`; KEY covers the photos, maps, encoder, seed and epochs.
        seed: of the decoder's start and the order of the photos.
        epochs: times that every photo is seen.
        progress: gets a sentence now and then.
    """
    key = segmenter_key(encoder, images, labels, seed, epochs)
    path = folder / f"segmenter-{key}.safetensors"
    decoder = Decoder()
    if path.is_file():
        load_network(decoder, path, "delete it, then it is trained again")
    else:
        progress(f"training the segmentation network on {len(images)} photos, {epochs} epochs")
        train_decoder(decoder, _encode(encoder, images), shrink(labels, _half(encoder)), seed, epochs, progress)
        write_atomically(path, lambda temporary: save_file(to_arrays(decoder), temporary, metadata={"key": key}))
    decoder.eval()
    return Segmenter(encoder, decoder, key)


def train_decoder(
    decoder: Decoder,
    taps: Arrays,
    labels: np.ndarray,
    seed: int,
    epochs: int,
    progress: Callable[[str], object] = print,
    batch: int = 16,
) -> None:
    """Train in place: Adam 2e-3 falling to 0 along a cosine, weighted cross-entropy.

    Each step looks at every second row and column of the finest tap, starting anywhere: on that grid nothing need be
    enlarged, and the finest level, the dearest by far, costs a quarter.

    Args:
        taps: the encoder's outputs, float16 [N, C, s, s] each.
        labels: uint8 [N, s0, s0], the size of the first tap.
    """
    rng = np.random.default_rng(seed)
    _start(decoder, taps, rng)
    weight = paddle.to_tensor(class_weights(labels))
    steps = max(1, epochs * (len(labels) // batch))
    rate = paddle.optimizer.lr.CosineAnnealingDecay(2e-3, steps)
    adam = paddle.optimizer.Adam(rate, parameters=decoder.parameters())
    decoder.train()
    for step in range(steps):
        chosen = np.sort(rng.choice(len(labels), min(batch, len(labels)), replace=False))
        row, column = rng.integers(0, 2, 2)
        finest, *coarse = (tap[chosen].astype(np.float32) for tap in taps)
        scores = decoder([paddle.to_tensor(tap) for tap in (finest[:, :, row::2, column::2], *coarse)])
        wanted = labels_to_tensor(labels[chosen][:, row::2, column::2])
        loss = F.cross_entropy(scores, wanted, weight=weight, axis=1)
        loss.backward()
        adam.step()
        adam.clear_grad()
        rate.step()
        if step % 100 == 0 or step == steps - 1:
            progress(f"segmentation network: step {step + 1} of {steps}, loss {float(loss):.3f}")


def class_weights(labels: np.ndarray) -> np.ndarray:
    """float32 [NUM_LABELS + 1]: one over the root of a class's share of pixels, at most 10; absent classes 0."""
    ids = np.where(labels == BACKGROUND, NUM_LABELS, labels)
    share = np.bincount(ids.ravel(), minlength=_CLASSES) / ids.size
    weight = np.divide(1, np.sqrt(share), out=np.zeros(_CLASSES), where=share > 0)
    return weight.clip(0, 10).astype(np.float32)


def _start(decoder: Decoder, taps: Arrays, rng: np.random.Generator) -> None:
    """Weights from `rng` (He et al., ICCV 2015), taps brought to mean 0, deviation 1 as seen in some photos."""
    for parameter in decoder.parameters():
        shape = parameter.shape
        spread = np.sqrt(2 / np.prod(shape[1:])) if len(shape) == 4 else 0.0
        parameter.set_value(rng.normal(0, 1, shape).astype(np.float32) * np.float32(spread))
    for index, tap in enumerate(taps):
        some = tap[:: max(1, len(tap) // 256)].astype(np.float32)
        getattr(decoder, f"mean{index}").set_value(some.mean((0, 2, 3), keepdims=True))
        getattr(decoder, f"scale{index}").set_value(1 / (some.std((0, 2, 3), keepdims=True) + 1e-3))


def _encode(encoder: Network, images: np.ndarray | Rows) -> Arrays:
    """The taps of all photos, float16: 220 kB a photo at 128 px."""
    blocks = [[t.astype(np.float16) for t in encoder(images[i : i + 64])] for i in range(0, len(images), 64)]
    return tuple(np.concatenate(parts) for parts in zip(*blocks, strict=True))


def _half(encoder: Network) -> int:
    if encoder.side is None:
        raise ValueError("the segmenter's encoder needs a fixed side; use load_mobilenet_taps(side=...)")
    return encoder.side // 2


def _grow(x: paddle.Tensor, side: int) -> paddle.Tensor:
    """Nearest neighbours, [N, C, s, s] -> [N, C, side, side], side being s or 2 s."""
    return x if x.shape[2] == side else ops.upsample2(x)


def segmenter_key(
    encoder: Network, images: np.ndarray | Rows, labels: np.ndarray | Rows, seed: int, epochs: int
) -> str:
    """16 hex digits that name a training: they change with the photos, maps, encoder, seed, epochs and design."""
    digest = hashlib.sha256(f"decoder 1 {encoder.name} {encoder.sha256} {seed} {epochs} {_WIDTH}".encode())
    for start in range(0, len(images), 256):
        digest.update(images[start : start + 256].tobytes())
        digest.update(labels[start : start + 256].tobytes())
    return digest.hexdigest()[:16]
