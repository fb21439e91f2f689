"""Training: the numbers of both generations of Keras, alike however it runs, and data of every kind."""

import numpy as np
import pytest

import thalweg as tf
from goldens import keras_models
from goldens.keras_models import CLASSES, NUMBERS, ROWS, set_weights
from test_keras_layers import CASES, check

keras, L = tf.keras, tf.keras.layers


@pytest.mark.parametrize("jit", ["never", "always"])
@pytest.mark.parametrize("case_id", [name for name in CASES if name.startswith("fit:")])
def test_training_gives_the_numbers_of_keras(case_id, jit, monkeypatch):
    monkeypatch.setenv("THALWEG_JIT", jit)
    check(case_id, 2e-5)  # several steps, each of which rounds


class Batches(keras.callbacks.Callback):
    """Asks for each batch, so that steps run one by one."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append((batch, logs["loss"]))


def classifier(make=None, seed=0, **kwargs):
    keras.utils.set_random_seed(seed)
    more = [] if make is None else [make()]
    model = keras.Sequential([L.Dense(8, activation="relu", input_shape=(6,)), *more, L.Dense(3, activation="softmax")])
    model.compile(**{"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]} | kwargs)
    return model


def many_rows(n=203):
    x = keras_models.floats(n, 6, seed=3)
    return x, (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)


def same_weights(a, b):
    return all((x == y).all() for x, y in zip(a.get_weights(), b.get_weights()))


class TestHowItRuns:
    @pytest.mark.parametrize("jit", ["never", "always"])
    def test_one_program_and_step_by_step_agree_to_the_bit(self, jit, monkeypatch):
        monkeypatch.setenv("THALWEG_JIT", jit)
        x, y = many_rows()
        asked = Batches()
        whole = classifier(lambda: L.Dropout(0.2))
        logs = [whole.fit(x, y, epochs=3, verbose=0, validation_split=0.2).history]
        steps = classifier(lambda: L.Dropout(0.2))
        logs.append(steps.fit(x, y, epochs=3, verbose=0, validation_split=0.2, callbacks=[asked]).history)
        assert logs[0] == logs[1] and same_weights(whole, steps)
        assert [batch for batch, _ in asked.seen] == list(range(6)) * 3

    def test_a_seed_repeats_a_run_to_the_bit(self):
        x, y = many_rows()
        runs = []
        for _ in range(2):
            tf.keras.backend.clear_session()
            model = classifier(lambda: L.Dropout(0.2), seed=5)
            runs.append((model.fit(x, y, epochs=2, verbose=0).history, model))
        assert runs[0][0] == runs[1][0] and same_weights(runs[0][1], runs[1][1])
        other = classifier(lambda: L.Dropout(0.2), seed=6)
        assert other.fit(x, y, epochs=2, verbose=0).history != runs[0][0]

    def test_eagerly(self):
        x, y = many_rows(40)
        eager = classifier(run_eagerly=True).fit(x, y, epochs=2, verbose=0).history["loss"]
        traced = classifier().fit(x, y, epochs=2, verbose=0).history["loss"]
        np.testing.assert_allclose(eager, traced, rtol=1e-5)

    def test_the_last_batch_is_not_traced_anew(self):
        traces = []

        class Counting(keras.Model):
            def __init__(self):
                super().__init__()
                self.d = L.Dense(1)

            def call(self, x):
                traces.append(x.shape)
                return self.d(x)

        model = Counting()
        model.compile("sgd", "mse")
        model.fit(ROWS, NUMBERS, batch_size=8, epochs=3, verbose=0)  # 8, 8, 6 rows
        assert len(traces) == 1
        model.predict(ROWS, batch_size=5, verbose=0)
        model.predict(ROWS[:1], verbose=0)
        assert len(traces) == 2

    def test_a_step_with_an_op_for_the_host_runs_batch_by_batch(self, monkeypatch):
        monkeypatch.setenv("THALWEG_JIT", "always")

        class Host(keras.Model):
            def __init__(self):
                super().__init__()
                self.d = L.Dense(1)

            def call(self, x):
                return self.d(x) * tf.cast(tf.size(tf.unique(tf.reshape(x, [-1]))[0]) > 0, tf.float32)

        model = Host()
        model.compile("sgd", "mse")
        assert len(model.fit(ROWS, NUMBERS, verbose=0, epochs=2).history["loss"]) == 2

    def test_the_learning_rate_may_change_between_epochs(self, monkeypatch):
        monkeypatch.setenv("THALWEG_JIT", "always")
        model = classifier(optimizer=keras.optimizers.SGD(0.1))
        before = None

        def rate(epoch):
            nonlocal before
            if epoch == 1:
                before = model.get_weights()
            return 0.1 if epoch == 0 else 0.0

        x, y = many_rows(64)
        model.fit(x, y, epochs=3, verbose=0, callbacks=[keras.callbacks.LearningRateScheduler(rate)])
        for a, b in zip(before, model.get_weights()):
            np.testing.assert_array_equal(a, b)


class TestData:
    def expected(self):
        model = classifier()
        model.fit(ROWS, CLASSES, batch_size=8, epochs=2, shuffle=False, verbose=0)
        return model

    def given(self, *args, **kwargs):
        model = classifier()
        model.fit(*args, epochs=2, shuffle=False, verbose=0, **kwargs)
        return model

    @pytest.mark.parametrize(
        "convert",
        [
            lambda a: tf.constant(a),
            lambda a: a.tolist(),
            lambda a: a.astype("float64") if a.dtype.kind == "f" else a.astype("int32"),
            lambda a: [a],
        ],
    )
    def test_of_every_kind(self, convert):
        assert same_weights(self.expected(), self.given(convert(ROWS), convert(CLASSES), batch_size=8))

    def test_in_frames(self):
        pandas = pytest.importorskip("pandas")
        frame, labels = pandas.DataFrame(ROWS, columns=list("abcdef")), pandas.Series(CLASSES)
        assert same_weights(self.expected(), self.given(frame, labels, batch_size=8))

    def test_in_batches(self):
        batches = [(ROWS[i : i + 8], CLASSES[i : i + 8]) for i in (0, 8, 16)]

        class Sequence(keras.utils.Sequence):
            def __len__(self):
                return 3

            def __getitem__(self, i):
                return batches[i]

        class Iterable:
            def __iter__(self):
                return iter(batches)

        def endless():
            while True:
                yield from batches

        expected = self.expected()
        for given in (self.given(Sequence()), self.given(Iterable()), self.given(endless(), steps_per_epoch=3)):
            for a, b in zip(expected.get_weights(), given.get_weights()):
                np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)

    def test_an_input_of_text(self):
        class Length(L.Layer):
            def call(self, x):
                return tf.cast(tf.strings.length(x), tf.float32)

        pytest.importorskip("thalweg.strings")
        model = keras.Sequential([keras.Input((1,), dtype="string"), Length(), L.Dense(1)])
        model.compile("sgd", "mse")
        assert model.predict(np.array([["a"], ["bb"]]), verbose=0).shape == (2, 1)

    def test_a_generator_that_ends(self):
        def once():
            yield ROWS, CLASSES

        model = classifier()
        with pytest.warns(UserWarning, match="ran out of data after 1 batches"):
            model.fit(once(), steps_per_epoch=2, verbose=0)

    def test_steps_per_epoch_of_arrays(self):
        model = classifier()
        model.fit(ROWS, CLASSES, batch_size=8, steps_per_epoch=2, verbose=0)
        assert int(model.optimizer.iterations) == 2

    def test_shuffling_takes_every_row_once(self):
        seen = []

        class Keep(keras.Model):
            def train_step(self, data):
                seen.append(data[0].numpy())
                return {"loss": 0.0}

        model = Keep()
        model.compile("sgd", "mse", run_eagerly=True)
        rows = np.arange(10, dtype="float32")[:, None]
        model.fit(rows, rows, batch_size=4, epochs=2, verbose=0)
        epochs = [np.concatenate(seen[:3]).ravel(), np.concatenate(seen[3:]).ravel()]
        assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
        assert not (epochs[0] == epochs[1]).all() and not (epochs[0] == np.arange(10)).all()
        seen.clear()
        model.fit(rows, rows, batch_size=4, shuffle=False, verbose=0)
        assert (np.concatenate(seen).ravel() == np.arange(10)).all()

    def test_validation(self):
        model = classifier()
        history = model.fit(
            ROWS, CLASSES, epochs=4, verbose=0, validation_data=(ROWS[:5], CLASSES[:5]), validation_freq=2
        ).history
        assert len(history["loss"]) == 4 and len(history["val_loss"]) == 2
        assert history["val_loss"][-1] == model.evaluate(ROWS[:5], CLASSES[:5], verbose=0)[0]

    def test_one_dimension_is_enough(self):
        model = keras.Sequential([L.Dense(1)])
        model.compile("sgd", "mse")
        model.fit(np.arange(8.0), np.arange(8.0), verbose=0)
        assert model.predict(np.arange(3.0), verbose=0).shape == (3, 1)


class TestResults:
    def test_evaluate_gives_a_list_a_number_or_a_dict(self):
        model = classifier()
        loss, accuracy = model.evaluate(ROWS, CLASSES, verbose=0)
        assert model.evaluate(ROWS, CLASSES, verbose=0, return_dict=True) == {"loss": loss, "accuracy": accuracy}
        assert model.metrics_names == ["loss", "accuracy"]
        assert isinstance(classifier(metrics=None).evaluate(ROWS, CLASSES, verbose=0), float)
        probabilities = model.predict(ROWS, verbose=0)
        np.testing.assert_allclose(accuracy, (probabilities.argmax(1) == CLASSES).mean(), rtol=1e-6)

    def test_predict_keeps_the_nest_of_outputs(self):
        x = keras.Input((6,))
        model = keras.Model(x, {"a": L.Dense(1)(x), "b": [L.Dense(2)(x), L.Dense(3)(x)]})
        for batch_size in (5, 32):
            y = model.predict(ROWS, batch_size=batch_size, verbose=0)
            assert y["a"].shape == (22, 1) and [b.shape for b in y["b"]] == [(22, 2), (22, 3)]
        np.testing.assert_allclose(y["a"], model(ROWS)["a"], rtol=1e-6)

    def test_metrics_of_the_same_name(self):
        model = classifier(metrics=["accuracy", "accuracy"], weighted_metrics=["accuracy"])
        logs = model.evaluate(ROWS, CLASSES, sample_weight=keras_models.WEIGHTS, verbose=0, return_dict=True)
        assert set(logs) == {"loss", "accuracy", "accuracy_1", "weighted_accuracy"}
        assert logs["accuracy"] == logs["accuracy_1"] != logs["weighted_accuracy"]

    def test_numbers_that_layers_report(self):
        class Reports(L.Layer):
            def call(self, x):
                self.add_metric(tf.reduce_mean(x), name="mean_input")
                return x

        model = classifier(Reports)
        assert "mean_input" in model.fit(ROWS, CLASSES, verbose=0).history

    def test_the_progress_bar(self, capsys):
        classifier().fit(ROWS, CLASSES, epochs=2, verbose=2)
        out = capsys.readouterr().out
        assert "Epoch 1/2" in out and "loss: " in out and "accuracy: " in out
        classifier().fit(ROWS, CLASSES, verbose=0)
        assert capsys.readouterr().out == ""

    def test_stopping_early(self):
        class Stop(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                self.model.stop_training = epoch == 1

        assert len(classifier().fit(ROWS, CLASSES, epochs=5, verbose=0, callbacks=[Stop()]).history["loss"]) == 2

    def test_going_on_from_an_epoch(self):
        assert classifier().fit(ROWS, CLASSES, initial_epoch=3, epochs=5, verbose=0).epoch == [3, 4]

    def test_a_loss_that_is_a_function_of_ones_own(self):
        model = classifier(loss=lambda y, p: tf.reduce_mean(tf.square(tf.one_hot(tf.cast(y, tf.int32), 3) - p), -1))
        assert np.isfinite(model.fit(ROWS, CLASSES, verbose=0).history["loss"]).all()

    def test_keras_2s_compiled_loss_and_metrics_in_a_step(self):
        class Old(keras.Model):
            def train_step(self, data):
                x, y = data[:2]
                with tf.GradientTape() as tape:
                    y_pred = self(x, training=True)
                    loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
                variables = self.trainable_variables
                self.optimizer.minimize(loss, variables, tape=tape)
                self.compiled_metrics.update_state(y, y_pred)
                return {m.name: m.result() for m in self.metrics}

        def fit(cls):
            keras.utils.set_random_seed(1)
            x = keras.Input((6,))
            model = cls(x, L.Dense(1, kernel_regularizer="l2")(x))
            model.compile("sgd", "mse", metrics=["mae"])
            return model.fit(ROWS, NUMBERS, verbose=0, epochs=2).history

        assert fit(Old) == fit(keras.Model)


class TestSeeds:
    def test_trains_copies_that_differ_and_keeps_the_best(self):
        x, y = many_rows()
        model = classifier(lambda: L.Dropout(0.1))
        history = model.fit(x, y, epochs=3, seeds=4, verbose=0, validation_data=(x[:50], y[:50]))
        assert history.seeds["val_loss"].shape == (4, 3)
        last = history.seeds["val_loss"][:, -1]
        assert len(set(last)) == 4
        np.testing.assert_allclose(history.history["val_loss"][-1], last.mean(), rtol=1e-6)
        np.testing.assert_allclose(history.history["val_loss_std"][-1], last.std(), rtol=1e-5)
        np.testing.assert_allclose(model.evaluate(x[:50], y[:50], verbose=0)[0], last.min(), rtol=1e-5)
        model.set_weights(history.seed_weights[2])
        np.testing.assert_allclose(model.evaluate(x[:50], y[:50], verbose=0)[0], last[2], rtol=1e-5)

    def test_the_first_is_the_model_itself(self):
        x, y = many_rows()
        a = classifier().fit(x, y, epochs=2, seeds=1, verbose=0)
        b = classifier().fit(x, y, epochs=2, verbose=0)
        np.testing.assert_allclose(a.history["loss"], b.history["loss"], rtol=1e-5)
        assert a.history["loss_std"] == [0.0, 0.0]

    def test_refuses_what_it_cannot_do(self):
        with pytest.raises(ValueError, match="needs arrays in memory"):
            classifier().fit([(ROWS, CLASSES)].__iter__(), seeds=2, verbose=0)
        with pytest.raises(ValueError, match="leave out callbacks that ask for each batch"):
            classifier().fit(ROWS, CLASSES, seeds=2, verbose=0, callbacks=[Batches()])
        with pytest.raises(ValueError, match="`seeds` must be a positive integer"):
            classifier().fit(ROWS, CLASSES, seeds=0, verbose=0)


def test_training_while_a_graph_is_built():
    model = classifier()
    with tf.Graph().as_default():
        for run in (lambda: model.fit(ROWS, CLASSES), lambda: model.predict(ROWS)):
            with pytest.raises(RuntimeError, match="a graph is being built here"):
                run()


def two_outputs():
    x = keras.Input((6,))
    return keras.Model(x, [L.Dense(1, name="a")(x), L.Dense(1, name="b")(x)])


class TestBadInput:
    @pytest.mark.parametrize(
        "fit, error, match",
        [
            (lambda m: m.fit(ROWS[:5], CLASSES), ValueError, "5 .*22|ambiguous"),
            (lambda m: m.fit(None, CLASSES), ValueError, "no data"),
            (lambda m: m.fit(ROWS[:0], CLASSES[:0]), ValueError, "no rows"),
            (lambda m: m.fit(np.full((4, 6), np.nan), CLASSES[:4]), ValueError, "x has 4 NaN in column 0"),
            (lambda m: m.fit(ROWS, CLASSES + 1), tf.errors.InvalidArgumentError, "classes 1 to 3, but the model has 3"),
            (lambda m: m.fit(ROWS, np.eye(3)[CLASSES]), ValueError, "takes class numbers"),
            (lambda m: m.fit(ROWS, CLASSES, batch_size=0), ValueError, "`batch_size` must be a positive integer"),
            (lambda m: m.fit(ROWS, CLASSES, validation_split=1.5), ValueError, "between 0 and 1"),
            (lambda m: m.fit(ROWS[:1], CLASSES[:1], validation_split=0.5), ValueError, "one part would be empty"),
            (lambda m: m.fit(iter([1]), CLASSES), ValueError, "labels and sample weights come with each batch"),
            (lambda m: m.fit(7), ValueError, "neither arrays nor iterable"),
            (lambda m: m.fit(ROWS, CLASSES, epoch=3), TypeError, "Arguments not recognized: 'epoch'"),
            (lambda m: m.fit(ROWS[:, :5], CLASSES), ValueError, r"must have the shape \(None, 6\), but .* \(\w*, 5\)"),
            (lambda m: keras.Sequential([L.Dense(1)]).fit(ROWS, CLASSES), ValueError, r"must call `compile\(\)`"),
            (lambda m: m.compile("adam", "mse", metric=["mae"]), TypeError, "'metric'"),
            (lambda m: m.compile("adamm", "mse"), ValueError, "Did you mean"),
        ],
    )
    def test_is_refused_in_a_sentence(self, fit, error, match):
        with pytest.raises(error, match=match):
            fit(classifier())

    @pytest.mark.parametrize(
        "compile, y, match",
        [
            ({"loss": {"c": "mse"}}, [NUMBERS, NUMBERS], "`loss` names 'c', but the outputs .* are called a, b"),
            ({"loss": ["mse"]}, [NUMBERS, NUMBERS], "`loss` has 1 entries, but the model has 2 outputs"),
            ({"loss": "mse"}, NUMBERS, r"has 2 outputs, a, b, but `y` has 1 part\(s\)"),
            ({"loss": "mse"}, {"a": NUMBERS, "z": NUMBERS}, "`y` has the keys"),
            ({}, [NUMBERS, NUMBERS], "No loss to compute"),
        ],
    )
    def test_of_several_outputs(self, compile, y, match):
        model = two_outputs()
        model.compile("sgd", **compile)
        with pytest.raises(ValueError, match=match):
            model.fit(ROWS, y, verbose=0)

    @pytest.mark.filterwarnings("ignore:Gradients do not exist for variables")
    def test_some_outputs_need_no_loss(self):
        model = two_outputs()
        model.compile("sgd", {"b": "mse"})
        assert set(model.fit(ROWS, {"b": NUMBERS}, verbose=0).history) == {"loss"}
        model.compile("sgd", ["mse", None])
        assert set(model.fit(ROWS, [NUMBERS], verbose=0).history) == {"loss"}


def test_an_index_that_an_embedding_does_not_have():
    model = keras.Sequential([L.Embedding(5, 2, name="words"), L.Flatten(), L.Dense(1)])
    model.compile("sgd", "mse")
    model.build((None, 2))
    for run in (lambda x: model.fit(x, NUMBERS[:1], verbose=0), lambda x: model.predict(x, verbose=0)):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"x holds the index 5 .* words has input_dim=5"):
            run(np.array([[1, 5]]))


def test_seed_programs_contract():
    """The second seed program: each distance to the goal is 0.622 times the one before."""
    model = keras.Sequential([L.Dense(3, input_shape=(3,)), L.Lambda(lambda x: tf.math.reduce_sum(x, axis=1))])
    set_weights(model)
    x = tf.constant([[2.0, 3.0, 7.0]])
    optimizer = keras.optimizers.SGD(learning_rate=1e-3)
    distances = []
    for _ in range(6):
        optimizer.minimize(lambda: tf.square(model(x) - 20), var_list=model.trainable_variables)
        distances.append(20 - float(model(x)[0]))
    np.testing.assert_allclose(np.divide(distances[1:], distances[:-1]), 0.622, rtol=1e-4)
