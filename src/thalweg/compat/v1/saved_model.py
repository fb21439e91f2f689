"""`tf.saved_model` as TensorFlow 1 has it: a graph with its variables and signatures in a folder.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/saved_model
"""

from __future__ import annotations

import os
import shutil
from types import SimpleNamespace
from typing import Any

SAVED_MODEL_FILENAME_PB, SAVED_MODEL_FILENAME_PBTXT, SAVED_MODEL_SCHEMA_VERSION = "saved_model.pb", "saved_model.pbtxt", 1
VARIABLES_DIRECTORY, VARIABLES_FILENAME, ASSETS_DIRECTORY, ASSETS_KEY = "variables", "variables", "assets", "saved_model_assets"
MAIN_OP_KEY, LEGACY_INIT_OP_KEY = "saved_model_main_op", "legacy_init_op"
DEBUG_DIRECTORY, DEBUG_INFO_FILENAME_PB = "debug", "saved_model_debug_info.pb"
SERVING, TRAINING, GPU, TPU, EVAL = "serve", "train", "gpu", "tpu", "eval"
DEFAULT_SERVING_SIGNATURE_DEF_KEY = "serving_default"
PREDICT_INPUTS, PREDICT_OUTPUTS, PREDICT_METHOD_NAME = "inputs", "outputs", "tensorflow/serving/predict"
CLASSIFY_INPUTS, CLASSIFY_METHOD_NAME = "inputs", "tensorflow/serving/classify"
CLASSIFY_OUTPUT_CLASSES, CLASSIFY_OUTPUT_SCORES = "classes", "scores"
REGRESS_INPUTS, REGRESS_OUTPUTS, REGRESS_METHOD_NAME = "inputs", "outputs", "tensorflow/serving/regress"
_INIT_SIGNATURE = "__saved_model_init_op"

tag_constants = SimpleNamespace(SERVING=SERVING, TRAINING=TRAINING, GPU=GPU, TPU=TPU, EVAL=EVAL)
signature_constants = SimpleNamespace(**{
    k: v for k, v in globals().items() if k.startswith(("DEFAULT_SERVING", "PREDICT", "CLASSIFY", "REGRESS"))
})  # fmt: skip
constants = SimpleNamespace(**{
    k: v for k, v in globals().items() if k.startswith(("SAVED_MODEL", "VARIABLES", "ASSETS", "MAIN_OP", "LEGACY", "DEBUG"))
})  # fmt: skip


# -- signatures -----------------------------------------------------------------------------------------------


def build_tensor_info(tensor: Any) -> Any:
    """A tensor's name, dtype and shape as a message."""
    from thalweg.engine.formats.messages import TensorInfo
    from thalweg.engine.formats.tensor_proto import shape_proto

    info = TensorInfo(dtype=tensor.dtype.base_dtype.as_datatype_enum)
    info.tensor_shape.CopyFrom(shape_proto(tensor.shape))
    if hasattr(tensor, "_fetch_parts"):
        values, indices, shape = (getattr(tensor, n).name for n in ("values", "indices", "dense_shape"))
        info.coo_sparse.values_tensor_name, info.coo_sparse.indices_tensor_name = values, indices
        info.coo_sparse.dense_shape_tensor_name = shape
    else:
        info.name = tensor.name
    return info


def get_tensor_from_tensor_info(tensor_info: Any, graph: Any = None, import_scope: str | None = None) -> Any:
    """The graph's tensor that a message describes."""
    from thalweg.compat.v1 import get_default_graph

    graph = graph or get_default_graph()
    name = tensor_info.name
    return graph.get_tensor_by_name(f"{import_scope}/{name}" if import_scope else name)


def build_signature_def(inputs: Any = None, outputs: Any = None, method_name: str | None = None, defaults: Any = None) -> Any:
    """A signature from TensorInfos by name."""
    from thalweg.engine.formats.messages import SignatureDef

    proto = SignatureDef(method_name=method_name or "")
    for name, info in (inputs or {}).items():
        proto.inputs[name].CopyFrom(info)
    for name, info in (outputs or {}).items():
        proto.outputs[name].CopyFrom(info)
    return proto


def _infos(tensors: dict[str, Any]) -> dict[str, Any]:
    from thalweg.engine.core import convert

    return {k: build_tensor_info(t if hasattr(t, "_fetch_parts") else convert.convert_to_tensor(t)) for k, t in tensors.items()}


def predict_signature_def(inputs: dict[str, Any], outputs: dict[str, Any]) -> Any:
    """A signature of tensors by name. Raises ValueError for none."""
    if not inputs or not outputs:
        raise ValueError("Prediction `inputs` and `outputs` cannot be None or empty.")
    return build_signature_def(_infos(inputs), _infos(outputs), PREDICT_METHOD_NAME)


