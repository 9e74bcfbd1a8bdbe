"""The networks of a weights file, each made when something first asks for it: a graph paints without them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from . import environment
from .checkpoint import Tensors, Weights, check_networks, load_strictly
from .geometry import Regions

if TYPE_CHECKING:
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

    def means(self, found: Regions) -> np.ndarray:
        """The encoder's posterior means of regions, float32 [P, C, G, G]. One thread at a time."""
        encoder = self.encoder
        import paddle

        from .pixels import crops_to_tensor

        with paddle.no_grad():
            tensors = crops_to_tensor(found.crops), paddle.to_tensor(found.index), paddle.to_tensor(found.padding)
            return encoder(*tensors)[0].numpy()

    def _check(self) -> None:
        environment.start_paddle()
        check_networks(self.weights, self.of)

    def _part(self, name: str) -> Tensors:
        return self.weights.parts.get(name, {})

    def _loaded(self, net, tensors: Tensors, part: str):
        load_strictly(net, tensors, f"{self.of}: {part}")
        net.eval()
        return net
