"""The TensorBoard callback: what it writes, and that `fit` stays as fast and as it was."""

import numpy as np
import pytest

import thalweg as tf
from thalweg.keras.models.trainer import Trainer
from thalweg.summary.projection import read_config
from thalweg.summary.reading import Run, summary_iterator

ROWS, BATCH = 120, 20


def model():
    tf.random.set_seed(0)
    built = tf.keras.Sequential([
        tf.keras.Input((4,)), tf.keras.layers.Dense(3, activation="relu", name="hidden"), tf.keras.layers.Dense(1, name="out"),
    ])  # fmt: skip
    built.compile("sgd", "mse", metrics=["mae"])
    return built


def fit(*callbacks, epochs=3, built=None, compiled=True, **options):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, 4)).astype(np.float32)
    built = model() if built is None else built
    built.jit_compile = compiled
    return built.fit(x, x.sum(1), epochs=epochs, batch_size=BATCH, verbose=0, callbacks=list(callbacks), **options)


def run(folder):
    found = Run("", str(folder))
    found.update()
    return found


def plugins(folder):
    """Tags by dashboard."""
    found = {}
    for path in folder.glob("*tfevents*"):
        for event in summary_iterator(path):
            for value in event.summary.value:
                found.setdefault(value.metadata.plugin_data.plugin_name, set()).add(value.tag)
    return found


def test_measures_are_written_each_epoch(tmp_path, capsys):
    history = fit(tf.keras.callbacks.TensorBoard(tmp_path), validation_split=0.25).history
    for name in ("loss", "mae"):
        steps, _, values = run(tmp_path / "train").points(f"epoch_{name}")
        assert steps.tolist() == [0, 1, 2]
        np.testing.assert_allclose(values, history[name], rtol=1e-6)
        np.testing.assert_allclose(run(tmp_path / "validation").points(f"epoch_{name}")[2], history[f"val_{name}"], rtol=1e-6)
    assert run(tmp_path / "train").points("epoch_learning_rate")[2].tolist() == pytest.approx([0.01] * 3)
    assert capsys.readouterr().out == f"TensorBoard: thalweg board {tmp_path}\n"


def test_the_command_is_printed_once(tmp_path, capsys):
    for _ in range(2):
        fit(tf.keras.callbacks.TensorBoard(tmp_path / "with space"), epochs=1)
    assert capsys.readouterr().out == f"TensorBoard: thalweg board '{tmp_path / 'with space'}'\n"


