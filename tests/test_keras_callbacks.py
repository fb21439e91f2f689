"""Callbacks and the progress bar, driven as `fit` drives them by a model of two numbers."""

import os
import random

import numpy as np
import pytest

import thalweg as tf
from thalweg.keras import callbacks as cb, optimizers, utils
from thalweg.keras.callbacks import backup


class Toy:
    """Two weights, noisy gradients; `fit` asks the callbacks as a model does that runs each epoch as one program."""

    built = True
    metrics = ()

    def __init__(self, weights=(1.0, 2.0)):
        self.weight = tf.Variable(weights)
        self.variables = self.trainable_variables = [self.weight]
        self.optimizer = optimizers.Adam(0.1)
        self.saved = []

    def get_weights(self):
        return [self.weight.numpy()]

    def set_weights(self, weights):
        self.weight.assign(weights[0])

    def save(self, path, overwrite=True):
        with open(path, "w") as file:
            file.write(str(self.weight.numpy()))
        self.saved.append(path)

    save_weights = save

    def fit(self, epochs, callbacks, crash_at=None, verbose=0):
        asked = cb.CallbackList(
            callbacks, add_history=True, add_progbar=True, model=self, epochs=epochs, verbose=verbose, steps=3
        )
        self.stop_training, self._initial_epoch = False, 0
        asked.on_train_begin()
        for epoch in range(self._initial_epoch, epochs):
            asked.on_epoch_begin(epoch)
            if epoch == crash_at:
                raise KeyboardInterrupt
            for _ in range(3):
                target = np.random.normal(size=2).astype("f") + random.random()
                self.optimizer.minimize(lambda t=target: tf.square(self.weight - t), [self.weight])
            loss = float(tf.reduce_sum(self.weight**2))
            asked.on_train_chunk_end(2, {"loss": loss})
            asked.on_epoch_end(epoch, {"loss": loss, "val_loss": abs(float(self.weight[0]))})
            if self.stop_training:
                break
        asked.on_train_end()
        return self.history


def epochs_of(callback, values, name="val_loss", model=None):
    """Show a callback one value an epoch, until it stops training; returns how many it saw."""
    model = model or Toy()
    model.stop_training = False
    asked = cb.CallbackList([callback], model=model, epochs=len(values))
    asked.on_train_begin()
    for epoch, value in enumerate(values):
        model.set_weights([np.full(2, epoch, "f")])
        asked.on_epoch_begin(epoch)
        asked.on_epoch_end(epoch, {name: value})
        if model.stop_training:
            break
    asked.on_train_end()
    return epoch + 1


# -- who is asked, and when -----------------------------------------------------------------------------------


class Recorder(cb.Callback):
    def __init__(self, seen):
        super().__init__()
        self.seen = seen

    def on_train_begin(self, logs=None):
        self.seen.append(("begin", logs))

    def on_batch_end(self, batch, logs=None):
        self.seen.append((batch, logs))


def test_moments_reach_the_callbacks_with_plain_logs():
    seen = []
    asked = cb.CallbackList([[Recorder(seen)], cb.LambdaCallback(on_epoch_end=lambda e, l: seen.append((e, l)))])
    asked.on_train_begin()
    asked.on_train_batch_end(4, {"loss": tf.constant(0.5), "deep": {"b": np.float32(2), "a": 1}})
    asked.on_epoch_end(0, {"vector": np.ones(2)})
    assert seen[:2] == [("begin", {}), (4, {"a": 1.0, "b": 2.0, "loss": 0.5})]
    assert list(seen[1][1]) == ["a", "b", "loss"]  # sorted
    np.testing.assert_array_equal(seen[2][1]["vector"], [1, 1])


class CheckpointWithMore(cb.ModelCheckpoint):
    def on_train_batch_end(self, batch, logs=None): ...