def classification_signature_def(examples: Any, classes: Any = None, scores: Any = None) -> Any:
    """A signature of a classifier of serialized examples."""
    if classes is None and scores is None:
        raise ValueError("Either `classes` or `scores` must be provided.")
    outputs = {k: t for k, t in ((CLASSIFY_OUTPUT_CLASSES, classes), (CLASSIFY_OUTPUT_SCORES, scores)) if t is not None}
    return build_signature_def(_infos({CLASSIFY_INPUTS: examples}), _infos(outputs), CLASSIFY_METHOD_NAME)


def regression_signature_def(examples: Any, predictions: Any) -> Any:
    """A signature of a regressor of serialized examples."""
    return build_signature_def(_infos({REGRESS_INPUTS: examples}), _infos({REGRESS_OUTPUTS: predictions}), REGRESS_METHOD_NAME)


def is_valid_signature(signature_def: Any) -> bool:
    """Whether a signature has inputs, outputs, and a known method."""
    known = (PREDICT_METHOD_NAME, CLASSIFY_METHOD_NAME, REGRESS_METHOD_NAME)
    return (
        signature_def is not None
        and signature_def.method_name in known
        and bool(signature_def.inputs)
        and bool(signature_def.outputs)
    )


# -- writing --------------------------------------------------------------------------------------------------


class Builder:
    """Writes a SavedModel: `add_meta_graph_and_variables(session, tags, signatures)`, then `save()`.

    Raises AssertionError for a folder that holds something already.
    """

    def __init__(self, export_dir: Any):
        from thalweg.engine.formats.messages import SavedModel

        self._dir = os.fspath(export_dir)
        if os.path.isdir(self._dir) and os.listdir(self._dir):
            raise AssertionError(f"Export directory {self._dir} already exists, and isn't empty. Please choose a different export "
                                 "directory, or delete all the contents of the specified directory.")  # fmt: skip
        os.makedirs(self._dir, exist_ok=True)
        self._proto = SavedModel(saved_model_schema_version=SAVED_MODEL_SCHEMA_VERSION)
        self._has_variables = False

    def add_meta_graph_and_variables(
        self, sess: Any, tags: Any, signature_def_map: Any = None, assets_collection: Any = None, legacy_init_op: Any = None,
        clear_devices: bool = False, main_op: Any = None, strip_default_attrs: bool = False, saver: Any = None, **_: Any,
    ) -> None:  # fmt: skip
        """The session's graph and the values of its variables. Once only: later graphs come by `add_meta_graph`."""
        from thalweg.train.saver import Saver

        if self._has_variables:
            raise AssertionError(
                "Graph state including variables and assets has already been saved. Please invoke add_meta_graph()."
            )
        folder = os.path.join(self._dir, VARIABLES_DIRECTORY)
        os.makedirs(folder, exist_ok=True)
        with sess.graph.as_default():
            saver = saver or Saver(allow_empty=True)
            saver.save(sess, os.path.join(folder, VARIABLES_FILENAME), write_meta_graph=False, write_state=False)
        self._has_variables = True
        self._copy_assets(sess, assets_collection)
        self._add(sess.graph, tags, signature_def_map, legacy_init_op if main_op is None else main_op, clear_devices)

    def add_meta_graph(
        self, tags: Any, signature_def_map: Any = None, assets_collection: Any = None, legacy_init_op: Any = None,
        clear_devices: bool = False, main_op: Any = None, strip_default_attrs: bool = False, saver: Any = None,
    ) -> None:  # fmt: skip
        """The current graph, whose variables were saved before. Raises AssertionError if they were not."""
        from thalweg.compat.v1 import get_default_graph

        if not self._has_variables:
            raise AssertionError("Graph state including variables and assets has not been saved yet. Please invoke "
                                 "`add_meta_graph_and_variables()` first.")  # fmt: skip
        self._add(get_default_graph(), tags, signature_def_map, legacy_init_op if main_op is None else main_op, clear_devices)

    def _copy_assets(self, session: Any, assets: Any) -> None:
        for tensor in assets or []:
            path = session.run(tensor)
            folder = os.path.join(self._dir, ASSETS_DIRECTORY)
            os.makedirs(folder, exist_ok=True)
            shutil.copy(path.decode() if isinstance(path, bytes) else path, folder)

    def _add(self, graph: Any, tags: Any, signatures: Any, main_op: Any, clear_devices: bool) -> None:
        from thalweg.train.meta_graph import export_meta_graph

        proto = export_meta_graph(graph=graph, clear_devices=clear_devices)
        proto.meta_info_def.tags.extend([tags] if isinstance(tags, str) else list(tags))
        for name, signature in (signatures or {}).items():
            proto.signature_def[name].CopyFrom(signature)
        if main_op is not None:
            proto.collection_def[MAIN_OP_KEY].node_list.value.append(main_op.name)
        self._proto.meta_graphs.add().CopyFrom(proto)

    def save(self, as_text: bool = False) -> bytes:
        """Write it. Returns the file's path."""
        from thalweg.train.meta_graph import _write

        path = os.path.join(self._dir, SAVED_MODEL_FILENAME_PBTXT if as_text else SAVED_MODEL_FILENAME_PB)
        _write(self._proto, path, as_text)
        return path.encode()


