"""Keras optimizers: step by step against Keras 3, Keras 2 and its legacy optimizers, eagerly and compiled."""

from pathlib import Path

import numpy as np
import pytest

import thalweg as tf
from goldens import keras_optimizer_cases as cases
from thalweg.keras import optimizers
from thalweg.keras.optimizers import legacy, schedules

GOLDEN = np.load(Path(__file__).parent / "goldens" / "data" / "keras_optimizers.npz")
# The fused kernel of the legacy Adam takes `1 - beta_2` from a float32 0.999: 5e-5 more than 0.001.
LEGACY_TOLERANCE = {"Adam": 1e-5}


def params(table):
    return [pytest.param(name, kwargs, id=cases.case_id(name, kwargs)) for name, kwargs in table]


def variables():
    return [tf.Variable(value, name=f"v{i}") for i, value in enumerate(cases.start())]


def run(optimizer, steps, compiled):
    """The variables after each step."""
    tracked = variables()

    def step(*grads):
        optimizer.apply_gradients(zip(grads, tracked))

    if compiled:
        optimizer.build(tracked)
        step = tf.function(step)
    values = []
    for grads in steps:
        step(*grads)
        values.append(cases.flat(tracked))
    return np.stack(values)


def dense():
    return [[tf.constant(g) for g in step] for step in cases.gradients()]


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "function"])
@pytest.mark.parametrize(("name", "kwargs"), params(cases.OPTIMIZERS))
def test_as_keras_3(name, kwargs, compiled):
    found = run(getattr(optimizers, name)(**kwargs), dense(), compiled)
    np.testing.assert_allclose(found, GOLDEN[f"k3 {cases.case_id(name, kwargs)}"], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("name", "kwargs"), params(cases.KERAS_2))
def test_as_keras_2(name, kwargs):
    found = run(getattr(optimizers, name)(**kwargs), dense(), compiled=False)
    np.testing.assert_allclose(found, GOLDEN[f"k2 {cases.case_id(name, kwargs)}"], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "function"])
@pytest.mark.parametrize(("name", "kwargs"), params(cases.LEGACY))
def test_as_legacy(name, kwargs, compiled):
    found = run(getattr(legacy, name)(**kwargs), dense(), compiled)
    tolerance = LEGACY_TOLERANCE.get(name, 1e-6)
    np.testing.assert_allclose(found, GOLDEN[f"legacy {cases.case_id(name, kwargs)}"], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "function"])
@pytest.mark.parametrize(("name", "kwargs"), params(cases.SPARSE))
def test_slices_of_repeated_rows_are_summed(name, kwargs, compiled):
    steps = [cases.slices(tf, step) for step in cases.row_gradients()]
    found = run(getattr(optimizers, name)(**kwargs), steps, compiled)
    np.testing.assert_allclose(found, GOLDEN[f"rows {cases.case_id(name, kwargs)}"], rtol=1e-6, atol=1e-6)


def test_slices_with_accumulation_and_loss_scale():
    kwargs = {"learning_rate": 0.1, "gradient_accumulation_steps": 2, "loss_scale_factor": 4.0}
    rows = run(optimizers.Adam(**kwargs), [cases.slices(tf, step) for step in cases.row_gradients()], False)
    full = [[tf.convert_to_tensor(g) for g in cases.slices(tf, step)] for step in cases.row_gradients()]
    np.testing.assert_array_equal(rows, run(optimizers.Adam(**kwargs), full, False))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Nadam", "Lion", "Adafactor", "Lamb", "Ftrl"])
def test_state_has_the_dtype_of_the_variable(name, dtype):
    x = tf.Variable(np.ones((2, 3)), dtype=dtype)
    optimizer = getattr(optimizers, name)(0.1)
    optimizer.apply_gradients([(tf.ones((2, 3), dtype), x)])
    assert {v.dtype.name for v in optimizer.variables[2:] if v.shape.rank} <= {dtype}
    assert x.dtype.name == dtype and np.all(np.isfinite(x.numpy().astype("f"))) and float(x[0, 0]) < 1


