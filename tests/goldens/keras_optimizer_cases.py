"""The optimizer and schedule settings that are compared with Keras, and the gradients they are fed."""

import numpy as np

STEPS = 10
SHAPES = [(3, 4), (4,), (2, 3, 2)]

_each = ["SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "Nadam", "RMSprop", "Ftrl", "Adafactor", "Lion", "Lamb", "Muon"]
_ftrl = {
    "l1_regularization_strength": 0.1, "l2_regularization_strength": 0.2, "l2_shrinkage_regularization_strength": 0.3,
    "beta": 0.4,
}  # fmt: skip

# (class, arguments): compared with Keras 3, and with Keras 2 where it has the class and the arguments.
OPTIMIZERS = [(name, {"learning_rate": 0.03}) for name in _each] + [
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"learning_rate": 0.1, "clipvalue": 0.3}),
    ("SGD", {"learning_rate": 0.1, "global_clipnorm": 1.0}),
    ("SGD", {"learning_rate": 0.1, "weight_decay": 0.1}),
    ("SGD", {"learning_rate": 0.1, "loss_scale_factor": 8.0}),
    ("SGD", {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 3}),
    ("Adam", {"learning_rate": 0.1, "amsgrad": True}),
    ("Adam", {"learning_rate": 0.1, "clipnorm": 1.0}),
    ("Adam", {"learning_rate": 0.1, "weight_decay": 0.1}),
    ("Adam", {"learning_rate": 0.1, "gradient_accumulation_steps": 3}),
    ("Adam", {"learning_rate": 0.1, "gradient_accumulation_steps": 2, "use_ema": True, "ema_overwrite_frequency": 2}),
    ("RMSprop", {"learning_rate": 0.1, "momentum": 0.9}),
    ("RMSprop", {"learning_rate": 0.1, "centered": True}),
    ("RMSprop", {"learning_rate": 0.1, "centered": True, "momentum": 0.5}),
    ("Ftrl", {"learning_rate": 0.1, **_ftrl}),
    ("Ftrl", {"learning_rate": 0.1, "learning_rate_power": -0.3}),
    ("Adafactor", {"learning_rate": 0.5, "relative_step": False}),
    ("Muon", {"learning_rate": 0.1, "nesterov": False, "rms_rate": None, "weight_decay": None}),
    ("Muon", {"learning_rate": 0.1, "exclude_layers": ["v0"], "adam_lr_ratio": 0.5}),
]

# Keras 2 averages weights from the first step on, Keras 3 from the second: Thalweg does as Keras 3.
_ONLY_KERAS_3 = {"gradient_accumulation_steps", "loss_scale_factor", "use_ema"}
# Keras 2's Adafactor fails on any variable with several axes.
KERAS_2 = [
    (name, kwargs) for name, kwargs in OPTIMIZERS
    if name not in ("Lamb", "Muon", "Adafactor") and not _ONLY_KERAS_3 & set(kwargs)
]  # fmt: skip

LEGACY = [(name, {"learning_rate": 0.1}) for name in ["SGD", "Adadelta", "Adagrad", "Adam", "Adamax", "Nadam", "RMSprop"]] + [
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "decay": 0.1}),
    ("Adam", {"learning_rate": 0.1, "decay": 0.01}),
    ("Adagrad", {"learning_rate": 0.1, "epsilon": 0.1}),
    ("RMSprop", {"learning_rate": 0.1, "epsilon": 0.1}),
    ("RMSprop", {"learning_rate": 0.1, "epsilon": 0.1, "momentum": 0.9}),
    ("RMSprop", {"learning_rate": 0.1, "epsilon": 0.1, "centered": True}),
    ("Nadam", {"learning_rate": 0.1, "schedule_decay": 0.1}),
    ("Ftrl", {"learning_rate": 0.1, **_ftrl}),
]

# Rows given twice are summed, as in Keras 2; Keras 3 squares each on its own.
SPARSE = [
    (name, kwargs) for name, kwargs in KERAS_2
    if not {"clipvalue", "global_clipnorm", "clipnorm"} & set(kwargs) or name == "SGD"
]  # fmt: skip

SCHEDULE_STEPS = range(60)
SCHEDULES = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9}),
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9, "staircase": True}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9, "staircase": True}),
    ("PiecewiseConstantDecay", {"boundaries": [3, 10.5, 20], "values": [1.0, 0.5, 0.25, 0.1]}),
    ("PiecewiseConstantDecay", {"boundaries": [3], "values": [1.0, 0.5]}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "end_learning_rate": 0.01, "power": 0.5,
                         "cycle": True}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 20, "alpha": 0.1}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 20, "warmup_target": 0.5, "warmup_steps": 5}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 20, "warmup_target": 0.5}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 5}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 5, "t_mul": 1.0, "m_mul": 0.8,
                             "alpha": 0.1}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 5, "t_mul": 3, "m_mul": 0.8}),
]  # fmt: skip


def case_id(name, kwargs):
    """A readable name for one setting."""
    return name + "".join(f"-{key}={value}" for key, value in kwargs.items())


def start():
    """The values the variables begin with."""
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape).astype("float32") for shape in SHAPES]


def gradients():
    """For each step, a gradient for each variable."""
    rng = np.random.default_rng(1)
    return [[rng.normal(size=shape).astype("float32") for shape in SHAPES] for _ in range(STEPS)]


ROWS = [2, 0, 2]


def row_gradients():
    """For each step, rows of a gradient for each variable: row 2 twice, row 0 once."""
    rng = np.random.default_rng(2)
    return [[rng.normal(size=(3, *shape[1:])).astype("float32") for shape in SHAPES] for _ in range(STEPS)]


def slices(tf, step):
    """The gradients of one step of `row_gradients` as slices; the variable with two rows has its row 1 for row 2."""
    return [
        tf.IndexedSlices(tf.constant(g), tf.constant([min(row, shape[0] - 1) for row in ROWS]), tf.constant(shape))
        for g, shape in zip(step, SHAPES)
    ]


def flat(variables):
    """All values of some variables in a row."""
    return np.concatenate([np.asarray(v).ravel() for v in variables])
