"""Training on a table, from Python: it learns, it repeats itself, it is saved whole, and it says what is wrong."""

import builtins
import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import thalweg as tf
import thalweg.tabular as tabular
from thalweg.tabular import calibration, intervals, output, searching, training, writing
from thalweg.tabular.model import MeanOfNetworks, PeriodicEmbedding, PlaceWaves, Shape, build_model, cosine, make_optimizer, sine
from thalweg.tabular.settings import CLASSIFIER, REGRESSOR, Settings, check_settings, choose_settings

pd = pytest.importorskip("pandas")
REAL = Path(os.environ.get("THALWEG_DATA_DIR", ""), "housing.csv.gz")
PLAIN = {"hidden": [32], "epochs": 30}


def make_table(rows=600, seed=0):
    """Two numbers, one with gaps and one with a long tail, a category; a class and a number that follow from them."""
    random = np.random.RandomState(seed)
    size, wealth = random.normal(5, 2, rows), np.exp(random.normal(size=rows))
    town = random.choice(["east", "west"], rows)
    price = 3 * size + 4 * np.log(wealth) + 5 * (town == "west") + 0.3 * random.normal(size=rows)
    band = np.where(price < 14, "low", np.where(price < 22, "middle", "high"))
    size[::50] = np.nan
    return pd.DataFrame({"size": size, "wealth": wealth, "town": town, "price": price, "band": band})


@pytest.fixture(scope="module")
def table():
    return make_table()


@pytest.fixture(scope="module")
def classifier(table):
    return tabular.fit(table.drop(columns="price"), "band", **PLAIN)


@pytest.fixture(scope="module")
def regressor(table):
    return tabular.fit(table.drop(columns="band"), "price", **PLAIN)


def test_classifier(table, classifier):
    assert classifier.task == "classification" and classifier.classes == ["high", "low", "middle"]
    assert classifier.metrics["test"]["accuracy"] > 0.8
    assert {part: scores["rows"] for part, scores in classifier.metrics.items()} == {"train": 384, "dev": 96, "test": 120}
    probability, predicted = classifier.predict_proba(table), classifier.predict(table)
    assert probability.shape == (600, 3)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    assert (predicted == np.array(classifier.classes)[probability.argmax(axis=1)]).all()
    rows = classifier.prepared.split.test
    assert classifier.evaluate(table.iloc[rows])["accuracy"] == classifier.metrics["test"]["accuracy"]


def test_regressor(table, regressor):
    assert regressor.task == "regression" and regressor.classes == []
    assert regressor.metrics["test"]["r2"] > 0.8
    rows = regressor.prepared.split.test
    scores = regressor.evaluate(table.iloc[rows])
    assert scores["mae"] == pytest.approx(np.abs(regressor.predict(table.iloc[rows]) - table["price"].iloc[rows]).mean())
    assert scores["r2"] == pytest.approx(regressor.metrics["test"]["r2"], abs=1e-6)
    with pytest.raises(tabular.TableError, match="there are probabilities for classes only"):
        regressor.predict_proba(table)


def test_best_epoch_is_kept(classifier):
    assert classifier.best_epoch == int(np.argmin(classifier.history["val_loss"])) + 1
    # Calibration can only better it.
    assert classifier.metrics["dev"]["log_loss"] < min(classifier.history["val_loss"]) + 1e-3


def test_strong_recipe_learns_what_lines_do_not():
    random = np.random.RandomState(3)
    x = random.uniform(-1, 1, (1200, 2))
    board = pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "square": ((np.floor(3 * x).sum(axis=1)) % 2).astype(int)})
    fitted = tabular.fit(board, "square", epochs=40, learning_rate=3e-3, embedding=(0.3, 0.3), seeds=1)
    assert fitted.metrics["test"]["accuracy"] > 0.85


def test_one_seed_one_result(table, classifier):
    again = tabular.fit(table.drop(columns="price"), "band", **PLAIN)
    other = tabular.fit(table.drop(columns="price"), "band", **PLAIN, seed=7)
    np.testing.assert_array_equal(again.predict_proba(table), classifier.predict_proba(table))
    assert not np.array_equal(other.predict_proba(table), classifier.predict_proba(table))


def test_epochs_are_reported(table):
    seen = []
    tabular.fit(table.drop(columns="price"), "band", hidden=[4], epochs=3, on_epoch=seen.append)
    assert [(epoch.number, epoch.of) for epoch in seen] == [(1, 3), (2, 3), (3, 3)]
    assert {"loss", "accuracy", "val_loss", "val_accuracy"} <= set(seen[0].logs)


