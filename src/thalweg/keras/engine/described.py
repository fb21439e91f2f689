"""What a layer can say of itself: its config, the shapes it was built for, its variables for a file."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.keras import regularizers
from thalweg.keras.engine import calls, settings
from thalweg.keras.engine.calls import signature_of
from thalweg.keras.engine.shapes import as_shape, map_shapes
from thalweg.keras.engine.tracking import Tracker
from thalweg.keras.saving import registration

_BASE_ARGUMENTS = ("name", "trainable", "dtype")


class Described(Tracker):
    """The part of a layer by which it can be made anew."""

    #: The arguments that `get_config` writes down; each is kept in an attribute of its name.
    _config_names: tuple[str, ...] = ()
    #: What configs of Keras 2 say of the class and no constructor takes.
    _unused_in_configs: frozenset[str] = frozenset()

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        layer = super().__new__(cls)
        layer.__dict__["_auto_config"] = (args, kwargs)
        return layer

    # -- config ---------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer. Subclasses add their own."""
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable, "dtype": self._policy.name}
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        if self._config_names:
            config |= {name: settings.written(name, getattr(self, name)) for name in self._config_names}
        elif self._has_no_config():
            config |= self._config_of_arguments()
        return config

    def _has_no_config(self) -> bool:
        """Whether the class takes arguments that no `get_config` of its own writes down."""
        raise NotImplementedError

    def _config_of_arguments(self) -> dict[str, Any]:
        """For a class without `get_config`: the arguments it was made with, as far as they can be written down."""
        args, kwargs = self.__dict__["_auto_config"]
        given = signature_of(type(self).__init__).bound(args, kwargs)
        try:
            return {k: registration.serialize_keras_object(v) for k, v in given.items() if k not in _BASE_ARGUMENTS}
        except (TypeError, ValueError):
            raise NotImplementedError(
                f"Layer {type(self).__name__} has arguments in `__init__()` that cannot be written down by themselves: "
                "give it a `get_config()` method."
            ) from None

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The layer that `get_config` described."""
        return cls(**{name: value for name, value in config.items() if name not in cls._unused_in_configs})

    def save_own_variables(self, store: Any) -> None:
        """Write the variables of this layer itself into `store`, a mapping. Layers inside write their own."""
        for i, variable in enumerate(self._stored_variables()):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Read what `save_own_variables` wrote. Raises ValueError if it does not fit."""
        variables = self._stored_variables()
        if len(store.keys()) != len(variables):
            raise ValueError(
                f"Layer {self.name!r} ({type(self).__name__}) has {len(variables)} variables, but the file holds "
                f"{len(store.keys())} for it."
                + ("" if self.built else " The layer is not built yet: build the model, or call it on data, first.")
            )
        for i, variable in enumerate(variables):
            if np.shape(store[str(i)]) != tuple(variable.shape):  # before anything is read
                raise ValueError(
                    f"Variable {variable.name!r} of layer {self.name!r} has shape {tuple(variable.shape)}, but the file "
                    f"holds an array of shape {np.shape(store[str(i)])}."
                )
        for i, variable in enumerate(variables):
            variable.assign(np.asarray(store[str(i)]).astype(variable.dtype.as_numpy_dtype))

    def _stored_variables(self) -> list[Any]:
        trainable, rest = self._own_split()
        return trainable + rest

    def get_build_config(self) -> dict[str, Any] | None:
        """The shapes that the layer was built for, as Keras 3 keeps them."""
        shapes = {name: map_shapes(list, shape) for name, shape in (self._build_shape or {}).items() if shape is not None}
        if len(shapes) > 1:
            return {"shapes_dict": shapes}
        return {"input_shape": next(iter(shapes.values()))} if shapes else None

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build for the shapes in a config, as `get_build_config` gives them."""
        given = config.get("shapes_dict", config)
        shapes = {name: map_shapes(as_shape, shape) for name, shape in given.items() if shape is not None}
        if shapes and not self.built:
            self._build_shape = shapes
            with calls.scope(self.name):
                if list(shapes) == ["input_shape"]:
                    self.build(shapes["input_shape"])
                else:
                    self.build(**shapes)
            self.built = True