@pytest.mark.parametrize(
    ("make", "needs"),
    [
        (cb.Callback, False),
        (cb.History, False),
        (cb.ProgbarLogger, False),
        (cb.TerminateOnNaN, False),
        (cb.EarlyStopping, False),
        (lambda: cb.CSVLogger("log.csv"), False),
        (lambda: cb.ModelCheckpoint("m.keras"), False),
        (lambda: cb.BackupAndRestore("backup"), False),
        (lambda: cb.LambdaCallback(on_epoch_end=print), False),
        (lambda: cb.ModelCheckpoint("m.keras", save_freq=2), True),
        (lambda: cb.BackupAndRestore("backup", save_freq=2), True),
        (lambda: cb.LambdaCallback(on_train_batch_end=print), True),
        (lambda: cb.LambdaCallback(on_batch_begin=print), True),
        (lambda: Recorder([]), True),
        (lambda: CheckpointWithMore("m.keras"), True),
    ],
)
def test_who_needs_each_batch(make, needs):
    assert cb.CallbackList([make()]).needs_batches() is needs
    assert cb.CallbackList([make(), Recorder([])]).needs_batches()
    assert not cb.CallbackList([make()]).needs_batches("predict")


def test_needs_of_evaluation():
    asked = cb.CallbackList(cb.LambdaCallback(on_test_batch_end=print))
    assert asked.needs_batches("test") and not asked.needs_batches("train")


def test_mistakes_in_lists():
    with pytest.raises(TypeError, match="must hold `Callback` objects, got 3"):
        cb.CallbackList([3])
    with pytest.raises(ValueError, match="knows no moment 'on_epoch'"):
        cb.LambdaCallback(on_epoch=print)


def test_history_is_appended_and_given_to_the_model():
    model = Toy()
    history = model.fit(3, None)
    assert history.epoch == [0, 1, 2] and sorted(history.history) == ["loss", "val_loss"]
    assert isinstance(model.history, cb.History)


# -- watching a measure ---------------------------------------------------------------------------------------


def test_early_stopping():
    assert epochs_of(cb.EarlyStopping(patience=2), [3, 2, 1, 1.5, 1.2, 0]) == 5
    assert epochs_of(cb.EarlyStopping(patience=0), [3, 4, 0]) == 2
    assert epochs_of(cb.EarlyStopping("val_accuracy", patience=1), [0.1, 0.2, 0.1, 0.3], "val_accuracy") == 3
    assert epochs_of(cb.EarlyStopping(min_delta=0.5, patience=1), [3, 2.8, 2.0]) == 2
    assert epochs_of(cb.EarlyStopping(baseline=1, patience=2), [3, 2, 1.5]) == 3
    assert epochs_of(cb.EarlyStopping(start_from_epoch=2, patience=1), [1, 2, 3, 4]) == 4
    assert epochs_of(cb.EarlyStopping(patience=2), [np.nan, np.nan, np.nan]) == 2
    assert epochs_of(cb.EarlyStopping(patience=1, mode="max"), [1, 2, 3, 2]) == 4


def test_early_stopping_restores_the_best_weights(capsys):
    model, stop = Toy(), cb.EarlyStopping(patience=2, restore_best_weights=True, verbose=1)
    assert epochs_of(stop, [3, 1, 2, 2, 0], model=model) == 4
    np.testing.assert_array_equal(model.weight.numpy(), [1, 1])
    assert capsys.readouterr().out == (
        "Epoch 4: early stopping\nRestoring model weights from the end of the best epoch: 2.\n"
    )


def test_a_missing_measure_is_named():
    with pytest.warns(UserWarning, match="`val_loss`, which is not available. Available metrics are: loss"):
        epochs_of(cb.EarlyStopping(), [1], "loss")


class Metric:
    def __init__(self, name, direction):
        self.name, self._direction = name, direction


def test_direction_comes_from_the_metric():
    model = Toy()
    model.metrics = [Metric("score", "up"), Metric("cost", "down")]
    assert epochs_of(cb.EarlyStopping("val_score", patience=1), [1, 2, 1], "val_score", model) == 3
    assert epochs_of(cb.EarlyStopping("cost", patience=1), [1, 2], "cost", model) == 2
    with pytest.raises(ValueError, match="write mode='max' or mode='min'"):
        epochs_of(cb.EarlyStopping("points"), [1, 2], "points")