def test_rows_without_a_target_are_left_out_with_a_word(table):
    prepared = tabular.prepare(table.assign(band=table["band"].mask(table.index < 3)), "band")
    assert len(prepared.truth) == 597
    assert prepared.remarks[0] == "3 rows without a band left out"


def test_a_class_that_no_training_row_shows(table):
    test = table[-30:].assign(band="unique")
    prepared = tabular.prepare(table[:-30], "band", test=test)
    assert prepared.remarks[0] == "no training row of 'unique', so it cannot be learned"


def test_the_task_can_be_said(table):
    assert tabular.prepare(table.assign(stars=[1, 2, 3] * 200), "stars").task == "classification"
    assert tabular.prepare(table.assign(stars=[1, 2, 3] * 200), "stars", task="regression").task == "regression"


@pytest.mark.parametrize(("change", "target", "settings", "sentence"), [
    ({}, "prize", {}, "no column 'prize'. Did you mean 'price'"),
    ({"size": [1.0, np.inf, 2.0] * 200}, "band", {}, "an infinite value in 200 rows"),
    ({"size": ["1", "2", "x"] * 200}, "band", {}, "text where numbers belong in 200 rows"),
    ({"band": "low"}, "band", {}, "'band' is 'low' in all of its 600 rows"),
    ({"band": None}, "band", {}, "empty in every row"),
    ({}, "band", {"task": "regresion"}, "no task 'regresion'. Did you mean 'regression'"),
    ({}, "band", {"optimizer": "adamm"}, "no optimizer 'adamm'. Did you mean 'adam"),
    ({}, "band", {"activation": "rellu"}, "no activation 'rellu'. Did you mean 'relu'"),
    ({}, "band", {"epochs": 0}, "epochs is 0"),
    ({}, "band", {"batch_size": -1}, "batch_size is -1"),
    ({}, "band", {"dropout": 1.0}, "dropout is 1.0"),
    ({}, "band", {"learning_rate": 0.0}, "learning rate is 0.0"),
    ({}, "band", {"hidden": [0]}, "hidden is"),
])
def test_bad_input(table, change, target, settings, sentence):
    with pytest.raises(tabular.TableError, match=sentence):
        tabular.prepare(table.assign(**change), target, **settings)


def test_a_training_that_blows_up(table):
    with pytest.raises(tabular.TableError, match="the loss on dev is not a number"):
        tabular.fit(table.drop(columns="band"), "price", hidden=[8], optimizer="sgd", learning_rate=1e30, epochs=3)


# -- what casts doubt on the figures -----------------------------------------------------------------------------


def test_a_column_that_gives_the_target_away(table):
    plain = table.drop(columns="price")
    warned = tabular.prepare(plain.assign(paid=table["band"].map({"low": 1.5, "middle": 2.5, "high": 9.0})), "band").warnings
    assert len(warned) == 1 and warned[0].startswith("column 'paid' alone predicts the target (100.0 % of dev rows right)")
    copied = table.drop(columns="band").assign(copy=table["price"] * 2)
    assert tabular.prepare(copied, "price").warnings[0].startswith("column 'copy'")
    assert tabular.prepare(plain, "band").warnings == []


def test_rows_on_both_sides_of_the_split(table):
    twice = pd.concat([table, table[:100]], ignore_index=True).drop(columns="price")
    warned = tabular.prepare(twice, "band").warnings
    assert len(warned) == 2 and "copies of training rows, which makes the test figures look better" in warned[0]


def test_uneven_classes_are_told_of_and_balanced(table):
    uneven = table[(table["band"] != "low") | (table.index % 20 == 0)].drop(columns="price")
    told = tabular.prepare(uneven, "band").remarks
    assert "the classes are uneven" in told[0] and told[0].endswith("--balance makes each class count the same")
    balanced = tabular.prepare(uneven, "band", balance=True)
    weight = training.train_weights(balanced, balanced.split.train)
    truth = balanced.truth[balanced.split.train]
    sums = np.bincount(truth, weights=weight[balanced.split.train])
    np.testing.assert_allclose(sums, sums[0])


# -- intervals and calibration ------------------------------------------------------------------------------------