SavedModelBuilder = Builder


def simple_save(session: Any, export_dir: Any, inputs: dict[str, Any], outputs: dict[str, Any], legacy_init_op: Any = None) -> None:
    """Write the session's graph for serving, with one signature."""
    builder = Builder(export_dir)
    signatures = {DEFAULT_SERVING_SIGNATURE_DEF_KEY: predict_signature_def(inputs, outputs)}
    builder.add_meta_graph_and_variables(session, [SERVING], signatures, main_op=legacy_init_op, clear_devices=True)
    builder.save()


# -- reading --------------------------------------------------------------------------------------------------


def maybe_saved_model_directory(export_dir: Any) -> bool:
    """Whether a folder looks like a SavedModel."""
    return any(os.path.isfile(os.path.join(export_dir, n)) for n in (SAVED_MODEL_FILENAME_PB, SAVED_MODEL_FILENAME_PBTXT))


contains_saved_model = maybe_saved_model_directory


def read_saved_model(export_dir: Any) -> Any:
    """The message of a folder. Raises OSError where there is none, or none that can be read."""
    from google.protobuf import text_format
    from google.protobuf.message import DecodeError

    from thalweg.engine.formats.messages import SavedModel

    binary, text = (os.path.join(os.fspath(export_dir), n) for n in (SAVED_MODEL_FILENAME_PB, SAVED_MODEL_FILENAME_PBTXT))
    try:
        if os.path.isfile(binary):
            with open(binary, "rb") as f:
                return SavedModel.FromString(f.read())
        if os.path.isfile(text):
            with open(text, encoding="utf-8") as f:
                return text_format.Parse(f.read(), SavedModel())
    except (DecodeError, text_format.ParseError, UnicodeDecodeError) as error:
        raise OSError(f"Cannot parse the SavedModel in {export_dir}: {error}.") from None
    raise OSError(f"SavedModel file does not exist at: {export_dir}/{{{SAVED_MODEL_FILENAME_PBTXT}|{SAVED_MODEL_FILENAME_PB}}}")


def load(sess: Any, tags: Any, export_dir: Any, import_scope: str | None = None, **saver_kwargs: Any) -> Any:
    """Build the graph with these tags into the session's, and restore its variables. Returns its MetaGraphDef.

    Raises RuntimeError where no graph has just these tags, OSError where there is no SavedModel.
    """
    from thalweg.train.meta_graph import import_meta_graph

    wanted = {tags} if isinstance(tags, str) else set(tags)
    graphs = read_saved_model(export_dir).meta_graphs
    found = [g for g in graphs if set(g.meta_info_def.tags) == wanted]
    if not found:
        there = [set(g.meta_info_def.tags) for g in graphs]
        raise RuntimeError(f"MetaGraphDef associated with tags {wanted} could not be found in SavedModel, with available tags "
                           f"'{there}'.")  # fmt: skip
    with sess.graph.as_default():
        saver = import_meta_graph(found[0], import_scope=import_scope)
        if saver is not None:
            saver.restore(sess, os.path.join(os.fspath(export_dir), VARIABLES_DIRECTORY, VARIABLES_FILENAME))
        for key in (MAIN_OP_KEY, LEGACY_INIT_OP_KEY):
            for op in sess.graph.get_collection(key)[-1:]:
                sess.run(op)
        init = found[0].signature_def.get(_INIT_SIGNATURE) if _INIT_SIGNATURE in found[0].signature_def else None
        if init is not None:
            for info in init.outputs.values():
                sess.run(sess.graph.as_graph_element(f"{import_scope}/{info.name}" if import_scope else info.name))
    return found[0]


def main_op_with_restore(restore_op_name: Any) -> Any:
    """An operation that initializes what a checkpoint does not hold."""
    return _main_op()


def _main_op() -> Any:
    from thalweg.compat import v1 as tf

    return tf.group(tf.global_variables_initializer(), tf.local_variables_initializer(), tf.tables_initializer())


builder = SimpleNamespace(SavedModelBuilder=SavedModelBuilder)
loader = SimpleNamespace(load=load, maybe_saved_model_directory=maybe_saved_model_directory)
main_op = SimpleNamespace(main_op=_main_op, main_op_with_restore=main_op_with_restore)
utils = SimpleNamespace(build_tensor_info=build_tensor_info, get_tensor_from_tensor_info=get_tensor_from_tensor_info)
signature_def_utils = SimpleNamespace(
    build_signature_def=build_signature_def, predict_signature_def=predict_signature_def, is_valid_signature=is_valid_signature,
    classification_signature_def=classification_signature_def, regression_signature_def=regression_signature_def,
)  # fmt: skip


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    import importlib

    try:
        later = importlib.import_module("thalweg.saved_model")
    except ModuleNotFoundError:
        raise AttributeError(f"module 'thalweg.compat.v1.saved_model' has no attribute {name!r}") from None
    return later.load if name == "load_v2" else getattr(later, name)