# -- minimize -------------------------------------------------------------------------------------------------


def test_minimize_with_a_function_sums_the_loss():
    x = tf.Variable([1.0, 2.0])
    optimizer = optimizers.SGD(0.1)
    optimizer.minimize(lambda: x * [1.0, 3.0], [x])
    np.testing.assert_allclose(x.numpy(), [0.9, 1.7], rtol=1e-6)
    optimizer.minimize(lambda: x * x, lambda: [x])
    np.testing.assert_allclose(x.numpy(), [0.72, 1.36], rtol=1e-6)
    assert int(optimizer.iterations) == 2 and optimizer.iterations.dtype == tf.int64


def test_minimize_with_a_tape():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        loss = x * x
    optimizers.SGD(0.5, loss_scale_factor=16.0).minimize(loss, [x], tape=tape)
    assert float(x) == 0.0
    with pytest.raises(ValueError, match="needs the `tape` that recorded it"):
        optimizers.SGD().minimize(x * x, [x])


def test_the_distance_shrinks_by_the_contraction():
    """The step of linear regression on one example: each distance is 0.622 of the one before."""
    kernel, bias = tf.Variable(np.random.default_rng(0).normal(size=(3, 3)).astype("f")), tf.Variable(np.zeros(3, "f"))
    inputs = tf.constant([[2.0, 3.0, 7.0]])

    def model():
        return tf.reduce_sum(tf.matmul(inputs, kernel) + bias, axis=1)

    optimizer = optimizers.SGD(learning_rate=1e-3)
    distances = []
    for _ in range(6):
        distances.append(abs(20 - model().numpy()[0]))
        optimizer.minimize(lambda: tf.square(model() - 20), var_list=[kernel, bias])
    np.testing.assert_allclose(np.divide(distances[1:], distances[:-1]), 1 - 0.006 * 63, rtol=1e-4)


def test_constraints_follow_the_update():
    x = tf.Variable([1.0, -1.0], constraint=lambda v: tf.maximum(v, 0.0))
    optimizers.SGD(0.1).minimize(lambda: tf.reduce_sum(x * x), [x])
    np.testing.assert_allclose(x.numpy(), [0.8, 0.0], rtol=1e-6)


def test_averages_are_written_at_the_end():
    x = tf.Variable(1.0)
    optimizer = optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
    for _ in range(2):
        optimizer.minimize(lambda: x * 1.0, [x])
    assert float(x) == pytest.approx(0.8)
    optimizer.finalize_variable_values([x])
    assert float(x) == pytest.approx(0.85)


