"""The weights as files for a page: the bank's arrays, the graphs over one file of parameters, and the facts as JSON."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.agreement import STEP, proof
from ..errors import UserError
from ..export import export_onnx
from ..geometry import SPECK
from ..inference import Designer
from ..labels import LABELS
from ..looks import Look
from ..priors import bank
from ..reader import encoder_beside
from ..renderer import graph_beside
from . import vectors, winograd
from .graphs import fold_ranges, share_parameters

if TYPE_CHECKING:
    from onnx import ModelProto

GRAPHICS = "webgpu.onnx"
ARRAYS = ("codes", "fits", "entry", "region", "box")


def write_model(designer: Designer, weights: Path, shown: Look, folder: Path) -> None:
    """Write model.json, bank.bin, graph-SIZE.onnx, GRAPHICS, encoder.onnx and their weights.bin; gzipped but the first.

    Args:
        weights: the designer's file; graphs that lie beside it and are its own are taken. shown: the look by whose
            picture a page proves its engine, and this machine the written files.

    Raises:
        UserError: these weights draw codes in another way than from a bank, which is all a page can do; or paddle2onnx
            is needed and missing.
    """
    if not isinstance(designer.prior, bank.Bank):
        raise UserError("a page deals garments from a bank, which these weights do not draw from; see train-prior")
    arrays, places = _packed(designer.prior)
    with tempfile.TemporaryDirectory(prefix="garmentgen-") as name:
        files = share_parameters(_models(_graphs(designer, weights, Path(name)), designer.size), "weights.bin")
    for name, data in {"bank.bin": arrays, **files}.items():
        (folder / name).write_bytes(gzip.compress(data, 9, mtime=0))
    facts = {**_facts(designer), "arrays": places, "proof": _proof(designer, shown)}
    (folder / "model.json").write_text(json.dumps(facts), "utf-8")


def _models(paths: Mapping[str, Path], size: int) -> dict[str, ModelProto]:
    """The graphs in the form that takes a processor least time; for the graphics processor the largest as it is."""
    import onnx

    models = {name: onnx.load(str(path)) for name, path in paths.items()}
    models[GRAPHICS] = onnx.load(str(paths[f"graph-{size}.onnx"]))
    for name, model in models.items():
        fold_ranges(model)
        if name.startswith("graph-"):
            winograd.rewrite(model)
            vectors.rewrite(model)
    return models


def _graphs(designer: Designer, weights: Path, scratch: Path) -> dict[str, Path]:
    """The graphs by our names for them: the files beside the weights if they are these weights', else new ones."""
    from ..engine import openvino_graph

    def beside(file: Path) -> dict[str, Path]:
        sizes = {f"graph-{size}.onnx": graph_beside(file, size, designer.size) for size in designer.sizes}
        return {**sizes, "encoder.onnx": encoder_beside(file)}

    shipped = beside(weights)
    whose = {openvino_graph.metadata(path).get("weights") for path in shipped.values() if path.exists()}
    if whose == {designer.weights_hash} and all(path.exists() for path in shipped.values()):
        return shipped
    export_onnx(scratch, weights)
    return beside(scratch / weights.name)


def _packed(prior: bank.Bank) -> tuple[bytes, list[dict[str, Any]]]:
    """A bank's arrays one after the other, and where each begins; whole numbers in 16 bits."""
    data, places = b"", []
    for name in ARRAYS:
        value = getattr(prior, name)
        value = np.ascontiguousarray(value if value.dtype.kind == "f" else value.astype(np.uint16))
        data += bytes(-len(data) % 4)
        places.append({"name": name, "dtype": value.dtype.name, "shape": value.shape, "at": len(data)})
        data += value.astype(value.dtype.newbyteorder("<")).tobytes()
    return data, places


def _facts(designer: Designer) -> dict[str, Any]:
    config = designer.config
    return {
        "weights": designer.weights_hash,
        "sizes": designer.sizes,
        "shape": (config.code_channels, config.grid, config.grid),
        "crop": config.crop,
        "speck": SPECK,
        "labels": [
            {"name": one.name, "color": one.color, "is_part": one.is_part, "is_ornament": one.is_ornament}
            for one in LABELS
        ],
        "rules": bank.rules(),
    }


def _proof(designer: Designer, look: Look) -> dict[str, Any]:
    """A look and every STEPth value of what the network gives for it: see `engine.agreement`."""
    output = designer.renderer.engine_at(designer.size)(*designer.inputs(look))
    return {"look": look.to_json(), "step": STEP, "values": proof(output)}
