"""Write what TensorFlow's ops take and give, by name, into `engine/formats/op_defs.json`: GraphDefs are written and read with it.

    PYTHONPATH=src python -m tests.goldens.record_op_defs        # where TensorFlow is installed
"""

import json
import re
from pathlib import Path

PLACE = Path(__file__).parents[2] / "src/thalweg/engine/formats/op_defs.json"
# Ops for other machines than ours, for TensorFlow's inner workings, and for its data pipelines.
LEFT_OUT = re.compile(
    r"^_|^Xla|TPU|Tpu|SparseCore|Dataset|Iterator|Mkl|Experimental|Collective|Nccl|Quantiz|Debug|Boosted|^TF|DTensor"
    r"|Uniform(Quant|Dequant|Requant)|^Risc[A-Z]|Dedup|Mlir|MinibatchSplits|feed|Relayout"
)


def argument(types, arg):
    """`T`, `float`, `N*T` (so many) or `*T` (a list of dtypes); `&` before a reference."""
    name = ("*" + arg.type_list_attr if arg.type_list_attr else "") or arg.type_attr or types.DType(arg.type).name
    return [arg.name, ("&" if arg.is_ref else "") + (f"{arg.number_attr}*" if arg.number_attr else "") + name]


def default(tf, attr, value):
    """A default as JSON has it."""
    kind = value.WhichOneof("value")
    if kind == "list":
        field = next((f.name for f, _ in value.list.ListFields()), None)
        return [] if field is None else [plain(tf, field, v) for v in getattr(value.list, field)]
    return plain(tf, kind, getattr(value, kind))


def plain(tf, kind, value):
    if kind == "s":
        return value.decode()
    if kind == "type":
        return tf.dtypes.as_dtype(value).name
    if kind == "shape":
        return None if value.unknown_rank else [d.size for d in value.dim]
    if kind == "tensor":
        return tf.make_ndarray(value).tolist()
    if kind == "func":
        return value.name
    return value


def main():
    import tensorflow as tf
    from tensorflow.core.framework import op_def_pb2
    from tensorflow.python.client import pywrap_tf_session as session
    from tensorflow.python.framework import dtypes as types

    lines = []
    for op in op_def_pb2.OpList.FromString(session.TF_GetBuffer(session.TF_GetAllOpList())).op:
        if LEFT_OUT.search(op.name) or not hasattr(tf.raw_ops, op.name):
            continue
        attrs = {a.name: [a.type] + ([default(tf, a, a.default_value)] if a.HasField("default_value") else []) for a in op.attr}
        entry = [[argument(types, a) for a in op.input_arg], [argument(types, a) for a in op.output_arg], attrs]
        lines.append(f"{json.dumps(op.name)}: {json.dumps(entry, separators=(',', ':'))}")
    PLACE.write_text("{\n" + ",\n".join(sorted(lines)) + "\n}\n")
    print(len(lines), "ops")


if __name__ == "__main__":
    main()
