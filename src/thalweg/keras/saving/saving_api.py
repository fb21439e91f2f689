"""Models in files, in every format: one way in and one way out, which choose the format.

What is written replaces the old file in one step. What is read can name only known and registered classes (see
`saving.registration`), and is bounded in size before it is read.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from thalweg.keras.saving import archive, hdf5, legacy_h5, registration, weights
from thalweg.keras.utils.files import written_whole

_HDF5 = (".h5", ".hdf5")
_FORMATS = {"keras": ".keras", "h5": ".h5", "hdf5": ".h5"}


# -- whole models ------------------------------------------------------------------------------------------------


def save_model(
    model: Any,
    filepath: Any,
    overwrite: bool = True,
    include_optimizer: bool = True,
    save_format: str | None = None,
    **kwargs: Any,
) -> None:
    """Write a model to a file: `.keras`, or `.h5` in Keras 2's layout.

    save_format: 'keras' or 'h5', where the ending does not say it. Raises ValueError for an ending that says no format,
    FileExistsError unless `overwrite`, NotImplementedError for a model that has no config.
    """
    path = os.fspath(filepath)
    ending = _FORMATS.get(save_format or "", os.path.splitext(path)[1])
    if ending not in (".keras", *_HDF5):
        raise ValueError(
            f"Invalid filepath extension for saving: {path!r}. Write the whole model to a file ending in '.keras' (or '.h5'), "
            "weights alone with save_weights('name.weights.h5'), or a SavedModel with model.export(folder)."
        )
    _check_free(path, overwrite)
    with written_whole(path) as temporary:
        if ending == ".keras":
            archive.write(model, temporary)
        else:
            legacy_h5.write_model(model, temporary, include_optimizer)


def load_model(
    filepath: Any, custom_objects: Any = None, compile: bool = True, safe_mode: bool = True, **kwargs: Any
) -> Any:
    """Read a model from a `.keras` or `.h5` file. Raises ValueError when it is neither, TypeError for unknown classes.

    custom_objects: your own classes and functions by name. compile: whether to compile it as it was. safe_mode: whether to
    refuse Python code in the file (lambdas that Keras wrote); switch it off only for files of your own.
    """
    path = _existing(filepath)
    with registration.CustomObjectScope(custom_objects), registration.safe_mode_scope(safe_mode):
        if _is_hdf5(path):
            with hdf5.reading(path) as root:
                return legacy_h5.read_model(root, path, compile)
        return archive.read(path, compile)


# -- weights -------------------------------------------------------------------------------------------------------


def save_weights(
    model: Any, filepath: Any, overwrite: bool = True, save_format: str | None = None, options: Any = None
) -> None:
    """Write a model's weights.

    The ending says the format: `.weights.h5` (Keras 3's layout), `.h5` (Keras 2's layout), `.npz`; any other name is the
    prefix of a checkpoint as TensorFlow writes it. save_format: 'h5' or 'tf', where the name does not say it.
    Raises ValueError for a model that is not built, FileExistsError unless `overwrite`.
    """
    path = os.fspath(filepath)
    if not model.built:
        raise ValueError(
            f"You are saving the weights of model {model.name!r}, which is not built: it has none yet. Call it on data, or "
            "build(input_shape), first."
        )
    if save_format == "tf" or (save_format is None and not path.endswith((*_HDF5, ".npz"))):
        _write_checkpoint(model, path, overwrite)
        return
    _check_free(path, overwrite)
    with written_whole(path) as temporary:
        if path.endswith(".weights.h5"):
            weights.write_h5(model, temporary)
        elif path.endswith(".npz"):
            with open(temporary, "wb") as file:
                arrays: dict[str, Any] = weights.flat_arrays(model)
                np.savez(file, **arrays)
        else:
            with hdf5.writing(temporary) as h5:
                legacy_h5.write_weights(model, h5)


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False, by_name: bool = False) -> Any:
    """Read weights into a model, from what `save_weights` or `save_model` wrote, in any format.

    skip_mismatch: warn about layers that do not fit, and leave them. by_name: match layers by name and not by order (files
    of Keras 2's layout). Raises ValueError where something does not fit. Gives the status of a checkpoint, None otherwise.
    """
    path = os.fspath(filepath)
    if _is_checkpoint(path):
        return _read_checkpoint(model, path, skip_mismatch, by_name)
    path = _existing(filepath)
    if path.endswith(".keras"):
        with archive.opened(path) as opened:
            archive.read_weights(model, opened, skip_mismatch)
    elif path.endswith(".npz"):
        with archive.opened(path) as opened:
            weights.load_entries(model, weights.npz_entries(archive.npz_arrays(opened)), skip_mismatch)
    elif _is_hdf5(path):
        with hdf5.reading(path) as root:
            if legacy_h5.is_weights(root):
                _need_built(model)
                legacy_h5.load_weights(model, root, skip_mismatch, by_name)
            elif by_name:
                raise ValueError(f"{path!r} is of Keras 3's layout, which has no names to match by: leave out by_name.")
            else:
                weights.load_entries(model, weights.h5_entries(root), skip_mismatch)
    else:
        raise ValueError(
            f"Weights are read from '.weights.h5', '.h5', '.keras' and '.npz' files and from checkpoints, but {path!r} is none."
        )
    return None


def _need_built(model: Any) -> None:
    if not model.built:
        raise ValueError(
            f"Model {model.name!r} is not built, so it has no weights to give values to: call it on data, or "
            "build(input_shape), first."
        )


# -- checkpoints -----------------------------------------------------------------------------------------------------


def _write_checkpoint(model: Any, prefix: str, overwrite: bool) -> None:
    import thalweg as tf

    _check_free(f"{prefix}.index", overwrite)
    tf.train.Checkpoint(root=model).write(prefix)
    from thalweg.train.states import update_checkpoint_state

    update_checkpoint_state(os.path.dirname(prefix), prefix, [prefix])


def _read_checkpoint(model: Any, prefix: str, skip_mismatch: bool, by_name: bool) -> Any:
    import thalweg as tf

    if skip_mismatch or by_name:
        raise ValueError("A checkpoint's weights are found by attribute names: leave out skip_mismatch and by_name.")
    status = tf.train.Checkpoint(root=model).read(prefix)
    try:
        status.assert_nontrivial_match()
    except AssertionError:
        if model.built:
            raise ValueError(
                f"Nothing in the checkpoint {prefix!r} belongs to model {model.name!r}: it was written for another model."
            ) from None
    return status


def _is_checkpoint(path: str) -> bool:
    return os.path.isfile(f"{path}.index")


# -- paths -----------------------------------------------------------------------------------------------------------


def _is_hdf5(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(8) == b"\x89HDF\r\n\x1a\n" or path.endswith(_HDF5)


def _check_free(path: str, overwrite: bool) -> None:
    if not overwrite and os.path.exists(path):
        raise FileExistsError(f"{path!r} exists: pass overwrite=True to replace it, or write to another file.")


def _existing(filepath: Any) -> str:
    path = os.fspath(filepath)
    if not os.path.exists(path):
        raise ValueError(f"File not found: {path!r}.")
    if os.path.isdir(path):
        raise ValueError(f"{path!r} is a folder, not a file with a model or weights.")
    return path
