"""Weights files: what goes in comes out, and anything else is refused in one sentence."""

from __future__ import annotations

import json

import numpy as np
import paddle
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from garmentgen.checkpoint import load_strictly, load_weights, save_weights, to_arrays
from garmentgen.errors import UserError
from garmentgen.labels import LABELS
from garmentgen.models import build_encoder, build_generator
from garmentgen.presets import PRESETS


def tampered(source, target, **metadata):
    """A copy of a weights file with other metadata (None removes an entry)."""
    with safe_open(source, "numpy") as file:
        entries = {k: v for k, v in {**file.metadata(), **metadata}.items() if v is not None}
        save_file({name: file.get_tensor(name) for name in file.keys()}, target, entries)
    return target


def test_a_weights_file_rebuilds_its_own_model(weights_file, designer):
    weights = load_weights(weights_file)
    assert weights.config == designer.config and weights.facts == {"images": 0, "prior": "gaussian"}
    assert set(weights.parts) == {"encoder", "generator", "prior_gaussian", "prior_bank", "prior_flow"}
    paddle.seed(99)  # other initial weights than the file's
    for name, build, original in (
        ("encoder", build_encoder, designer.networks.encoder),
        ("generator", build_generator, designer.engine.net),
    ):
        net = build(weights.config)
        load_strictly(net, weights.parts[name], name)
        for key, value in to_arrays(original).items():
            assert np.array_equal(to_arrays(net)[key], value.astype(np.float16).astype(np.float32)), key


def test_numbers_are_stored_in_sixteen_bits_and_metadata_is_json(weights_file):
    with safe_open(weights_file, "numpy") as file:
        assert {file.get_tensor(name).dtype for name in file.keys()} == {np.dtype(np.float16)}
        metadata = file.metadata()
    assert json.loads(metadata["labels"]) == [label.name for label in LABELS]
    assert json.loads(metadata["config"])["kind"] == "lite"


def test_the_hash_names_the_content(weights_file, tmp_path):
    first = load_weights(weights_file)
    again = tmp_path / "again.safetensors"
    again.write_bytes(weights_file.read_bytes())
    assert load_weights(again).hash == first.hash
    parts = {**first.parts, "generator": {k: v + np.float16(1) for k, v in first.parts["generator"].items()}}
    save_weights(tmp_path / "other.safetensors", first.config, parts, first.facts)
    assert load_weights(tmp_path / "other.safetensors").hash != first.hash


def test_a_failed_write_leaves_the_old_file(weights_file, tmp_path):
    target = tmp_path / "w.safetensors"
    target.write_bytes(weights_file.read_bytes())
    with pytest.raises(TypeError):
        save_weights(target, PRESETS["tiny"].model, {"a": {"b": np.zeros(2)}}, {"not": {1, 2}})
    assert target.read_bytes() == weights_file.read_bytes() and list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("length", [0, 7, 200, 5000, -1])
def test_a_truncated_file_is_one_clear_error(weights_file, tmp_path, length):
    path = tmp_path / "cut.safetensors"
    path.write_bytes(weights_file.read_bytes()[:length])
    with pytest.raises(UserError, match="cut.safetensors is truncated or not a safetensors file"):
        load_weights(path)


def test_a_missing_file_and_a_folder_say_what_to_do(tmp_path):
    for path in (tmp_path / "none.safetensors", tmp_path):
        with pytest.raises(UserError, match="garmentgen train"):
            load_weights(path)


def test_foreign_files_are_refused(tmp_path):
    path = tmp_path / "foreign.safetensors"
    save_file({"layer": np.zeros(3, np.float32)}, path)
    with pytest.raises(UserError, match="not one of garmentgen's"):
        load_weights(path)
    path.write_bytes(b"\x80\x04\x95 a pickle, or whatever")
    with pytest.raises(UserError, match="not a safetensors file"):
        load_weights(path)


def test_a_foreign_file_in_bfloat16_is_refused_too(tmp_path):
    """NumPy knows no bfloat16, so reading its tensors fails before anything else can be said."""
    header = json.dumps({"w": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}).encode()
    path = tmp_path / "bf16.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    with pytest.raises(UserError):
        load_weights(path)


def test_another_list_of_labels_is_refused(weights_file, tmp_path):
    names = [label.name for label in LABELS]
    names[0], names[1] = names[1], names[0]
    path = tampered(weights_file, tmp_path / "other.safetensors", labels=json.dumps(names))
    with pytest.raises(UserError, match="another list of labels"):
        load_weights(path)


DAMAGED = [(entry, value) for entry in ("config", "labels", "facts") for value in (None, "{")]


@pytest.mark.parametrize("entry, value", [*DAMAGED, ("config", "[]"), ("labels", "[]")])
def test_damaged_metadata_is_a_clear_error(weights_file, tmp_path, entry, value):
    path = tampered(weights_file, tmp_path / "damaged.safetensors", **{entry: value})
    with pytest.raises(UserError):
        load_weights(path)


def test_loading_is_strict():
    net = build_encoder(PRESETS["tiny"].model)
    arrays = to_arrays(net)
    name = next(iter(arrays))
    with pytest.raises(UserError, match=f"lacks '{name}'"):
        load_strictly(net, {k: v for k, v in arrays.items() if k != name}, "file")
    with pytest.raises(UserError, match="has 'surplus'"):
        load_strictly(net, {**arrays, "surplus": np.zeros(1)}, "file")
    with pytest.raises(UserError, match=f"{name} should be"):
        load_strictly(net, {**arrays, name: arrays[name][..., :1]}, "file")
    before = to_arrays(net)
    assert all(np.array_equal(before[k], arrays[k]) for k in arrays), "nothing half-loaded from the bad names"