def test_fit_keeps_its_programs_and_its_numbers(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("batch by batch")

    plain = fit().history
    monkeypatch.setattr(Trainer, "_run_batches", refuse)
    for i, options in enumerate([{}, {"histogram_freq": 1}, {"update_freq": "batch"}, {"update_freq": 4}]):
        assert fit(tf.keras.callbacks.TensorBoard(tmp_path / str(i), **options)).history == plain


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("every", [1, 4])
def test_measures_every_few_batches(tmp_path, compiled, every):
    losses = []
    fit(tf.keras.callbacks.LambdaCallback(on_train_batch_end=lambda b, logs: losses.append(logs["loss"])), compiled=False)
    fit(tf.keras.callbacks.TensorBoard(tmp_path, update_freq=every), compiled=compiled)
    steps, _, values = run(tmp_path / "train").points("batch_loss")
    assert steps.tolist() == list(range(every, 3 * ROWS // BATCH + 1, every))
    np.testing.assert_allclose(values, losses[every - 1 :: every], rtol=1e-5)


def test_weights_and_graph(tmp_path):
    fit(tf.keras.callbacks.TensorBoard(tmp_path, histogram_freq=2, write_images=True))
    found = plugins(tmp_path / "train")
    assert {f"{n}/{w}/histogram" for n in ("hidden", "out") for w in ("kernel", "bias")} <= {
        "/".join(t.split("/")[-3:]) for t in found["histograms"]
    }
    assert len(found["images"]) == 4 and found["graph_keras_model"] == {"keras"}
    nodes = set()
    for path in (tmp_path / "train").glob("*tfevents*"):
        events = list(summary_iterator(path))
        steps = {e.step for e in events if any("histogram" in v.tag for v in e.summary.value)}
        for event in events:
            nodes |= {n.name for n in tf.compat.v1.GraphDef.FromString(event.graph_def).node}
    assert steps == {0, 2}
    assert any(n.startswith("gradient_tape/") and "hidden/MatMul_grad" in n for n in nodes)


def test_the_graph_of_training_on_a_dataset(tmp_path):
    built = model()
    data = tf.data.Dataset.from_tensor_slices((np.zeros((8, 4), np.float32), np.zeros(8, np.float32))).batch(4)
    built.fit(data, epochs=1, verbose=0, callbacks=[tf.keras.callbacks.TensorBoard(tmp_path)])
    (path,) = (tmp_path / "train").glob("*tfevents*")
    assert any(event.HasField("graph_def") for event in summary_iterator(path))


def test_without_a_graph_there_is_none(tmp_path):
    fit(tf.keras.callbacks.TensorBoard(tmp_path, write_graph=False), epochs=1)
    assert set(plugins(tmp_path / "train")) == {"scalars"}


def test_speed_is_written(tmp_path):
    fit(tf.keras.callbacks.TensorBoard(tmp_path, write_steps_per_second=True))
    assert (run(tmp_path / "train").points("epoch_steps_per_second")[2] > 0).all()


def test_evaluate_writes_by_iterations(tmp_path):
    built = model()
    fit(built=built, epochs=2)
    built.evaluate(np.zeros((8, 4), np.float32), np.zeros(8), verbose=0, callbacks=[tf.keras.callbacks.TensorBoard(tmp_path)])
    steps, _, _ = run(tmp_path / "validation").points("evaluation_loss_vs_iterations")
    assert steps.tolist() == [2 * ROWS // BATCH]


def test_embeddings_for_the_projector(tmp_path):
    (tmp_path / "words.tsv").write_text("a\nb\nc\nd\ne\n")
    built = tf.keras.Sequential([tf.keras.Input((2,), dtype="int32"), tf.keras.layers.Embedding(5, 3, name="words"),
                                 tf.keras.layers.Flatten(), tf.keras.layers.Dense(1)])  # fmt: skip
    built.compile("sgd", "mse")
    callback = tf.keras.callbacks.TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata={"words": "words.tsv"})
    built.fit(np.zeros((8, 2), np.int32), np.zeros(8), epochs=1, verbose=0, callbacks=[callback])
    (info,) = read_config(tmp_path / "train").embeddings
    assert (info.tensor_name, list(info.tensor_shape), info.metadata_path) == ("words", [5, 3], "words.tsv")
    vectors = np.fromfile(tmp_path / "train" / info.tensor_path, "<f4").reshape(5, 3)
    np.testing.assert_array_equal(vectors, built.get_layer("words").get_weights()[0])


def test_a_profile_of_chosen_batches(tmp_path, capsys):
    fit(tf.keras.callbacks.TensorBoard(tmp_path, profile_batch=(7, 9)))
    assert list(tmp_path.glob("plugins/profile/*/*.xplane.pb"))
    assert capsys.readouterr().out.count("Profile: open ") <= 1


@pytest.mark.parametrize("bad", [{"profile_batch": (5, 3)}, {"profile_batch": -1}, {"update_freq": 0}, {"update_freq": "often"}])
def test_settings_that_cannot_be(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        tf.keras.callbacks.TensorBoard("logs", **bad)


def test_unknown_settings_are_named():
    with pytest.raises(ValueError, match="speed"):
        tf.keras.callbacks.TensorBoard("logs", speed=3)


def test_summaries_inside_a_training_step(tmp_path):
    class Logged(tf.keras.Sequential):
        def train_step(self, data):
            logs = super().train_step(data)
            tf.summary.scalar("seen", logs["loss"], step=self.optimizer.iterations)
            return logs

    built = Logged([tf.keras.Input((4,)), tf.keras.layers.Dense(1)])
    built.compile("sgd", "mse")
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        fit(built=built, epochs=2, compiled="auto")
    steps, _, _ = run(tmp_path).points("seen")
    assert steps.tolist() == list(range(1, 2 * ROWS // BATCH + 1))
