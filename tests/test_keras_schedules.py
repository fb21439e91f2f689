"""Learning rate schedules: values and configs as Keras'."""

from pathlib import Path

import numpy as np
import pytest

import thalweg as tf
from goldens import keras_optimizer_cases as cases
from thalweg.keras.optimizers import schedules

GOLDEN = np.load(Path(__file__).parent / "goldens" / "data" / "keras_optimizers.npz")
CASES = [pytest.param(name, kwargs, id=cases.case_id(name, kwargs)) for name, kwargs in cases.SCHEDULES]


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "function"])
@pytest.mark.parametrize(("name", "kwargs"), CASES)
def test_values(name, kwargs, compiled):
    schedule = getattr(schedules, name)(**kwargs)
    call = tf.function(schedule) if compiled else schedule
    found = [call(tf.constant(step, tf.int64)) for step in cases.SCHEDULE_STEPS]
    assert {rate.dtype for rate in found} == {tf.float32}
    np.testing.assert_allclose(found, GOLDEN[f"schedule {cases.case_id(name, kwargs)}"], rtol=1e-6, atol=1e-7)
    assert float(schedule(7)) == pytest.approx(float(found[7]))


@pytest.mark.parametrize(("name", "kwargs"), CASES)
def test_config_round_trip(name, kwargs):
    config = schedules.serialize(getattr(schedules, name)(**kwargs))
    assert (config["module"], config["class_name"]) == ("keras.optimizers.schedules", name)
    assert config["config"].items() >= kwargs.items()
    assert schedules.serialize(schedules.deserialize(config)) == config
    old_form = {"class_name": name, "config": kwargs}
    assert schedules.serialize(schedules.deserialize(old_form)) == config


def test_a_schedule_of_ones_own():
    class Halving(schedules.LearningRateSchedule):
        def __call__(self, step):
            return 1.0 / (1.0 + tf.cast(step, tf.float32))

    x = tf.Variable(0.0)
    optimizer = tf.keras.optimizers.SGD(Halving())
    for _ in range(2):
        optimizer.apply_gradients([(tf.constant(1.0), x)])
    assert float(x) == -1.5
    with pytest.raises(NotImplementedError, match="must define `get_config"):
        optimizer.get_config()
    with pytest.raises(NotImplementedError, match="must define `__call__"):
        schedules.LearningRateSchedule()(1)


def test_mistakes():
    with pytest.raises(ValueError, match="one value more than boundaries"):
        schedules.PiecewiseConstantDecay([1, 2], [0.1])
    with pytest.raises(ValueError, match="`decay_steps` must be > 0"):
        schedules.ExponentialDecay(0.1, 0, 0.9)
    with pytest.raises(ValueError, match="`first_decay_steps` must be > 0"):
        schedules.CosineDecayRestarts(0.1, -1)
