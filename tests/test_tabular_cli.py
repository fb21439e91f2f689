"""`thalweg fit` and `thalweg predict`, as typed."""

import io
import json
import signal
import subprocess
import sys

import numpy as np
import pytest

import thalweg.tabular.california as california
from thalweg.apps.main import COMMANDS, main
from thalweg.tabular import TableError, load, output
from thalweg.tabular.prediction import predict_table
from thalweg.tabular.progress import Progress
from thalweg.tabular.reading import open_table
from thalweg.tabular.running import Epoch

pd = pytest.importorskip("pandas")
QUICK = ["--hidden", "16", "--epochs", "5", "--batch-size", "8", "--learning-rate", "0.02"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a table, and a classifier and a regressor fitted to it."""
    folder = tmp_path_factory.mktemp("cli")
    random = np.random.RandomState(0)
    size = random.normal(5, 2, 300).round(3)
    kind = np.where(size > 5, "big", "small")
    pd.DataFrame({"size": size, "town": random.choice(["e", "w"], 300), "kind": kind}).to_csv(folder / "table.csv", index=False)
    assert main(["fit", str(folder / "table.csv"), "--target", "kind", "--out", str(folder / "kinds"), *QUICK]) == 0
    assert main(["fit", str(folder / "table.csv"), "--target", "size", "--out", str(folder / "sizes"), *QUICK]) == 0
    return folder


def run(capsys, *arguments):
    status = main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_fit_says_what_it_did(folder, capsys, tmp_path):
    status, out, err = run(capsys, "fit", folder / "table.csv", "--target", "kind", "--out", tmp_path / "out", *QUICK)
    assert (status, err) == (0, "")
    for words in ("300 rows, 3 columns", "category   2 values: ", "2 classes: ", "192 rows to train on, 48 to choose by (dev), 60",
                  "-> 16 -> 2, relu", "epoch 1/5", "epoch 5/5", "accuracy  macro F1", "precision", "Confusion", "Written to"):
        assert words in out
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["test"]["rows"] == 60


def test_fit_of_numbers(folder):
    written = json.loads((folder / "sizes" / "metrics.json").read_text())
    assert written["task"] == "regression" and set(written["test"]) == {"rows", "r2", "mae", "rmse", "intervals"}


def test_settings_are_passed_on(folder, capsys, tmp_path):
    run(capsys, "fit", folder / "table.csv", "--target", "kind", "--out", tmp_path, "--hidden", "8,4", "--activation", "tanh",
        "--optimizer", "sgd", "--epochs", "2", "--batch-size", "16", "--dropout", "0.25", "--learning-rate", "0.05", "--seed", "9")
    settings = json.loads((tmp_path / "metrics.json").read_text())["settings"]
    assert settings == {
        "hidden": [8, 4], "activation": "tanh", "embedding": None, "waves": 16, "place_waves": 0, "place_scale": 1.0,
        "scaling": "standard", "optimizer": "sgd", "learning_rate": 0.05, "weight_decay": 0.0, "dropout": 0.25, "balance": False,
        "class_floor": 0.0, "epochs": 2, "patience": 30, "batch_size": 16, "seed": 9, "split_seed": 42, "members": 1}


def test_default_output_folder(folder, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(capsys, "fit", folder / "table.csv", "--target", "kind", *QUICK)
    made, = (tmp_path / "thalweg-fit").iterdir()
    assert made.name.startswith("table-") and (made / "model" / "config.json").is_file()


def test_without_a_table_it_takes_california(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("THALWEG_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(california, "ADDRESSES", ())
    status, out, _ = run(capsys, "fit", "--out", tmp_path / "out", "--hidden", "16", "--epochs", "1", "--batch-size", "256")
    assert status == 0
    assert out.startswith("simulated California: ") and "5 classes: <1H OCEAN" in out


# -- predict -----------------------------------------------------------------------------------------------


def test_predict_keeps_rows_and_cells(folder, capsys, tmp_path):
    new = tmp_path / "new.csv"
    new.write_text('note,town,size\n"a, b",w,09.50\n,e,1.0\nlast,nowhere,\n')
    status, out, err = run(capsys, "predict", folder / "kinds", new)
    assert (status, err) == (0, "")
    answer = pd.read_csv(io.StringIO(out), dtype=str, keep_default_na=False)
    assert list(answer.columns) == ["note", "town", "size", "predicted_kind", "probability_big", "probability_small"]
    cells = answer[["note", "town", "size"]].to_numpy().tolist()
    assert cells == [["a, b", "w", "09.50"], ["", "e", "1.0"], ["last", "nowhere", ""]]
    assert answer["predicted_kind"].tolist()[:2] == ["big", "small"]
    np.testing.assert_allclose(answer[["probability_big", "probability_small"]].astype(float).sum(axis=1), 1, atol=2e-6)


def test_predict_twice_replaces(folder, capsys, tmp_path):
    run(capsys, "predict", folder / "kinds", folder / "table.csv", "--out", tmp_path / "once.csv")
    run(capsys, "predict", folder / "kinds" / "model", tmp_path / "once.csv", "--out", tmp_path / "twice.csv")
    assert (tmp_path / "twice.csv").read_text() == (tmp_path / "once.csv").read_text()


def test_predict_numbers(folder, capsys):
    _, out, _ = run(capsys, "predict", folder / "sizes", folder / "table.csv")
    answer = pd.read_csv(io.StringIO(out))
    assert list(answer.columns) == ["size", "town", "kind", "predicted_size"] and len(answer) == 300
    assert np.corrcoef(answer["size"], answer["predicted_size"])[0, 1] > 0.7


def test_predict_streams_in_order_and_tells_of_drift(folder, tmp_path):
    rows = 5_000
    random = np.random.RandomState(1)
    new = pd.DataFrame({"number": range(rows), "size": random.normal(9, 1, rows), "town": random.choice(["e", "x"], rows)})
    new.to_csv(tmp_path / "new.csv", index=False)
    done, warnings = predict_table(load(folder / "kinds"), open_table(tmp_path / "new.csv"), tmp_path / "out.csv", chunk=700)
    answer = pd.read_csv(tmp_path / "out.csv")
    assert done == rows and answer["number"].tolist() == list(range(rows))
    whole = load(folder / "kinds").predict_proba(new)
    np.testing.assert_allclose(answer["probability_big"], whole[:, 0], atol=2e-6)
    assert len(warnings) == 2 and "column 'size' has moved away" in warnings[0] and "a category that was not seen in" in warnings[1]


def test_rows_as_in_training_are_no_drift(folder, tmp_path):
    assert predict_table(load(folder / "kinds"), open_table(folder / "table.csv"), tmp_path / "out.csv", chunk=100) == (300, [])


def test_decimal_commas_stay_as_they_are(folder, capsys, tmp_path):
    (tmp_path / "new.csv").write_text("size;town\n9,5;w\n1,25;e\n")
    _, out, _ = run(capsys, "predict", folder / "kinds", tmp_path / "new.csv")
    lines = out.splitlines()
    assert lines[0] == "size;town;predicted_kind;probability_big;probability_small"
    assert lines[1].startswith("9,5;w;big;0,") and lines[2].startswith("1,25;e;small;0,")


def test_a_bad_cell_far_into_the_file_is_named_and_nothing_is_written(folder, tmp_path):
    (tmp_path / "new.csv").write_text("size,town\n" + "1,e\n" * 90 + "tall,e\n" * 3)
    (tmp_path / "out.csv").write_text("before")
    with pytest.raises(TableError, match=r"numbers belong .*first in row 91: 'tall'.*whose rows before 81 were predicted"):
        predict_table(load(folder / "kinds"), open_table(tmp_path / "new.csv"), tmp_path / "out.csv", chunk=80)
    assert (tmp_path / "out.csv").read_text() == "before" and not list(tmp_path.glob(".*"))


def test_evaluate(folder, capsys, tmp_path):
    status, out, err = run(capsys, "evaluate", folder / "kinds", folder / "table.csv", "--json", tmp_path / "scores.json")
    assert (status, err) == (0, "")
    for words in ("kind in", "300 rows", "accuracy 1.0000", "95 %: accuracy ", "precision", "Confusion"):
        assert words in out
    assert json.loads((tmp_path / "scores.json").read_text())["rows"] == 300
    assert "R2 0." in run(capsys, "evaluate", folder / "sizes", folder / "table.csv")[1]
    (tmp_path / "bare.csv").write_text("size,town,kind\n1,e,\n")
    assert "no row of" in run(capsys, "evaluate", folder / "kinds", tmp_path / "bare.csv")[2]
    (tmp_path / "other.csv").write_text("size,town,kind\n1,e,huge\n")
    assert "a class that the model does not know" in run(capsys, "evaluate", folder / "kinds", tmp_path / "other.csv")[2]


# -- more than one training ------------------------------------------------------------------------------------


@pytest.fixture
def quiet(monkeypatch):
    """No pictures and no page: they are tested by themselves."""

    def write(fitted, folder):
        fitted.save(folder / "model")
        (folder / "metrics.json").write_text(json.dumps(fitted.summary()))
        return ["model/"]

    monkeypatch.setattr(output, "write_output", write)


def test_seeds_folds_search_and_comparison(folder, capsys, tmp_path, quiet):
    pytest.importorskip("sklearn")
    status, out, err = run(capsys, "fit", folder / "table.csv", "--target", "kind", "--out", tmp_path / "out", *QUICK,
                           "--seeds", "3", "--cv", "2", "--tune", "5", "--compare", "--balance")
    assert (status, err) == (0, "")
    for words in ("trial   1/5", "3 starts at once", "3 starts, each by itself", "2 folds, mean and spread", "these 3 networks",
                  "random forest", "k nearest neighbours"):
        assert words in out
    written = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert written["starts"]["count"] == 3 and len(written["folds"]["figures"]) == 2 and len(written["trials"]) == 5
    assert {entry["name"] for entry in written["compared"]} >= {"logistic regression", "gradient boosting", "plain network"}
    assert written["record"]["command"].startswith("thalweg fit ") and "thalweg" in written["record"]["versions"]
    assert not (tmp_path / "out" / ".unfinished").exists()


def test_several_targets(folder, capsys, tmp_path, quiet):
    status, out, _ = run(capsys, "fit", folder / "table.csv", "--target", "kind,size", "--out", tmp_path / "out", *QUICK)
    assert status == 0 and "size  left out   as asked" in out
    _, out, _ = run(capsys, "predict", tmp_path / "out", folder / "table.csv")
    answer = pd.read_csv(io.StringIO(out))
    assert {"predicted_kind", "predicted_size", "probability_big"} <= set(answer.columns)
    _, out, _ = run(capsys, "evaluate", tmp_path / "out", folder / "table.csv")
    assert "kind in" in out and "size in" in out


def test_columns_as_asked(folder, capsys, tmp_path, quiet):
    table = pd.read_csv(folder / "table.csv")
    table["who"], table["when"], table["much"] = table.index // 3, range(2000, 2300), 1 + table.index % 2
    table["note"] = "same, all over"
    table.to_csv(tmp_path / "t.csv", index=False)
    status, out, _ = run(capsys, "fit", tmp_path / "t.csv", "--target", "kind", "--out", tmp_path / "o", *QUICK, "--group", "who",
                         "--weights", "much", "--types", "when=category,town=drop", "--drop", "note")
    assert status == 0
    plain = " ".join(out.split())
    for words in ("who left out keeps rows together", "much left out what a row counts for", "when category 300 values",
                  "town left out as asked", "note left out as asked"):
        assert words in plain
    test = table[-40:]
    test.to_csv(tmp_path / "test.csv", index=False)
    _, out, _ = run(capsys, "fit", tmp_path / "t.csv", "--target", "kind", "--out", tmp_path / "o", *QUICK, "--time", "when",
                    "--test", tmp_path / "test.csv")
    assert "40 to test" in out


def test_stopped_and_gone_on(folder, capsys, tmp_path, quiet, monkeypatch):
    """Ctrl-C after the second epoch keeps the best so far, and `--resume` ends where an undisturbed run does."""
    words = ["fit", folder / "table.csv", "--target", "kind", *QUICK]
    run(capsys, *words, "--out", tmp_path / "whole")
    heard = []

    def press(progress, epoch):
        heard.append(epoch.number)
        if epoch.number == 2:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(Progress, "__call__", press)
        status, out, _ = run(capsys, *words, "--out", tmp_path / "parts")
    assert status == 130 and max(heard) <= 3 and "To go on where it was stopped: thalweg fit" in out and "--resume" in out
    assert (tmp_path / "parts" / ".unfinished" / "training.npz").is_file()
    assert load(tmp_path / "parts").predict(pd.read_csv(folder / "table.csv")).shape == (300,)
    status, out, _ = run(capsys, *words, "--out", tmp_path / "parts", "--resume")
    assert status == 0 and "epoch 1/5" not in out and "epoch 5/5" in out
    table = pd.read_csv(folder / "table.csv")
    np.testing.assert_array_equal(load(tmp_path / "parts").predict_proba(table), load(tmp_path / "whole").predict_proba(table))
    assert not (tmp_path / "parts" / ".unfinished").exists()


# -- what goes wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["fit", "nowhere.csv", "--target", "x"], "there is no file 'nowhere.csv'"),
    (["fit", "TABLE"], "say which column to predict with --target; the columns are 'size', 'town', 'kind'"),
    (["fit", "TABLE", "--target", "Kinds"], "no column 'Kinds'. Did you mean 'kind'"),
    (["fit", "TABLE", "--target", "kind", "--optimizer", "magic"], "no optimizer 'magic'"),
    (["fit", "TABLE", "--target", "kind", "--out", "TABLE"], "cannot make the folder"),
    (["predict", "nowhere", "TABLE"], "there is no model in 'nowhere'"),
    (["predict", "MODEL", "nowhere.csv"], "there is no file 'nowhere.csv'"),
    (["predict", "MODEL", "OTHER"], "lacks columns 'size', 'town'"),
    (["fut"], "no command 'fut'. Did you mean 'fit'"),
])
def test_one_sentence_and_status_2(folder, capsys, tmp_path, arguments, sentence):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    places = {"TABLE": folder / "table.csv", "MODEL": folder / "kinds", "OTHER": tmp_path / "other.csv"}
    status, _, err = run(capsys, *(places.get(argument, argument) for argument in arguments))
    assert status == 2
    assert err.startswith("thalweg: ") and sentence in err and err.count("\n") == 1


def test_wrong_options_are_refused(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["fit", "--hidden", "wide"])
    assert stopped.value.code == 2
    assert "not a list of whole numbers" in capsys.readouterr().err


def test_usage_names_every_command(capsys):
    status, out, _ = run(capsys, "--help")
    assert status == 0 and all(command in out for command in COMMANDS)
    assert run(capsys, "--version")[1].startswith("thalweg ")


def test_as_a_module(folder, tmp_path):
    done = subprocess.run([sys.executable, "-m", "thalweg", "fit", "missing.csv", "--target", "x"], capture_output=True, text=True,
                          cwd=tmp_path, timeout=120)
    assert done.returncode == 2
    assert done.stderr == "thalweg: there is no file 'missing.csv'.\n"


# -- progress ----------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


def epochs(count):
    for number in range(1, count + 1):
        loss = {"loss": 1 / number, "val_loss": abs(number - 30) + 1.0, "accuracy": 0.5, "val_accuracy": 0.25}
        yield Epoch(number, count, loss, number * 0.5)


def test_a_log_gets_a_dozen_lines():
    stream = io.StringIO()
    progress = Progress(stream)
    for epoch in epochs(50):
        progress(epoch)
    progress.close()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 11
    assert lines[0] == "epoch  1/50  loss 1.0000  dev 30.0000   accuracy 0.5000  dev 0.2500   best  1   0.5 s"
    assert lines[1].endswith("best  5   2.5 s, 22 s to go")
    assert lines[-1].endswith("best 30   25.0 s")


def test_a_terminal_gets_one_line():
    stream = Terminal()
    progress = Progress(stream)
    for epoch in epochs(50):
        progress(epoch)
    progress.close()
    text = stream.getvalue()
    assert text.count("\r") == 50 and text.count("\n") == 1 and text.endswith("\n")