def test_reduce_lr_on_plateau(capsys):
    model = Toy()
    reduce = cb.ReduceLROnPlateau(patience=1, factor=0.5, cooldown=2, min_lr=0.03, verbose=1)
    rates = []
    keep = cb.LambdaCallback(on_epoch_end=lambda epoch, logs: rates.append(logs["learning_rate"]))
    asked = cb.CallbackList([reduce, keep], model=model)
    asked.on_train_begin()
    for epoch, value in enumerate([1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5]):
        asked.on_epoch_end(epoch, {"val_loss": value})
    # Each value is the rate of the epoch that ended; a reduction shows one epoch later.
    np.testing.assert_allclose(rates, [0.1, 0.1, 0.05, 0.05, 0.03, 0.03, 0.03, 0.03], rtol=1e-6)
    assert capsys.readouterr().out.startswith("\nEpoch 2: ReduceLROnPlateau reducing learning rate to 0.05")
    with pytest.raises(ValueError, match="`factor` must be below 1"):
        cb.ReduceLROnPlateau(factor=1)


def test_learning_rate_scheduler():
    model = Toy()
    asked = cb.CallbackList([cb.LearningRateScheduler(lambda epoch, rate: rate * 0.5)], model=model)
    asked.on_epoch_begin(0)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.05)
    cb.CallbackList([cb.LearningRateScheduler(lambda epoch: 1.0 / (epoch + 1))], model=model).on_epoch_begin(3)
    assert float(model.optimizer.learning_rate) == 0.25
    with pytest.raises(ValueError, match="must return a float, got None"):
        cb.CallbackList([cb.LearningRateScheduler(lambda epoch: None)], model=model).on_epoch_begin(3)

    def broken(epoch, rate):
        raise TypeError("mine")

    with pytest.raises(TypeError, match="mine"):
        cb.CallbackList([cb.LearningRateScheduler(broken)], model=model).on_epoch_begin(3)


@pytest.mark.parametrize("moment", ["on_train_batch_end", "on_train_chunk_end", "on_epoch_end"])
@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_terminate_on_nan(moment, loss, capsys):
    model = Toy()
    model.stop_training = False
    asked = cb.CallbackList([cb.TerminateOnNaN()], model=model)
    getattr(asked, moment)(6, {"loss": 1.0})
    assert not model.stop_training
    getattr(asked, moment)(7, {"loss": loss})
    assert model.stop_training
    place = "Epoch 8" if moment == "on_epoch_end" else "Batch 7"
    assert capsys.readouterr().out == f"{place}: Invalid loss, terminating training\n"
    with pytest.raises(RuntimeError, match="the loss is"):
        cb.CallbackList([cb.TerminateOnNaN(raise_error=True)], model=model).on_train_batch_end(0, {"loss": loss})


def test_swap_ema_weights():
    model = Toy()
    model.optimizer = optimizers.SGD(0.5, use_ema=True, ema_momentum=0.5)
    for _ in range(2):
        model.optimizer.minimize(lambda: model.weight * 1.0, [model.weight])
    asked = cb.CallbackList([cb.SwapEMAWeights()], model=model)
    asked.on_test_begin()
    np.testing.assert_allclose(model.weight.numpy(), [0.25, 1.25])
    asked.on_test_end()
    np.testing.assert_allclose(model.weight.numpy(), [0.0, 1.0])
    with pytest.raises(ValueError, match="`use_ema=True`"):
        cb.CallbackList([cb.SwapEMAWeights()], model=Toy()).on_test_begin()


# -- files ----------------------------------------------------------------------------------------------------


