"""ONNX files for a page: the encoder's, and several over one file of parameters, so that none travels twice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..geometry import regions
from ..inference import Designer
from ..labels import NUM_LABELS

SHARED = 256
"""Bytes from which a parameter is worth sharing."""


def encoder_graph(designer: Designer, path: Path) -> Path:
    """Write the encoder's posterior means as a graph: crops, index, padding -> output [P, C, G, G].

    Raises:
        UserError: paddle2onnx is missing, or the graph does not give what the network gives.
    """
    from paddle import nn

    from ..engine import Engine
    from ..pixels import crops_to_tensor

    class Means(nn.Layer):
        """The encoder without its variances."""

        def __init__(self):
            super().__init__()
            self.encoder = designer.networks.encoder

        def forward(self, crops, index, padding):
            return self.encoder(crops, index, padding)[0]  # [P, 8, G, G]

    size, config = designer.sizes[0], designer.config
    stripes = np.tile((np.arange(size) * NUM_LABELS // size).astype(np.uint8), (size, 1))
    picture = np.stack([np.indices((size, size)).sum(0) * k % 256 for k in (1, 2, 3)], -1).astype(np.uint8)
    found = regions(picture[None], stripes[None], config.crop, config.grid)
    inputs = [crops_to_tensor(found.crops).numpy(), found.index, found.padding]
    engine = Engine(Means, [inputs], designer.weights_hash, "dynamic", [(k, 0) for k in range(3)])
    engine.alone(lambda: _write(engine, path))
    return path


def _write(engine, path: Path) -> None:
    from ..engine import onnx_graph

    engine.net.eval()
    onnx_graph.write(engine.net, engine.examples[0], path, engine.facts())


def share_parameters(paths: Mapping[str, Path], shared: str) -> dict[str, bytes]:
    """ONNX files by name -> their bytes without parameters, and the parameters under the name `shared`.

    They are ONNX's external data: a parameter that several graphs hold is stored once.
    """
    import onnx

    places: dict[bytes, int] = {}
    data, files = bytearray(), {}
    for name, path in paths.items():
        model = onnx.load(str(path))
        for value in model.graph.initializer:
            if len(value.raw_data) < SHARED:
                continue
            if value.raw_data not in places:
                places[value.raw_data] = len(data)
                data += value.raw_data + bytes(-len(value.raw_data) % 8)
            entries = {"location": shared, "offset": places[value.raw_data], "length": len(value.raw_data)}
            value.ClearField("raw_data")
            value.data_location = onnx.TensorProto.EXTERNAL
            for key, entry in entries.items():
                value.external_data.add(key=key, value=str(entry))
        files[name] = model.SerializeToString()
    return {**files, shared: bytes(data)}