def test_intervals_hold_the_figures(classifier, regressor):
    for fitted, names in ((classifier, {"accuracy", "macro_f1"}), (regressor, {"r2", "mae", "rmse"})):
        test = fitted.metrics["test"]
        assert set(test["intervals"]) == names
        for name, (low, high) in test["intervals"].items():
            assert low <= test[name] <= high and high - low < 0.5 * max(test[name], 1)


def test_an_interval_of_accuracy_is_the_binomials():
    truth = np.random.RandomState(0).randint(2, size=1000)
    wrong = np.arange(1000) % 5 == 0
    low, high = intervals.classification(truth, np.eye(2)[np.where(wrong, 1 - truth, truth)])["accuracy"]
    assert low == pytest.approx(0.8 - 1.96 * (0.8 * 0.2 / 1000) ** 0.5, abs=0.004)
    assert high == pytest.approx(0.8 + 1.96 * (0.8 * 0.2 / 1000) ** 0.5, abs=0.004)


def test_many_rows_are_resampled_in_groups():
    random = np.random.RandomState(0)
    truth = random.normal(size=50_000)
    found = intervals.regression(truth, truth + random.normal(size=50_000))["rmse"]
    assert found == pytest.approx([1 - 1.96 / 100_000 ** 0.5, 1 + 1.96 / 100_000 ** 0.5], abs=0.004)


def test_temperature_undoes_too_much_confidence():
    random = np.random.RandomState(1)
    logits = random.normal(size=(4000, 3)) * 2
    odds = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = (odds.cumsum(axis=1) > random.uniform(size=(4000, 1))).argmax(axis=1)
    assert calibration.find_temperature(logits, truth) == pytest.approx(1, abs=0.07)
    assert calibration.find_temperature(3 * logits, truth) == pytest.approx(3, abs=0.2)
    assert calibration.find_temperature(3 * logits[:5], truth[:5]) == pytest.approx(1, abs=0.6)
    assert calibration.calibration_error(truth, odds) < 0.03


# -- starts, and where they run --------------------------------------------------------------------------------------


def test_starts_differ_and_their_mean_is_kept(table, tmp_path):
    fitted = tabular.fit(table.drop(columns="price"), "band", **PLAIN, seeds=3)
    alone = tabular.fit(table.drop(columns="price"), "band", **PLAIN, seed=43)
    starts = fitted.starts
    assert starts.count == 3 and len({entry["test"]["log_loss"] for entry in starts.figures}) == 3
    assert starts.histories[1]["val_loss"] == pytest.approx(alone.history["val_loss"], rel=1e-4)
    assert starts.mean["accuracy"] == pytest.approx(np.mean([entry["test"]["accuracy"] for entry in starts.figures]))
    assert len(fitted.model.layers) == 5 and fitted.metrics["test"]["accuracy"] > starts.mean["accuracy"] - 0.05
    fitted.save(tmp_path)
    np.testing.assert_array_equal(tabular.load(tmp_path).predict_proba(table), fitted.predict_proba(table))


@pytest.mark.parametrize("task", ["band", "price"])
def test_interpreted_and_compiled_are_one(table, task):
    prepared = tabular.prepare(table.drop(columns={"band": "price", "price": "band"}[task]), task, hidden=[8], epochs=3,
                               dropout=0.3, optimizer="adamw", weight_decay=0.1)
    both = [replace(prepared.settings, seed=seed) for seed in (1, 2)]
    runs = [training.run_on(prepared, prepared.split, both)[0] for _ in range(2)]
    for run, compiled in zip(runs, (False, True)):
        run.compiled = compiled
        run.advance()
    for ours, theirs in zip(runs[0].histories, runs[1].histories):
        np.testing.assert_allclose(ours["val_loss"], theirs["val_loss"], rtol=2e-4)
    np.testing.assert_allclose(runs[0].copies.best_weights(1)[0], runs[1].copies.best_weights(1)[0], rtol=1e-3, atol=1e-4)


def test_a_search_goes_on_where_it_was(table, tmp_path, monkeypatch):
    shape = lambda settings, random: replace(settings, hidden=(int(random.choice([4, 8])),))
    monkeypatch.setattr(searching, "_another_shape", shape)
    prepared = tabular.prepare(table.drop(columns="price"), "band", hidden=[4], epochs=4)
    calls = []

    def stop():
        calls.append(1)
        return len(calls) > 8

    _, first = searching.search(prepared, 12, stop=stop, record=tmp_path / "trials.jsonl")
    assert 0 < len(first) < 12
    best, trials = searching.search(prepared, 12, record=tmp_path / "trials.jsonl")
    assert len(trials) == 12 and trials[:4] == first[:4] and trials[0].changes == {}
    assert sum(trial.dropped for trial in trials) == 9 and all(np.isfinite(trial.loss) for trial in trials)
    winner = min(trials, key=lambda trial: trial.loss)
    assert winner.changes.get("learning_rate", prepared.settings.learning_rate) == best.learning_rate