def test_checkpoints_of_each_epoch_and_of_the_best(tmp_path):
    epochs_of(cb.ModelCheckpoint(tmp_path / "a" / "{epoch:02d}-{val_loss:.1f}.keras"), [3, 1, 2])
    assert sorted(os.listdir(tmp_path / "a")) == ["01-3.0.keras", "02-1.0.keras", "03-2.0.keras"]
    epochs_of(cb.ModelCheckpoint(tmp_path / "b" / "{epoch}.keras", save_best_only=True), [3, np.nan, 1, 2, 0])
    assert sorted(os.listdir(tmp_path / "b")) == ["1.keras", "3.keras", "5.keras"]
    epochs_of(cb.ModelCheckpoint(tmp_path / "c" / "{epoch}.keras", period=2), [3, 1, 2, 0])
    assert sorted(os.listdir(tmp_path / "c")) == ["2.keras", "4.keras"]
    threshold = cb.ModelCheckpoint(tmp_path / "d" / "{epoch}.keras", save_best_only=True, initial_value_threshold=1.5)
    epochs_of(threshold, [3, 1, 2, 0])
    assert sorted(os.listdir(tmp_path / "d")) == ["2.keras", "4.keras"]


def test_checkpoints_by_batches(tmp_path):
    model = Toy()
    asked = cb.CallbackList([cb.ModelCheckpoint(tmp_path / "{epoch}-{batch}.h5", save_freq=4)], model=model)
    for epoch in range(3):
        asked.on_epoch_begin(epoch)
        for batch in range(3):
            asked.on_train_batch_end(batch, {"loss": 1.0})
        asked.on_epoch_end(epoch, {"loss": 1.0})
    assert sorted(os.listdir(tmp_path)) == ["2-1.h5", "3-2.h5"]


def test_checkpoint_says_what_it_does(tmp_path, capsys):
    path = tmp_path / "m.keras"
    epochs_of(cb.ModelCheckpoint(path, save_best_only=True, verbose=1), [3, 4, 1])
    assert capsys.readouterr().out == (
        f"\nEpoch 1: val_loss improved from None to 3.00000, saving model to {path}\n"
        "\nEpoch 2: val_loss did not improve from 3.00000\n"
        f"\nEpoch 3: val_loss improved from 3.00000 to 1.00000, saving model to {path}\n"
    )


def test_a_failed_save_leaves_the_checkpoint_before(tmp_path):
    class Full(Toy):
        def save(self, path, overwrite=True):
            super().save(path)
            if len(self.saved) == 2:
                raise OSError(28, "No space left on device")

    path = tmp_path / "m.keras"
    with pytest.raises(OSError, match="No space left"):
        epochs_of(cb.ModelCheckpoint(path), [1, 2], model=Full())
    assert path.read_text() == str(np.zeros(2, "f")) and os.listdir(tmp_path) == ["m.keras"]


def test_checkpoint_mistakes(tmp_path):
    with pytest.raises(KeyError, match=r"names 'acc'; there are epoch, val_loss"):
        epochs_of(cb.ModelCheckpoint(tmp_path / "{acc}.keras"), [1])
    with pytest.raises(ValueError, match="`save_freq` must be 'epoch' or a number"):
        cb.ModelCheckpoint("m.keras", save_freq="batch")
    (tmp_path / "m.keras").mkdir()
    with pytest.raises(IsADirectoryError, match="a folder of that name exists"):
        epochs_of(cb.ModelCheckpoint(tmp_path / "m.keras"), [1])


def test_csv_logger(tmp_path):
    path = tmp_path / "log.csv"
    epochs_of(cb.CSVLogger(path), [3.0, 1.0], "loss")
    assert path.read_text().splitlines() == ["epoch,loss,val_loss", "0,3.0,NA", "1,1.0,NA"]
    epochs_of(cb.CSVLogger(path, append=True), [2.0], "loss")
    assert path.read_text().splitlines()[-1] == "0,2.0,NA" and len(path.read_text().splitlines()) == 4
    epochs_of(cb.CSVLogger(path, separator=";"), [5.0])
    assert path.read_text().splitlines() == ["epoch;val_loss", "0;5.0"]
    with pytest.raises(OSError, match="missing"):
        cb.CallbackList([cb.CSVLogger(tmp_path / "missing" / "log.csv")]).on_train_begin()


# -- going on after an interruption ---------------------------------------------------------------------------


def everything(folder):
    return [
        cb.BackupAndRestore(folder / "backup"),
        cb.EarlyStopping(patience=20, restore_best_weights=True),
        cb.ReduceLROnPlateau(patience=1, factor=0.5),
        cb.ModelCheckpoint(folder / "best.keras", save_best_only=True),
        cb.CSVLogger(folder / "log.csv"),
    ]


