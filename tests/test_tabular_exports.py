"""A fit for other tools: the `.keras` file answers as the fit does, `model.py` trains the same network from the same matrix,
and TensorBoard finds the training."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import thalweg as tf
import thalweg.tabular as tabular
from thalweg.tabular import output
from thalweg.tabular.exports import cells, events, keras_file, whole_model
from thalweg.tabular.exports.script import make_script

pd = pytest.importorskip("pandas")


def make_table(rows=240, seed=0):
    """A column of every kind, with gaps, odd spellings and a place on a map."""
    random = np.random.RandomState(seed)
    size = random.normal(5, 2, rows)
    table = pd.DataFrame({
        "size": np.where(np.arange(rows) % 9 == 0, np.nan, size).round(4), "wealth": np.exp(2 * random.normal(size=rows)).round(4),
        "town": random.choice(["east", " west ", ""], rows), "new": random.rand(rows) > 0.5,
        "lon": random.uniform(-120, -119, rows).round(4), "lat": random.uniform(35, 36, rows).round(4),
        "day": pd.date_range("2020-01-01", periods=rows, freq="37h").strftime("%Y-%m-%d %H:%M"),
        "note": [" ".join(random.choice(["red", "green", "old", "new", "fine", "big"], 5)) for _ in range(rows)],
        "many": random.choice([f"level {number}" for number in range(150)], rows)})
    table["price"] = (3 * size + 2 * table["new"]).round(4)
    table["kind"] = np.where(size > 7, "dear", np.where(size > 3, "usual", "cheap"))
    table.loc[::40, "kind"] = ""
    table.loc[::40, "price"] = np.nan
    return table


FITS = {
    "regression": ("price", {}), "classification": ("kind", {"class_floor": 0.4}),
    "plain": ("kind", {"hidden": (8, 4), "activation": "tanh", "optimizer": "sgd", "dropout": 0.1}),
    "ensemble": ("kind", {"hidden": (8,), "seeds": 2, "balance": True}),
}


@pytest.fixture(scope="module", params=list(FITS))
def fitted(request, tmp_path_factory):
    """A fit from a CSV file, and the folder that it wrote, beside the table."""
    target, settings = FITS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    table = make_table().drop(columns="price" if target == "kind" else "kind")
    table.to_csv(folder / "table.csv", index=False)
    found = tabular.fit(tabular.read_table(folder / "table.csv"), target, epochs=2, **settings)
    output.write_output(found, folder)
    return found, folder


def test_the_keras_file_answers_as_the_fit(fitted):
    found, folder = fitted
    model = tf.keras.models.load_model(folder / "model.keras")
    frame = found.prepared.frame
    answers = np.asarray(model.predict(cells(found.preprocessor, frame), verbose=0))
    expected = found.answers(found.prepared.matrix)
    np.testing.assert_allclose(answers.reshape(expected.shape), expected, rtol=2e-3, atol=2e-3)    # knots in float32
    fresh = make_table(50, seed=7).assign(town="nowhere", size=1e6)
    answers = np.asarray(model.predict(cells(found.preprocessor, fresh), verbose=0))
    expected = found.answers(found.preprocessor.transform(fresh))
    np.testing.assert_allclose(answers.reshape(expected.shape), expected, rtol=2e-3, atol=2e-3)


def test_a_table_without_numbers():
    table = pd.DataFrame({"town": list("abcd") * 20, "kind": list("xxyy") * 20})
    found = tabular.fit(table, "kind", epochs=1)
    given = cells(found.preprocessor, table)
    assert list(given) == ["categories"]
    np.testing.assert_allclose(np.asarray(whole_model(found).predict(given, verbose=0)), found.predict_proba(table), atol=1e-6)


def test_a_column_of_one_number_in_training_has_one_knot():
    layer = keras_file.TableMatrix([{"name": "x", "median": 1.0, "low": 1.0, "high": 1.0, "standard": [], "at": [1.0], "to": [0.5],
                                     "gaps": False}])
    np.testing.assert_array_equal(np.asarray(layer([tf.constant([[1.0], [np.nan], [7.0]])])), [[0.5]] * 3)


# -- the script ----------------------------------------------------------------------------------------------


def run_script(folder, *arguments, cwd):
    environment = {**os.environ, "PYTHONPATH": str(Path(tf.__file__).parents[1])}
    return subprocess.run([sys.executable, str(folder / "model.py"), *map(str, arguments)], capture_output=True, text=True,
                          cwd=cwd, env=environment, timeout=300)


def test_the_script_makes_the_same_matrix_and_network(fitted, tmp_path, monkeypatch, capsys):
    found, folder = fitted
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["model.py", str(folder / "table.csv")])
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "layers", raising=False)
    made = runpy.run_path(str(folder / "model.py"))
    np.testing.assert_allclose(made["matrix"], found.prepared.matrix, atol=2e-6)
    np.testing.assert_array_equal(made["test"], np.sort(found.prepared.split.test))
    np.testing.assert_array_equal(made["truth"], found.prepared.truth)
    network = found.model.layers[1] if found.settings.members > 1 else found.model
    assert [w.shape for w in made["model"].get_weights()] == [w.shape for w in network.get_weights()]
    assert "test accuracy" in capsys.readouterr().out or found.task == "regression"
    assert ("weight" in made) == (found.task == "classification" and found.settings.optimizer != "sgd")
    assert (tmp_path / "trained.keras").is_file()


def test_the_script_says_when_the_table_is_another(fitted, tmp_path):
    _, folder = fitted
    make_table(30).to_csv(tmp_path / "other.csv", index=False)
    done = run_script(folder, tmp_path / "other.csv", cwd=tmp_path)
    assert done.returncode == 1 and done.stderr.strip() == "the table has 29 rows with a target; the fit had 234"


def test_the_script_learns_as_the_fit_does(tmp_path):
    random = np.random.RandomState(0)
    table = pd.DataFrame({"x": random.normal(size=400), "y": random.normal(size=400)})
    table["kind"] = np.where(table["x"] * table["y"] > 0, 1, 0)
    table.to_csv(tmp_path / "table.csv", index=False)
    fitted = tabular.fit(table, "kind", epochs=20)
    (tmp_path / "new").mkdir()
    output.write_output(fitted, tmp_path)
    done = run_script(tmp_path, tmp_path / "table.csv", cwd=tmp_path / "new")
    assert done.returncode == 0, done.stderr
    accuracy = float(done.stdout.split("test accuracy ")[1].split()[0])
    assert accuracy == pytest.approx(fitted.metrics["test"]["accuracy"], abs=0.08) and accuracy > 0.8


def test_names_cannot_write_code_into_the_script():
    table = make_table().rename(columns={"size": '"""\nimport os\n', "kind": "it's \\"}).drop(columns="price")
    fitted = tabular.fit(table, "it's \\", hidden=(4,), epochs=1)
    compile(make_script(fitted), "model.py", "exec")
    assert "\nimport os\n" not in make_script(fitted)


