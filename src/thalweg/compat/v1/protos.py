"""Messages under TensorFlow 1's names, and tensors as messages. Loaded when first used: it takes protobuf."""

from __future__ import annotations

from thalweg.engine.formats.messages import (
    AttrValue as AttrValue,
    Event as Event,
    GraphDef as GraphDef,
    HistogramProto as HistogramProto,
    LogMessage as LogMessage,
    MetaGraphDef as MetaGraphDef,
    NameAttrList as NameAttrList,
    NodeDef as NodeDef,
    OpDef as OpDef,
    RunMetadata as RunMetadata,
    RunOptions as RunOptions,
    SessionLog as SessionLog,
    Summary as Summary,
    SummaryMetadata as SummaryMetadata,
    TensorInfo as TensorInfo,
)
from thalweg.engine.formats.tensor_proto import make_ndarray as make_ndarray, make_tensor_proto as make_tensor_proto
