"""`tf.train`: saving and restoring objects and variables.

TensorFlow 1's optimizers and its other names are found here too, as in `tf.compat.v1.train`.
"""

from __future__ import annotations

import importlib
from typing import Any

from thalweg.engine.formats.example import (
    BytesList as BytesList,
    Example as Example,
    Feature as Feature,
    FeatureList as FeatureList,
    FeatureLists as FeatureLists,
    Features as Features,
    FloatList as FloatList,
    Int64List as Int64List,
    SequenceExample as SequenceExample,
)
from thalweg.train.checkpoint import Checkpoint as Checkpoint, CheckpointOptions as CheckpointOptions
from thalweg.train.manager import CheckpointManager as CheckpointManager, checkpoints_iterator as checkpoints_iterator
from thalweg.train.reading import (
    CheckpointReader as CheckpointReader,
    list_variables as list_variables,
    load_checkpoint as load_checkpoint,
    load_variable as load_variable,
)
from thalweg.train.saver import Saver as Saver
from thalweg.train.states import (
    CheckpointState as CheckpointState,
    checkpoint_exists as checkpoint_exists,
    generate_checkpoint_state_proto as generate_checkpoint_state_proto,
    get_checkpoint_mtimes as get_checkpoint_mtimes,
    get_checkpoint_state as get_checkpoint_state,
    latest_checkpoint as latest_checkpoint,
    remove_checkpoint as remove_checkpoint,
    update_checkpoint_state as update_checkpoint_state,
)

NewCheckpointReader = CheckpointReader


_PAGES = {  # names on pages of this package that are loaded when first used
    "coordinator": {"Coordinator", "LooperThread"},
    "queue_runner": {"QueueRunner", "add_queue_runner", "start_queue_runners"},
    "input": {
        "batch", "batch_join", "input_producer", "limit_epochs", "match_filenames_once", "maybe_batch", "maybe_batch_join",
        "maybe_shuffle_batch", "maybe_shuffle_batch_join", "range_input_producer", "shuffle_batch", "shuffle_batch_join",
        "slice_input_producer", "string_input_producer",
    },
    "hooks": {
        "CheckpointSaverHook", "CheckpointSaverListener", "FeedFnHook", "FinalOpsHook", "GlobalStepWaiterHook", "LoggingTensorHook",
        "NanLossDuringTrainingError", "NanTensorHook", "ProfilerHook", "SecondOrStepTimer", "SessionRunArgs", "SessionRunContext",
        "SessionRunHook", "SessionRunValues", "StepCounterHook", "StopAtStepHook", "SummarySaverHook",
    },
    "monitored": {
        "ChiefSessionCreator", "MonitoredSession", "MonitoredTrainingSession", "Scaffold", "SessionCreator", "SessionManager",
        "SingularMonitoredSession", "WorkerSessionCreator", "basic_train_loop",
    },
    "supervisor": {"Supervisor"},
    "clusters": {"ClusterDef", "ClusterSpec", "JobDef", "Server", "ServerDef", "SyncReplicasOptimizer", "replica_device_setter"},
    "meta_graph": {"export_meta_graph", "import_meta_graph", "write_graph"},
    "initializing": {"init_from_checkpoint", "warm_start", "VocabInfo"},
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if not name.startswith("_"):
        if name == "SummaryWriter":  # its name before TensorFlow 1.0
            return importlib.import_module("thalweg.compat.v1.summary").FileWriter
        page = next((page for page, names in _PAGES.items() if name in names), None)
        if page is not None:
            return getattr(importlib.import_module(f"thalweg.train.{page}"), name)
        found = vars(importlib.import_module("thalweg.compat.v1.train")).get(name)
        if found is not None:
            return found
    raise AttributeError(f"module 'thalweg.train' has no attribute {name!r}")
