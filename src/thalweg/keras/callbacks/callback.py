"""The moments of training at which a callback is asked."""

from __future__ import annotations

from typing import Any


class Callback:
    """Base class: override the moments you want.

    `self.model` is the model, `self.params` holds `verbose`, `epochs` and `steps`. `logs` are the measures so far: at
    the end of a batch those of the epoch up to it, at the end of an epoch all of it with `val_` ones. A callback may
    set `self.model.stop_training = True`.

    `fit` runs many steps as one program where no callback asks for each batch. Overriding a batch moment
    (`on_train_batch_end`, ...) asks for each batch; then every step is run on its own. A class that overrides one but
    gets along with `on_train_chunk_end`, called after each program, says `supports_epoch_program = True`.
    Source: keras.callbacks.Callback.
    """

    #: Whether the batch moments that this class (or a class it inherits from) defines can be left out.
    supports_epoch_program: bool = False

    #: The attributes that `BackupAndRestore` keeps, so that an interrupted training goes on as if it had not been.
    state_names: tuple[str, ...] = ()

    #: Whether to be asked after the callbacks that come later in the list.
    asked_last: bool = False

    model: Any = None
    params: Any = None

    def __init__(self) -> None:
        self.model = None
        self.params = None

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params

    def set_model(self, model: Any) -> None:
        self.model = model

    def set_callbacks(self, callbacks: list[Any]) -> None:
        """Learn which callbacks are asked beside this one."""

    # -- training --------------------------------------------------------------------------------------------

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None: ...

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None: ...

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None: ...

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None: ...

    def on_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None: ...

    def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None: ...

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.on_batch_end(batch, logs)

    def on_train_chunk_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """After several steps that ran as one program; `batch` is the number of the last of them."""

    # -- evaluation and prediction ---------------------------------------------------------------------------

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None: ...

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None: ...

    def on_test_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None: ...

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None: ...

    def on_test_chunk_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """After several evaluation steps that ran as one program; `batch` is the number of the last of them."""

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None: ...

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None: ...

    def on_predict_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None: ...

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None: ...

    def on_predict_chunk_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """After several prediction steps that ran as one program; `batch` is the number of the last of them."""

    # -- resuming --------------------------------------------------------------------------------------------

    def get_state(self) -> dict[str, Any]:
        """What an interrupted training must know to go on: numbers, strings, lists, dicts, NumPy arrays."""
        return {name: getattr(self, name) for name in self.state_names}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from what `get_state` returned. Called after `on_train_begin`."""
        for name in self.state_names:
            setattr(self, name, state[name])


class LambdaCallback(Callback):
    """A callback made of functions: `LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))`.

    Takes any moment of `Callback` by its name. Raises ValueError for other names.
    Source: keras.callbacks.LambdaCallback.
    """

    def __init__(self, **moments: Any) -> None:
        super().__init__()
        for name, function in moments.items():
            if not (name.startswith("on_") and hasattr(Callback, name)):
                known = ", ".join(sorted(moment for moment in vars(Callback) if moment.startswith("on_")))
                raise ValueError(f"LambdaCallback knows no moment {name!r}. It takes: {known}.")
            if function is not None:
                setattr(self, name, function)
