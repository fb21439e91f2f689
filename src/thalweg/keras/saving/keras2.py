"""Keras 2's way of writing a config, from ours and back.

Keras 2 names no modules, numbers the calls of a nested model from 1, has lists where Keras 3 has dicts for the arguments of
a call, and knows some arguments by other names or not at all.
"""

from __future__ import annotations

from typing import Any

from thalweg.keras.saving import registration

# Arguments that only Keras 3 has, by class; under "" those of every layer.
_NEW: dict[str, frozenset[str]] = {
    "": frozenset({"quantization_config", "lora_rank", "lora_alpha", "optional", "input_axes", "output_axes"}),
    "LayerNormalization": frozenset({"rms_scaling"}),
    "MultiHeadAttention": frozenset({"flash_attention", "seed", "use_gate", "sliding_window"}),
    "Attention": frozenset({"seed"}),
    "BatchNormalization": frozenset({"synchronized"}),
    **{name: frozenset({"seed", "use_cudnn"}) for name in ("LSTM", "GRU", "SimpleRNN", "LSTMCell", "GRUCell", "SimpleRNNCell")},
    "AlphaDropout": frozenset({"noise_shape"}),
    "AdditiveAttention": frozenset({"seed"}),
    **{name: frozenset({"seed"}) for name in ("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")},
    **{
        name: frozenset({"data_format", "value_range", "pad_to_aspect_ratio", "fill_value", "fill_mode", "antialias"})
        for name in ("RandomContrast", "Resizing", "CenterCrop")
    },
    **{
        name: frozenset({"data_format"})
        for name in (
            "RandomBrightness", "RandomCrop", "RandomFlip", "RandomHeight", "RandomWidth", "RandomRotation",
            "RandomTranslation", "RandomZoom",
        )
    },
    "ZeroPadding1D": frozenset({"data_format"}),
    "GroupQueryAttention": frozenset({"flash_attention", "seed", "use_gate"}),
}
_RENAMED = {
    "InputLayer": {"batch_shape": "batch_input_shape"},
    "LeakyReLU": {"negative_slope": "alpha"},
}
# The arguments of `call` after the first, where Keras 2 keeps them by name.
_CALLS = {"MultiHeadAttention": ("value", "key"), "GroupQueryAttention": ("value", "key")}
_CONSTANT = "_CONSTANT_VALUE"


# -- from ours ---------------------------------------------------------------------------------------------------


def written(config: Any) -> Any:
    """A config of ours, as Keras 2 writes it."""
    if isinstance(config, (list, tuple)):
        return [written(item) for item in config]
    if not isinstance(config, dict):
        return config
    if "class_name" not in config or "config" not in config:
        return {key: written(value) for key, value in config.items()}
    name, inner = config["class_name"], config["config"]
    if name == "function":
        return inner
    if name == "DTypePolicy":
        return inner["name"]
    if name == "__tuple__":
        return [written(item) for item in inner]
    if isinstance(inner, dict):
        layers = inner.get("layers")
        inner = {key: written(value) for key, value in inner.items() if key != "layers"}
        if isinstance(layers, list):
            inner["layers"] = [written(layer) for layer in layers] if "input_layers" not in inner else _calls(layers)
            if "input_layers" not in inner:
                inner.pop("trainable", None)
                inner.pop("dtype", None)
        if name == "MultiHeadAttention":  # Keras 2 keeps the shapes that it was built for among its arguments
            built = (config.get("build_config") or {}).get("shapes_dict", {})
            shapes = {part: written(built.get(part)) for part in ("query_shape", "key_shape", "value_shape")}
            inner |= {**shapes, "key_shape": shapes["key_shape"] or shapes["value_shape"]}
        new = _NEW[""] | _NEW.get(name, frozenset())
        renamed = _RENAMED.get(name, {})
        inner = {renamed.get(key, key): value for key, value in inner.items() if key not in new}
    registered = config.get("registered_name")
    if "ops" in (config.get("module") or "").split("."):  # an operation may share a layer's name
        return {"module": config["module"], "class_name": name, "config": inner}
    return {"class_name": registered if registered and ">" in registered else name, "config": inner}


def _calls(layers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The layers of a functional model, each with its calls as lists."""
    shifts = {layer["name"]: int(_is_model(layer)) for layer in layers}
    return [
        written(layer)
        | {
            "name": layer["name"],
            "inbound_nodes": [
                _call(call, shifts, layer["class_name"]) for call in layer.get("inbound_nodes", [])
            ],
        }
        for layer in layers
    ]


def _is_model(layer: dict[str, Any]) -> bool:
    return isinstance(layer.get("config"), dict) and isinstance(layer["config"].get("layers"), list)


def _call(call: dict[str, Any], shifts: dict[str, int], class_name: str) -> Any:
    def place(value: Any) -> Any:
        """A tensor by its place, anywhere in an argument."""
        if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
            name, node, tensor = value["config"]["keras_history"]
            return [name, node + shifts[name], tensor]
        if isinstance(value, (list, tuple)):
            return [place(item) for item in value]
        if isinstance(value, dict) and "class_name" not in value:
            return {key: place(item) for key, item in value.items()}
        return written(value)

    args = list(call["args"])
    kwargs = {key: place(value) for key, value in call["kwargs"].items()}
    first = place(args[0]) if args else [_CONSTANT, -1, None]
    kwargs = {**dict(zip(_CALLS.get(class_name, ())[: len(args) - 1], map(place, args[1:]))), **kwargs}
    if len(args) > 1 + len(_CALLS.get(class_name, ())):
        return call  # Keras 2 has no form for it; Keras 3 reads its own in such files
    places: list[Any] = [first] if bool(first) and isinstance(first[0], str) else first
    return [[*tensor, kwargs] for tensor in places]


# -- compile arguments -------------------------------------------------------------------------------------------


def training_config(model: Any) -> dict[str, Any] | None:
    """The arguments of `compile` as Keras 2 keeps them beside a model; None for one that is not compiled."""
    config = model.get_compile_config()
    if not config:
        return None
    kept = {name: written(config.get(name)) for name in ("loss", "metrics", "weighted_metrics", "loss_weights")}
    optimizer = written(registration.serialize_keras_object(model.optimizer))
    optimizer["config"] = {
        key: value
        for key, value in optimizer["config"].items()
        if key not in ("loss_scale_factor", "gradient_accumulation_steps")
    }
    if ">" not in optimizer["class_name"]:  # as tf-keras writes it, which Keras 3 knows by that
        optimizer["class_name"] = f"Custom>{optimizer['class_name']}"
    optimizer["config"] |= {"jit_compile": False, "is_legacy_optimizer": False}
    return {**kept, "optimizer_config": optimizer}


def compile_arguments(config: dict[str, Any]) -> dict[str, Any]:
    """What `compile` takes, from Keras 2's training config."""
    read = registration.deserialize_keras_object
    from thalweg.keras import losses, metrics, optimizers

    def each(value: Any, make: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [each(item, make) for item in value]
        if isinstance(value, dict) and "class_name" not in value:
            return {key: each(item, make) for key, item in value.items()}
        return make(value) if isinstance(value, dict) else value

    optimizer = config["optimizer_config"]
    return {
        "optimizer": optimizers.deserialize(optimizer),
        "loss": each(config.get("loss"), losses.deserialize),
        "metrics": each(config.get("metrics"), metrics.deserialize),
        "weighted_metrics": each(config.get("weighted_metrics"), metrics.deserialize),
        "loss_weights": read(config.get("loss_weights")),
    }
