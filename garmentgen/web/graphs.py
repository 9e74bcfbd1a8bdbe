"""ONNX files for a page: several over one file of parameters, so that none travels twice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

SHARED = 256
"""Bytes from which a parameter is worth sharing."""


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