def test_what_a_search_proposes():
    groups = searching.propose(CLASSIFIER, 10, 1)
    assert [len(group) for group in groups] == [4, 4, 2] and groups[0][0] == CLASSIFIER
    assert all(one.hidden == group[0].hidden and one.batch_size == group[0].batch_size for group in groups for one in group)
    for group in groups:
        for one in group:
            check_settings(one)


# -- settings ----------------------------------------------------------------------------------------------


def test_recipes():
    assert choose_settings("classification", 13_209) == CLASSIFIER
    assert choose_settings("regression", 13_209) == REGRESSOR
    assert choose_settings("classification", 500).batch_size < CLASSIFIER.batch_size
    own = choose_settings("classification", 13_209, hidden=(64, 64), dropout=None, optimizer="SGD")
    assert own == replace(Settings(), hidden=(64, 64), optimizer="sgd") and own.embedding is None


# -- network -----------------------------------------------------------------------------------------------


def test_periodic_embedding_is_its_formula():
    layer = PeriodicEmbedding(2, scales=(0.1, 1.0), frequencies=3, width=4)
    x = np.random.RandomState(0).normal(size=(5, 3)).astype(np.float32)
    y = np.asarray(layer(tf.constant(x)))
    frequencies, kernel, bias = layer.get_weights()
    assert (frequencies.shape, kernel.shape, bias.shape) == ((2, 3), (2, 6, 4), (2, 4))
    angles = 2 * np.pi * x[:, :2, None] * frequencies
    waves = np.concatenate([np.sin(angles), np.cos(angles)], axis=-1)
    vectors = np.maximum(np.einsum("nfk,fkd->nfd", waves, kernel) + bias, 0)
    np.testing.assert_allclose(y[:, :8], vectors.reshape(5, 8), rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(y[:, 8:], x[:, 2:])


def test_waves_are_sine_and_cosine():
    turns = np.linspace(-3, 3, 10_001).astype(np.float32)
    np.testing.assert_allclose(sine(tf.constant(turns)), np.sin(2 * np.pi * turns.astype(float)), atol=4e-6)
    np.testing.assert_allclose(cosine(tf.constant(turns)), np.cos(2 * np.pi * turns.astype(float)), atol=4e-6)
    x = tf.Variable(turns[::100])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(sine(x))
    np.testing.assert_allclose(tape.gradient(y, x), 2 * np.pi * np.cos(2 * np.pi * turns[::100].astype(float)), atol=2e-4)


def test_place_waves_are_their_formula():
    layer = PlaceWaves(1, waves=3, scale=0.5)
    x = np.random.RandomState(0).normal(size=(5, 4)).astype(np.float32)
    y = np.asarray(layer(tf.constant(x)))
    frequencies, = layer.get_weights()
    angles = 2 * np.pi * x[:, 2:] @ frequencies[0]
    np.testing.assert_allclose(y, np.concatenate([x[:, :2], np.sin(angles), np.cos(angles)], axis=1), atol=1e-5)
    assert layer.compute_output_shape((None, 4)) == (None, 8)
    assert PlaceWaves.from_config(layer.get_config()).get_config() == layer.get_config()


def test_mean_of_networks():
    logits = [np.random.RandomState(seed).normal(size=(4, 3)).astype(np.float32) for seed in range(3)]
    odds = [np.exp(one) / np.exp(one).sum(axis=1, keepdims=True) for one in logits]
    found = np.asarray(tf.nn.softmax(MeanOfNetworks(probabilities=True)([tf.constant(one) for one in logits])))
    np.testing.assert_allclose(found, np.mean(odds, axis=0), rtol=1e-5)
    np.testing.assert_allclose(MeanOfNetworks(probabilities=False)([tf.constant(one) for one in logits]), np.mean(logits, axis=0),
                               rtol=1e-5, atol=1e-6)


def test_periodic_embedding_is_made_again_from_its_config():
    layer = PeriodicEmbedding(2, scales=(0.1, 1.0), frequencies=3, width=4)
    again = PeriodicEmbedding.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


def test_plain_network_has_plain_layers():
    model = build_model(Settings(hidden=(64, 64)), Shape(width=9, numbers=9, outputs=5))
    assert [w.shape for w in model.get_weights()] == [(9, 64), (64,), (64, 64), (64,), (64, 5), (5,)]


@pytest.mark.parametrize("name", ["adamw", "adam", "nadam", "adamax", "sgd", "rmsprop", "adagrad", "adadelta", "ftrl"])
def test_every_optimizer_can_be_made(name):
    assert type(make_optimizer(Settings(optimizer=name))).__name__.lower() == name


# -- saving ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["classifier", "regressor"])
def test_saved_and_loaded(table, tmp_path, request, which):
    fitted = request.getfixturevalue(which)
    names = output.write_output(fitted, tmp_path)
    assert names[:2] == ["model/", "metrics.json"] and all((tmp_path / name).exists() for name in names)
    for folder in (tmp_path, tmp_path / "model"):
        np.testing.assert_array_equal(tabular.load(folder).predict(table), fitted.predict(table))
    written = json.loads((tmp_path / "metrics.json").read_text())
    assert written["task"] == fitted.task and written["settings"]["hidden"] == [32] and written["seconds"] > 0
    assert all(written[part] == fitted.metrics[part] for part in ("train", "dev", "test"))


def test_saving_again_leaves_one_file_of_weights(table, classifier, tmp_path):
    classifier.save(tmp_path)
    tabular.fit(table.drop(columns="price"), "band", hidden=[8], epochs=1).save(tmp_path)
    assert len(list(tmp_path.glob("weights-*.npz"))) == 1
    assert tabular.load(tmp_path).settings.hidden == (8,)


@pytest.mark.parametrize("fails_at", [0, 1])
def test_a_full_disk_loses_nothing(table, classifier, tmp_path, monkeypatch, fails_at):
    classifier.save(tmp_path)
    before = classifier.predict(table)
    after = tabular.fit(table.drop(columns="price"), "band", hidden=[8], epochs=1)
    opened = []

    def full(path, mode="r", *args, **kwargs):
        if "w" in mode:
            opened.append(path)
            if len(opened) == fails_at + 1:
                Path(path).write_bytes(b"half a fi")
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return builtins.open(path, mode, *args, **kwargs)

    monkeypatch.setattr(writing, "open", full, raising=False)
    with pytest.raises(tabular.TableError, match="No space left on device"):
        after.save(tmp_path)
    assert not list(tmp_path.glob(".*"))
    np.testing.assert_array_equal(tabular.load(tmp_path).predict(table), before)


def damage(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_models_that_cannot_be_loaded(classifier, tmp_path):
    with pytest.raises(tabular.TableError, match="there is no model in"):
        tabular.load(tmp_path / "nothing")
    classifier.save(tmp_path)
    whole = (tmp_path / "config.json").read_text()
    for changes, sentence in [
        ({"format": "something else"}, "does not hold a table model"),
        ({"version": 99, "thalweg": "9.9"}, "written by Thalweg 9.9"),
        ({"classes": ["a", "b"]}, "damaged .*weight 2 is"),
        ({"weights": "../../weights.npz"}, "damaged"),
        ({"settings": {"hidden": [10 ** 9]}}, "hidden is"),
        ({"preprocessor": None}, "damaged"),
    ]:
        damage(tmp_path, **changes)
        with pytest.raises(tabular.TableError, match=sentence):
            tabular.load(tmp_path)
        (tmp_path / "config.json").write_text(whole)
    (tmp_path / "config.json").write_text(whole[:100])
    with pytest.raises(tabular.TableError, match="cannot read"):
        tabular.load(tmp_path)


# -- real data ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(not REAL.is_file(), reason="THALWEG_DATA_DIR names no folder with housing.csv.gz")
def test_real_housing_reaches_its_mark():
    fitted = tabular.fit(tabular.read_table(REAL), "ocean_proximity")
    assert fitted.metrics["test"]["rows"] == 4128
    assert fitted.metrics["test"]["accuracy"] >= 0.97
    assert fitted.metrics["test"]["macro_f1"] >= 0.95


@pytest.mark.skipif(not REAL.is_file(), reason="THALWEG_DATA_DIR names no folder with housing.csv.gz")
def test_real_house_values_reach_their_mark():
    assert tabular.fit(tabular.read_table(REAL), "median_house_value").metrics["test"]["r2"] >= 0.80