def test_a_resumed_training_ends_like_an_uninterrupted_one(tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir(), parts.mkdir()
    utils.set_random_seed(1)
    model = Toy()
    history = model.fit(12, everything(whole))
    utils.set_random_seed(1)
    for crash_at in (3, 8):
        with pytest.raises(KeyboardInterrupt):
            Toy().fit(12, everything(parts), crash_at=crash_at)
        assert os.listdir(parts / "backup") == ["training.npz"]
        utils.set_random_seed(99)
    resumed = Toy()
    resumed_history = resumed.fit(12, everything(parts))
    assert resumed_history.history == history.history and resumed_history.epoch == history.epoch
    np.testing.assert_array_equal(resumed.weight.numpy(), model.weight.numpy())
    assert resumed.optimizer.iterations.numpy() == model.optimizer.iterations.numpy() == 36
    for name in ("log.csv", "best.keras"):
        assert (parts / name).read_text() == (whole / name).read_text()
    assert sorted(os.listdir(parts)) == ["best.keras", "log.csv"]  # the backup is gone
    assert resumed._initial_epoch is None


@pytest.mark.parametrize("by_batch", [False, True])
def test_a_resumed_fit_ends_like_an_uninterrupted_one(tmp_path, by_batch):
    """A real model with dropout and shuffled rows, each epoch as one program or batch by batch."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3)).astype("f")
    y = (x.sum(axis=1) > 0).astype("int32")

    def fit(name, seed, crash_at=None):
        utils.set_random_seed(seed)
        layers = tf.keras.layers
        model = tf.keras.Sequential(
            [layers.Input((3,)), layers.Dense(8, "relu"), layers.Dropout(0.5), layers.Dense(2, "softmax")]
        )
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

        def crash(epoch, logs):
            if epoch == crash_at:
                raise KeyboardInterrupt

        moments = {"on_epoch_begin": crash} | ({"on_train_batch_end": lambda batch, logs: None} if by_batch else {})
        callbacks = [
            cb.BackupAndRestore(tmp_path / name),
            cb.EarlyStopping(patience=2, restore_best_weights=True),
            cb.ReduceLROnPlateau(patience=1),
            cb.LambdaCallback(**moments),
        ]
        history = model.fit(x, y, epochs=6, batch_size=16, validation_split=0.25, verbose=0, callbacks=callbacks)
        return model, history

    model, history = fit("whole", 1)
    with pytest.raises(KeyboardInterrupt):
        fit("parts", 1, crash_at=3)
    resumed, resumed_history = fit("parts", 99)
    assert resumed_history.history == history.history
    for found, wanted in zip(resumed.get_weights(), model.get_weights()):
        np.testing.assert_array_equal(found, wanted)


def test_a_backup_of_another_model_is_refused(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        Toy().fit(5, everything(tmp_path), crash_at=2)
    with pytest.raises(ValueError, match="belongs to another model"):
        Toy((1.0, 2.0, 3.0)).fit(5, everything(tmp_path))


def test_a_damaged_backup(tmp_path):
    kept = [cb.BackupAndRestore(tmp_path, double_checkpoint=True)]
    with pytest.raises(KeyboardInterrupt):
        Toy().fit(5, kept, crash_at=3)
    assert sorted(os.listdir(tmp_path)) == ["training.npz", "training.npz.bkp"]
    (tmp_path / "training.npz").write_bytes(b"damaged")
    model = Toy()
    with pytest.raises(KeyboardInterrupt):
        model.fit(5, kept, crash_at=2)
    assert model._initial_epoch == 2
    os.remove(tmp_path / "training.npz.bkp")
    (tmp_path / "training.npz").write_bytes(b"damaged")
    with pytest.raises(OSError, match="cannot be read"):
        Toy().fit(5, kept)


def test_states_of_every_kind_are_written(tmp_path):
    path = str(tmp_path / "state.npz")
    state = {
        "none": None, "text": "é", "list": [1, 2.5, True, {"deep": np.arange(3)}], "scalar": np.float32(2),
        "half": tf.constant([1.5], tf.bfloat16).numpy(), "empty": np.zeros((0, 2)), "int64": np.array(2**60),
    }  # fmt: skip
    backup.write_state(path, state)
    found = backup.read_state(path)
    np.testing.assert_array_equal(found["list"][3]["deep"], [0, 1, 2])
    assert found["half"].dtype == state["half"].dtype and float(found["half"][0]) == 1.5
    assert found["empty"].shape == (0, 2) and int(found["int64"]) == 2**60
    assert (found["none"], found["text"], found["list"][:3], found["scalar"]) == (None, "é", [1, 2.5, True], 2.0)


# -- progress -------------------------------------------------------------------------------------------------


def test_progress_off_a_terminal_is_one_plain_line_an_epoch(capsys):
    Toy().fit(2, None, verbose=1)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0::2] == ["Epoch 1/2", "Epoch 2/2"]
    for line in lines[1::2]:
        assert line.startswith("3/3 " + "━" * 20 + " 0s ") and "\x1b" not in line and "\r" not in line
        assert "s/step - loss: " in line and " - val_loss: " in line
    Toy().fit(2, None, verbose=2)
    assert capsys.readouterr().out.splitlines()[1].startswith("3/3 - 0s - ")
    Toy().fit(2, None, verbose=0)
    assert capsys.readouterr().out == ""


class Terminal:
    """Standard output of a terminal."""

    encoding = "utf-8"

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self): ...

    def isatty(self):
        return True


def test_progress_on_a_terminal_redraws_in_place(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    bar = utils.Progbar(4, interval=0)
    for step in range(1, 5):
        bar.update(step, [("loss", float(step))])
    draws = terminal.text.split("\r")[1:]
    assert len(draws) == 4 and terminal.text.endswith("\n") and terminal.text.count("\n") == 1
    assert draws[1].startswith("\x1b[1m2/4\x1b[0m \x1b[32m" + "━" * 10 + "\x1b[37m" + "━" * 10 + "\x1b[0m \x1b[1m")
    assert "loss: 1.5000" in draws[1]  # averaged over the steps
    assert "loss: 4.0000" in draws[3]  # the last word is as given


def test_a_long_line_is_cut_to_the_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("COLUMNS", "60")
    utils.Progbar(4, interval=0).update(1, [(f"metric_{i}", 1.0) for i in range(20)])
    plain = terminal.text
    for code in ("\r", "\x1b[0m", "\x1b[1m", "\x1b[32m", "\x1b[37m"):
        plain = plain.replace(code, "")
    assert len(plain) < 60


def test_progress_with_chunks_and_an_unknown_target(capsys):
    logger = cb.ProgbarLogger()
    asked = cb.CallbackList([logger], epochs=1, verbose=1, steps=None)
    asked.on_train_begin()
    asked.on_epoch_begin(0)
    asked.on_train_chunk_end(99, {"loss": 1.0})
    asked.on_train_chunk_end(149, {"loss": 0.5})
    asked.on_epoch_end(0, {"loss": 0.5})
    assert logger.seen == 150
    assert capsys.readouterr().out.startswith("150/150 ━")


def test_progress_of_evaluation_is_silent_inside_fit(capsys):
    asked = cb.CallbackList(add_progbar=True, epochs=1, verbose=1, steps=2)
    asked.on_train_begin()
    asked.on_epoch_begin(0)
    asked.on_test_begin()
    asked.on_test_batch_end(0, {"loss": 1.0})
    asked.on_test_end({"loss": 1.0})
    assert capsys.readouterr().out == ""
    asked.on_epoch_end(0, {"loss": 1.0})
    asked.on_train_end()
    asked.on_test_begin()
    asked.on_test_end({"loss": 2.0})
    assert "loss: 2.0000" in capsys.readouterr().out.splitlines()[1]


def test_progbar_formats():
    from thalweg.keras.utils import progbar

    assert [progbar._clock(s) for s in (5, 65, 3725)] == ["5s", "1:05", "1:02:05"]
    units = [progbar._per_unit(s, "step") for s in (2.0, 0.05, 5e-5)]
    assert units == ["2s/step", "50ms/step", "50us/step"]
    assert [progbar._number(v, 1) for v in (0.5, 1e-4, -2.0, "x")] == ["0.5000", "1.0000e-04", "-2.0000", "x"]
    with pytest.raises(ValueError, match="not both"):
        utils.Progbar(1, stateful_metrics=[], stateless_metrics=[])


def test_messages_can_go_to_the_log(capsys, caplog):
    utils.disable_interactive_logging()
    try:
        with caplog.at_level("INFO", logger="thalweg"):
            utils.Progbar(1, verbose=2).update(1, [("loss", 1.0)])
    finally:
        utils.enable_interactive_logging()
    assert capsys.readouterr().out == "" and "loss: 1.0000" in caplog.text


# -- keras.utils ----------------------------------------------------------------------------------------------


def test_to_categorical():
    found = utils.to_categorical([[0], [2], [1]])
    np.testing.assert_array_equal(found, np.eye(3)[[0, 2, 1]])
    assert found.dtype == np.float64 and utils.to_categorical([1], 2, dtype="float32").dtype == np.float32
    assert utils.to_categorical(np.zeros((2, 3)), 4).shape == (2, 3, 4)
    np.testing.assert_array_equal(utils.to_categorical(tf.constant([1, 0]), 2).numpy(), [[0, 1], [1, 0]])
    assert utils.np_utils.to_categorical is utils.to_categorical
    with pytest.raises(ValueError, match="found class 5, but num_classes=5 allows 0 to 4"):
        utils.to_categorical([1, 5], 5)
    with pytest.raises(ValueError, match="found class -1"):
        utils.to_categorical([-1, 1])


def test_normalize():
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(utils.normalize(x), [[0.6, 0.8], [0, 0]])
    np.testing.assert_allclose(utils.normalize(x, axis=0, order=1), [[1, 1], [0, 0]])
    np.testing.assert_allclose(utils.normalize(x[0]), [[0.6, 0.8]])
    np.testing.assert_allclose(utils.normalize(tf.constant(x)).numpy(), [[0.6, 0.8], [0, 0]])


def test_pad_sequences():
    pad = tf.keras.preprocessing.sequence.pad_sequences
    rows = [[1], [2, 3], [4, 5, 6]]
    np.testing.assert_array_equal(pad(rows), [[0, 0, 1], [0, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(pad(rows, 2, padding="post", truncating="post"), [[1, 0], [2, 3], [4, 5]])
    np.testing.assert_array_equal(pad(rows, 2, value=-1.5, dtype="float32"), [[-1.5, 1], [2, 3], [5, 6]])
    assert pad([["a"], ["b", "c"]], dtype=object, value="").tolist() == [["", "a"], ["b", "c"]]
    assert pad([[[1, 2]], [[3, 4], [5, 6]]]).shape == (2, 2, 2) and pad(rows, 0).shape == (3, 0)
    for bad, message in (([1, 2], "element 0 is 1"), ([[[1, 2]], [[1]]], "elements of shape")):
        with pytest.raises(ValueError, match=message):
            pad(bad)
    with pytest.raises(ValueError, match="`padding` must be 'pre' or 'post'"):
        pad(rows, padding="left")
    with pytest.raises(ValueError, match="write `dtype=object`"):
        pad(rows, value="x")


def test_set_random_seed():
    draws = []
    for _ in range(2):
        utils.set_random_seed(7)
        draws.append((random.random(), np.random.rand(), float(tf.random.uniform([]))))
    assert draws[0] == draws[1]
    with pytest.raises(ValueError, match="must be an integer"):
        utils.set_random_seed(1.5)


def test_py_dataset():
    class Squares(utils.Sequence):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            return index**2

    assert list(Squares()) == [0, 1, 4] and Squares().num_batches == 3 and Squares(workers=4).workers == 4
    with pytest.raises(NotImplementedError, match="must define `__len__"):
        _ = utils.PyDataset().num_batches
