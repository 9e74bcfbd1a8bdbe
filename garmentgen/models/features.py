"""VGG16 features for the perceptual and style losses, frozen, from a small file of converted weights."""

from __future__ import annotations

from pathlib import Path

import paddle
from paddle import nn
from paddle.nn import functional as F
from safetensors import SafetensorError
from safetensors.numpy import load_file

from ..config import Config
from ..errors import UserError
from . import ops

TAPS = {"relu1_2": 3, "relu2_2": 8, "relu3_3": 15, "relu4_3": 22}
"""Index of each tapped ReLU in torchvision's `features` stack."""

CHANNELS = {"relu1_2": 64, "relu2_2": 128, "relu3_3": 256, "relu4_3": 512}

MAGNITUDES = {"relu1_2": 1.2, "relu2_2": 2.0, "relu3_3": 3.0, "relu4_3": 3.0}
"""Root mean square of each tap on photographs of garments (the last one assumed): what brings them to unit size."""

_WIDTHS = (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512)  # 0 = max-pool


class PerceptualFeatures(nn.Layer):
    """VGG16 (Simonyan & Zisserman) up to the last tap; input float32 [N, 3, H, W] in [-1, 1].

    Raises:
        UserError: the weights file is missing, unreadable, or lacks a needed layer. Never random weights.
    """

    def __init__(self, weights: Path, taps: tuple[str, ...]):
        super().__init__()
        if unknown := set(taps) - set(TAPS):
            raise UserError(f"VGG16 taps are {', '.join(TAPS)}, but the config asks for {sorted(unknown)}")
        tensors = _read(weights)
        self.steps: list[tuple[str, bool]] = []  # ("" = pool | name of a convolution, whether it is tapped)
        last, index = max(TAPS[tap] for tap in taps), 0
        for width in _WIDTHS:
            if index > last:
                break
            name = f"features.{index}"
            if width:
                self._add(name, tensors, weights)
                self.steps.append((name.replace(".", "_"), index + 1 in {TAPS[tap] for tap in taps}))
            else:
                self.steps.append(("", False))
            index += 2 if width else 1
        mean, std = paddle.to_tensor([0.485, 0.456, 0.406]), paddle.to_tensor([0.229, 0.224, 0.225])
        self.register_buffer("mean", (2 * mean - 1).reshape([1, 3, 1, 1]))
        self.register_buffer("std", (2 * std).reshape([1, 3, 1, 1]))

    def _add(self, name: str, tensors: dict, path: Path) -> None:
        for part in ("weight", "bias"):
            if f"{name}.{part}" not in tensors:
                raise UserError(
                    f"{path} holds no {name}.{part}, which the configured taps need; use the full VGG16 file"
                )
            value = paddle.to_tensor(tensors[f"{name}.{part}"].astype("float32"))
            self.register_buffer(f"{name.replace('.', '_')}_{part}", value)

    def forward(self, x: paddle.Tensor) -> list[paddle.Tensor]:
        h = (x - self.mean) / self.std  # [N, 3, H, W]
        tapped = []
        for name, is_tap in self.steps:
            if not name:
                h = F.max_pool2d(h, 2)  # [N, C, h / 2, w / 2]
                continue
            h = ops.conv2d(h, getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias"), 1, 1, 0.0)  # [N, C, h, w]
            if is_tap:
                tapped.append(h)
        return tapped


class VGG19Features(nn.Layer):
    """VGG19 of paddle.vision, frozen, tapped after the first ReLU of each block: the published perceptual network.

    Paddle downloads its weights at the first use, so this is for machines with a network.
    """

    TAPS = (1, 6, 11, 20, 29)

    def __init__(self):
        super().__init__()
        self.features = paddle.vision.models.vgg19(pretrained=True, num_classes=0, with_pool=False).features
        for p in self.features.parameters():
            p.stop_gradient = True
        mean, std = paddle.to_tensor([0.485, 0.456, 0.406]), paddle.to_tensor([0.229, 0.224, 0.225])
        self.register_buffer("mean", (2 * mean - 1).reshape([1, 3, 1, 1]))
        self.register_buffer("std", (2 * std).reshape([1, 3, 1, 1]))

    def forward(self, x: paddle.Tensor) -> list[paddle.Tensor]:
        h = (x - self.mean) / self.std  # [N, 3, H, W]
        tapped = []
        for k, layer in enumerate(list(self.features.children())[: self.TAPS[-1] + 1]):
            h = layer(h)  # [N, C, h, w]
            if k in self.TAPS:
                tapped.append(h)
        return tapped


def build_features(config: Config, weights: Path) -> PerceptualFeatures | VGG19Features | None:
    """The frozen network that a run's losses and perceptual heads look through; None when nothing needs it.

    Raises:
        UserError: the heads, taps and weights of the config do not go together, or the file is no VGG16.
    """
    loss, heads = config.loss, config.model.perceptual_heads
    if missing := [tap for tap in heads if loss.vgg19 or tap not in loss.taps]:
        found = "VGG19's" if loss.vgg19 else f"{', '.join(loss.taps)} of VGG16"
        raise UserError(
            f"the discriminator judges {missing[0]}, but the losses look at {found}: "
            "set model.perceptual_heads=[], or name it in loss.taps"
        )
    if not (loss.vgg or loss.style or heads):
        return None
    taps = len(VGG19Features.TAPS if loss.vgg19 else loss.taps)
    if len(loss.tap_weights) != taps:
        raise UserError(f"loss.tap_weights needs a number for each of {taps} taps: {loss.tap_weights}")
    return VGG19Features() if loss.vgg19 else PerceptualFeatures(weights, loss.taps)


def _read(path: Path) -> dict:
    if not Path(path).is_file():
        raise UserError(
            f"the perceptual loss needs VGG16 weights at {path}; they ship with the repository, restore them"
        )
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise UserError(
            f"{path} is not a readable safetensors file ({error}); restore it from the repository"
        ) from error
