"""The messages of graphs and of what runs them, as classes. Their schemas are in `protos/`."""

from __future__ import annotations

from thalweg.engine.formats.schema import messages

(
    TensorShapeProto, ResourceHandleProto, TensorProto, VariantTensorDataProto, AttrValue, NameAttrList, NodeDef, VersionDef,
    OpDef, OpList, FunctionDefLibrary, FunctionDef, GradientDef, GraphDef,
) = messages(
    "graph.proto", "TensorShapeProto", "ResourceHandleProto", "TensorProto", "VariantTensorDataProto", "AttrValue", "NameAttrList",
    "NodeDef", "VersionDef", "OpDef", "OpList", "FunctionDefLibrary", "FunctionDef", "GradientDef", "GraphDef",
)  # fmt: skip
VariableDef, SaveSliceInfoDef = messages("variable.proto", "VariableDef", "SaveSliceInfoDef")
(
    MetaGraphDef, CollectionDef, TensorInfo, SignatureDef, AssetFileDef, SaverDef, QueueRunnerDef, ValuesDef, CondContextDef,
    WhileContextDef,
) = messages(
    "meta_graph.proto", "MetaGraphDef", "CollectionDef", "TensorInfo", "SignatureDef", "AssetFileDef", "SaverDef",
    "QueueRunnerDef", "ValuesDef", "CondContextDef", "WhileContextDef",
)  # fmt: skip
(SavedModel,) = messages("saved_model.proto", "SavedModel")
SavedObjectGraph, SavedObject, StructuredValue, TrackableObjectGraph = messages(
    "saved_object_graph.proto", "SavedObjectGraph", "SavedObject", "StructuredValue", "TrackableObjectGraph"
)
Event, Summary, SummaryMetadata, SummaryDescription, HistogramProto, LogMessage, SessionLog, TaggedRunMetadata = messages(
    "event.proto", "Event", "Summary", "SummaryMetadata", "SummaryDescription", "HistogramProto", "LogMessage", "SessionLog",
    "TaggedRunMetadata",
)  # fmt: skip
RunMetadata, RunOptions, StepStats, DeviceStepStats, NodeExecStats, CostGraphDef = messages(
    "run_metadata.proto", "RunMetadata", "RunOptions", "StepStats", "DeviceStepStats", "NodeExecStats", "CostGraphDef"
)
