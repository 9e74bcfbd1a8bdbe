"""The networks of a weights file, each made when something first asks for it: a graph paints without them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from . import environment
from .checkpoint import Tensors, Weights, check_networks, load_strictly

if TYPE_CHECKING:
    from paddle import nn

    from .models import Encoder, Generator


class Networks:
    """Encoder and generators in eval mode.

    Args:
        of: what to call the weights in errors. Whoever asks for a network may get their UserError.
    """

    def __init__(self, weights: Weights, of: str = "these weights"):
        self.weights, self.of = weights, of

    @cached_property
    def encoder(self) -> Encoder:
        """The network behind `means`."""
        self._check()
        from .models import build_encoder

        return self._loaded(build_encoder(self.weights.config), self._part("encoder"), "encoder")

    def generator(self, size: int) -> Generator:
        """A new generator of pictures of this side: the whole one, or the part that paints the smaller size."""
        self._check()
        from .models import build_generator

        net, tensors = build_generator(self.weights.config.painting(size)), self._part("generator")
        if size != self.weights.config.sizes[-1]:
            tensors = {name: tensors[name] for name in net.state_dict()}
        return self._loaded(net, tensors, "generator")

    def means(self, inputs: Sequence[np.ndarray]) -> np.ndarray:
        """The encoder's posterior means of crops, index and padding, float32 [P, C, G, G]. One thread at a time."""
        encoder = self.encoder
        import paddle

        with paddle.no_grad():
            return encoder(*(paddle.to_tensor(value) for value in inputs))[0].numpy()

    def reading(self) -> nn.Layer:
        """The encoder without its variances: crops, index, padding -> posterior means. For its graph."""
        encoder = self.encoder
        from paddle import nn

        class Means(nn.Layer):
            def __init__(self):
                super().__init__()
                self.encoder = encoder

            def forward(self, crops, index, padding):
                return self.encoder(crops, index, padding)[0]  # [P, C, G, G]

        means = Means()
        means.eval()
        return means

    def _check(self) -> None:
        environment.start_paddle()
        check_networks(self.weights, self.of)

    def _part(self, name: str) -> Tensors:
        return self.weights.parts.get(name, {})

    def _loaded(self, net, tensors: Tensors, part: str):
        load_strictly(net, tensors, f"{self.of}: {part}")
        net.eval()
        return net