def test_excluded_from_weight_decay():
    x, bias = tf.Variable(1.0, name="x"), tf.Variable(1.0, name="bias")
    optimizer = optimizers.AdamW(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.apply_gradients([(tf.constant(0.0), x), (tf.constant(0.0), bias)])
    assert float(x) == pytest.approx(0.95) and float(bias) == 1.0
    with pytest.raises(ValueError, match="must come before the optimizer is built"):
        optimizer.exclude_from_weight_decay(var_list=[x])


def test_numbers_of_a_step_are_computed_once():
    calls = []

    class Counting(optimizers.Adam):
        def _corrected_rate(self, learning_rate, dtype):
            calls.append(dtype)
            return super()._corrected_rate(learning_rate, dtype)

    tracked = [tf.Variable(1.0) for _ in range(5)] + [tf.Variable(np.float64(1.0))]
    optimizer = Counting()
    for _ in range(2):
        optimizer.apply_gradients([(tf.ones((), v.dtype), v) for v in tracked])
    assert calls == [tf.float32, tf.float64] * 2


# -- learning rate --------------------------------------------------------------------------------------------


def test_a_compiled_step_sees_a_changed_rate():
    x = tf.Variable(1.0)
    optimizer = optimizers.SGD(0.1)
    optimizer.build([x])
    traces = []

    @tf.function
    def step():
        traces.append(1)
        optimizer.apply_gradients([(tf.constant(1.0), x)])

    step()
    optimizer.learning_rate = 0.5
    step()
    optimizer.lr.assign(0.25)
    step()
    assert float(x) == pytest.approx(0.15) and len(traces) == 1


def test_rates_of_all_kinds():
    x = tf.Variable(0.0)
    rates = iter([0.5, 0.25])
    optimizer = optimizers.SGD(lambda: next(rates))
    for _ in range(2):
        optimizer.apply_gradients([(tf.constant(1.0), x)])
    assert float(x) == -0.75
    optimizer = optimizers.SGD(schedules.PiecewiseConstantDecay([0], [1.0, 0.5]))
    for _ in range(2):
        optimizer.apply_gradients([(tf.constant(1.0), x)])
    assert float(x) == -2.25 and float(optimizer.learning_rate) == 0.5
    with pytest.raises(TypeError, match="LearningRateSchedule"):
        optimizer.learning_rate = 0.1
    optimizer = optimizers.SGD(lr=1, decay=1.0)
    for _ in range(2):
        optimizer.apply_gradients([(tf.constant(1.0), x)])
    assert float(x) == -3.75
    optimizer.learning_rate = schedules.CosineDecay(0.1, 10)
    assert len(optimizer.variables) == 1
    with pytest.raises(ValueError, match="`learning_rate` must be a number"):
        optimizers.SGD("fast")


# -- state and configuration ----------------------------------------------------------------------------------


def test_variables_in_both_spellings():
    optimizer = optimizers.Adam()
    optimizer.build([tf.Variable([1.0], name="kernel")])
    assert optimizer.variables() == optimizer.variables == optimizer.weights
    names = [v.name.split("/")[-1] for v in optimizer.variables]
    assert names == ["iteration:0", "learning_rate:0", "kernel_momentum:0", "kernel_velocity:0"]


@pytest.mark.parametrize("name", ["SGD", "Adam", "Nadam", "Adafactor", "Muon"])
def test_state_goes_into_another_optimizer(name):
    steps = dense()
    first, second = getattr(optimizers, name)(0.1), getattr(optimizers, name)(0.5)
    tracked = variables()
    for grads in steps[:3]:
        first.apply_gradients(zip(grads, tracked))
    copies = [tf.Variable(v, name=f"v{i}") for i, v in enumerate(tracked)]
    second.build(copies)
    store = {}
    first.save_own_variables(store)
    second.load_own_variables(store)
    for grads in steps[3:5]:
        first.apply_gradients(zip(grads, tracked))
        second.apply_gradients(zip(grads, copies))
    np.testing.assert_array_equal(cases.flat(tracked), cases.flat(copies))
    second.set_weights(first.get_weights())
    with pytest.raises(ValueError, match="variables; `set_weights` got 1 arrays"):
        second.set_weights([1])
    with pytest.raises(ValueError, match=r"Call `optimizer.build\(model.trainable_variables\)` first"):
        optimizers.SGD().set_weights([1])
    with pytest.warns(UserWarning, match="Skipping the saved state"):
        optimizers.Adam().load_own_variables(store | {"extra": 0})


@pytest.mark.parametrize(("name", "kwargs"), params(cases.OPTIMIZERS))
def test_config_round_trip(name, kwargs):
    optimizer = getattr(optimizers, name)(**kwargs)
    config = optimizers.serialize(optimizer)
    assert (config["module"], config["class_name"]) == ("keras.optimizers", name)
    again = optimizers.deserialize(config)
    assert type(again) is type(optimizer) and again.get_config() == optimizer.get_config()


def test_config_of_a_schedule_and_of_legacy_optimizers():
    optimizer = optimizers.Adam(schedules.CosineDecay(0.1, 10))
    again = optimizers.deserialize(optimizers.serialize(optimizer))
    assert isinstance(again.learning_rate, tf.Tensor) and again.get_config() == optimizer.get_config()
    again = optimizers.deserialize(optimizers.serialize(legacy.RMSprop(epsilon=0.2)))
    assert type(again) is legacy.RMSprop and again.epsilon == 0.2
    keras_2 = {"class_name": "Adam", "config": {"learning_rate": 0.1, "jit_compile": True, "is_legacy_optimizer": False}}
    assert optimizers.get(keras_2).get_config()["learning_rate"] == np.float32(0.1)


def test_get():
    for identifier in ("adam", "ADAM", "Adam", optimizers.Adam, {"class_name": "adam", "config": {}}):
        assert type(optimizers.get(identifier)) is optimizers.Adam
    optimizer = optimizers.SGD()
    assert optimizers.get(optimizer) is optimizer and optimizers.get(None) is None
    with pytest.raises(ValueError, match="Did you mean 'adam'"):
        optimizers.get("adm")
    with pytest.raises(ValueError, match="Could not interpret optimizer identifier: 3"):
        optimizers.get(3)


def test_an_optimizer_of_ones_own():
    class Plain(optimizers.Optimizer):
        def build(self, variables):
            if not self.built:
                super().build(variables)
                self.counts = self.add_optimizer_variables(variables, "count")

        def update_step(self, gradient, variable, learning_rate):
            self.assign_sub(variable, gradient * tf.cast(learning_rate, variable.dtype))
            self.assign_add(self.counts[self._get_variable_index(variable)], tf.ones_like(variable))

    x = tf.Variable([1.0, 2.0])
    optimizer = Plain(0.5)
    optimizer.apply_gradients([(tf.IndexedSlices(tf.constant([2.0, 2.0]), tf.constant([1, 1]), tf.constant([2])), x)])
    np.testing.assert_allclose(x.numpy(), [1.0, 0.0])
    np.testing.assert_allclose(optimizer.variables[2].numpy(), [1.0, 1.0])


# -- mistakes -------------------------------------------------------------------------------------------------


def test_missing_gradients():
    x, y = tf.Variable(1.0, name="x"), tf.Variable(1.0, name="y")
    with pytest.raises(ValueError, match=r"No gradients provided for any variable: \['x:0', 'y:0'\]"):
        optimizers.SGD().apply_gradients([(None, x), (None, y)])
    optimizer = optimizers.SGD(0.5)
    with pytest.warns(UserWarning, match=r"Gradients do not exist for variables \['y:0'\]"):
        optimizer.apply_gradients([(tf.constant(1.0), x), (None, y)])
    assert (float(x), float(y)) == (0.5, 1.0)


def test_unknown_variables():
    x, y = tf.Variable(1.0, name="x"), tf.Variable(1.0, name="y")
    optimizer = optimizers.Adam()
    optimizer.build([x])
    with pytest.raises(ValueError, match=r"Unknown variable: 'y:0' is not among the 1 variables"):
        optimizer.apply_gradients([(tf.constant(1.0), y)])
    with pytest.raises(ValueError, match="2 gradients for 1 variables"):
        optimizer.apply([tf.constant(1.0)] * 2)
    with pytest.raises(ValueError, match="needs a built optimizer"):
        optimizers.Adam().apply([tf.constant(1.0)])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optimizers.Adam(learning_rat=1), "Did you mean 'learning_rate'"),
        (lambda: optimizers.Adam(clipnorm=1, clipvalue=1), "Only one of"),
        (lambda: optimizers.SGD(momentum=2), "`momentum` must be a number between 0 and 1"),
        (lambda: optimizers.AdamW(weight_decay=None), "`weight_decay` of AdamW"),
        (lambda: optimizers.Lion(beta_1=0), "`beta_1`"),
        (lambda: optimizers.Ftrl(learning_rate_power=1), "`learning_rate_power` must be <= 0"),
        (lambda: optimizers.Ftrl(l1_regularization_strength=-1), "`l1_regularization_strength` must be >= 0"),
        (lambda: optimizers.SGD(use_ema=True, ema_momentum=2), "`ema_momentum`"),
        (lambda: optimizers.SGD(gradient_accumulation_steps=1), "`gradient_accumulation_steps`"),
    ],
)
def test_wrong_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()