# -- TensorBoard ---------------------------------------------------------------------------------------------


def test_events_hold_the_curves(fitted):
    found, folder = fitted
    frame = tf.summary.to_frame(str(folder / "events"))
    for run, name in (("train", "loss"), ("dev", "val_loss")):
        curve = frame[(frame["run"] == run) & (frame["tag"] == "epoch_loss")]
        assert curve["step"].tolist() == list(range(len(found.history[name])))
        np.testing.assert_allclose(curve["value"], found.history[name], rtol=1e-6)
    headline = "r2" if found.task == "regression" else "accuracy"
    last = frame[(frame["run"] == "test") & (frame["tag"] == headline)]["value"].item()
    assert last == pytest.approx(found.metrics["test"][headline], rel=1e-6)


def test_tensorboard_reads_the_events(fitted):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    _, folder = fitted
    found = accumulator.EventAccumulator(str(folder / "events" / "test")).Reload()
    assert {"network", "importance", "settings"} <= set(found.Tags()["tensors"])


def test_events_of_an_earlier_fit_are_replaced(fitted):
    found, folder = fitted
    events.write_events(found, {}, folder / "events")
    files = {run.name: len(list(run.glob("events.out*"))) for run in (folder / "events").iterdir()}
    assert files == {"train": 1, "dev": 1, "test": 1}


def test_events_hold_weights_confusion_network_and_points(fitted):
    from thalweg.summary.projection import read_config
    from thalweg.summary.reading import summary_iterator

    found, folder = fitted
    (file,) = (folder / "events" / "train").iterdir()
    shown = list(summary_iterator(file))
    plugins = {}
    for event in shown:
        for value in event.summary.value:
            plugins.setdefault(value.metadata.plugin_data.plugin_name, []).append((value.tag, event.step))
    epochs = [snapshot.epoch - 1 for snapshot in found.snapshots]
    assert epochs[0] == 0 and sorted({step for _, step in plugins["histograms"]}) == epochs
    assert [step for tag, step in plugins.get("images", []) if tag == "confusion"] == (epochs if found.classes else [])
    assert "graph_keras_model" in plugins and any(event.HasField("graph_def") for event in shown)
    (points,) = read_config(folder / "events" / "test").embeddings
    labels = (folder / "events" / "test" / points.metadata_path).read_text().splitlines()
    assert labels[0] == "true\tpredicted" and len(labels) == points.tensor_shape[0] + 1
    assert points.tensor_shape[1] == found.settings.hidden[-1]


def test_snapshots_do_not_change_a_fit():
    from thalweg.tabular import training
    from thalweg.tabular.preparing import prepare

    table = tabular.simulated_california().head(400)
    prepared = prepare(table, "ocean_proximity", hidden=(8,), epochs=4)
    with_them = training.train(prepared)
    run, _ = training.run_on(prepared, prepared.split, [prepared.settings])
    run.advance()
    assert run.histories[0] == with_them.history
    total = with_them.snapshots[-1].confusion.sum()
    assert total == len(prepared.split.dev)


def test_a_full_disk_is_told_of(fitted, tmp_path):
    found, _ = fitted
    (tmp_path / "file").write_text("")
    with pytest.raises(tabular.TableError, match="cannot write"):
        keras_file.write_keras_file(found, tmp_path / "nowhere" / "model.keras")
    with pytest.raises(tabular.TableError, match="cannot make the folder"):
        events.write_events(found, {}, tmp_path / "file" / "events")
