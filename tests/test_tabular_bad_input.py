"""Tables as people have them: each fault is a sentence that says what, where and what to do, or is mended with a word."""

import errno
import os
import signal
import threading

import numpy as np
import pytest

import thalweg.tabular as tabular
from thalweg.tabular import prediction, writing
from thalweg.tabular.interruption import interruptible
from thalweg.tabular.reading import open_table

pd = pytest.importorskip("pandas")
QUICK = {"hidden": [8], "epochs": 3}


@pytest.fixture
def table():
    random = np.random.RandomState(0)
    frame = pd.DataFrame({"size": random.normal(size=200), "town": random.choice(["e", "w"], 200)})
    return frame.assign(kind=np.where(frame["size"] > 0, "big", "small"))


@pytest.mark.parametrize(("change", "target", "sentence"), [
    (lambda t: t[:0], "kind", "the table has no rows"),
    (lambda t: t[:1], "kind", "the table has 1 usable row; at least 10"),
    (lambda t: t[:5], "kind", "5 usable rows; at least 10 are needed"),
    (lambda t: t.assign(kind="big"), "kind", "there is nothing to tell apart"),
    (lambda t: t.assign(kind=[None, "", "NA", "?"] * 50), "kind", "is empty in every row"),
    (lambda t: t[["kind"]].assign(a=1), "kind", "no column is left to predict 'kind' from; 'a': every cell is 1"),
    (lambda t: t.set_axis(["town", "town", "kind"], axis=1), "kind", "several columns named 'town'"),
    (lambda t: t.assign(size=t["size"].where(t.index != 7, -np.inf)), "kind",
     r"'size' holds an infinite value in 1 row of 200 \(first in row 8: '-inf'\); correct the cells, or empty them"),
    (lambda t: t.assign(size=t["size"].astype(object).where(t.index % 9 > 0, "tall")), "kind",
     r"'size' holds text where numbers belong in 23 rows of 200 \(first in row 1: 'tall'\)"),
    (lambda t: t.assign(price=t["size"].astype(object).where(t.index != 3, "cheap")), "price", "'price' holds text where numbers"),
    (lambda t: t.assign(price=t["size"].where(t.index != 3, np.inf)), "price", "'price' holds an infinite value in 1 row"),
    (lambda t: t.assign(name=[f"n{i}" for i in range(200)]), "name", "too many to be classes"),
    (lambda t: t.assign(z=t["size"] + 1j), "kind", "holds complex numbers"),
])
def test_tables_that_cannot_be_fitted(table, change, target, sentence):
    with pytest.raises(tabular.TableError, match=sentence):
        tabular.fit(change(table), target, **QUICK)


@pytest.mark.parametrize(("options", "sentence"), [
    ({"weights": "wieght"}, r"no column 'wieght' for weights. Did you mean 'weight'\?"),
    ({"weights": "kind"}, "'kind' is the target; it cannot be the column for weights too"),
    ({"weights": "low"}, r"'low' holds no weight or one below 0 in 1 row .*give every row a weight of 0 or more"),
    ({"weights": "none"}, "the weights in column 'none' are all 0"),
    ({"group": "town"}, "the rows form 2 groups; at least 3"),
    ({"group": "low", "time": "size"}, "by groups or by time, not by both"),
    ({"time": "gaps"}, "column 'gaps' holds no time in 1 row"),
    ({"test": pd.DataFrame({"size": [1.0], "kind": ["big"]})}, "the test table lacks 'town', 'weight', 'low' and 2 more"),
    ({"types": {"town": "number"}}, "'town' holds text where numbers belong in 200 rows"),
    ({"seeds": 0}, "seeds is 0"),
    ({"cv": 1}, "cv is 1"),
    ({"cv": 150}, "150 folds of 200 rows are asked for; there can be 2 to 50"),
])
def test_options_that_cannot_be(table, options, sentence):
    frame = table.assign(weight=1, low=np.where(table.index == 2, -1, 1), none=0.0, gaps=table["size"].where(table.index != 4))
    if "seeds" not in options and "cv" not in options:
        with pytest.raises(tabular.TableError, match=sentence.replace("'low' and 2 more", ".*")):
            tabular.prepare(frame, "kind", **options)
    else:
        with pytest.raises(tabular.TableError, match=sentence):
            tabular.fit(table, "kind", **options, **QUICK)


def test_numbers_written_as_text_and_a_few_odd_marks(table):
    written = table.assign(size=[f"${1000 + 100 * cell:,.2f}" for cell in table["size"]], gone=["?", "1.5", "n/a", "-"] * 50)
    prepared = tabular.prepare(written, "kind")
    assert {c.name: c.kind for c in prepared.columns} == {"size": "number", "town": "category", "gone": "left out"}
    assert np.isfinite(prepared.matrix).all()


def test_ten_thousand_categories_are_learned_with_a_word():
    random = np.random.RandomState(0)
    rows = 12_000
    city = np.concatenate([np.arange(10_000), random.randint(0, 20, rows - 10_000)])
    frame = pd.DataFrame({"city": [f"c{c}" for c in city], "size": random.normal(size=rows)})
    frame["kind"] = np.where(frame["size"] > 0, "big", "small")
    prepared = tabular.prepare(frame, "kind", types={"city": "category"})
    assert "10,000 values; the 128 most common are told apart" in prepared.columns[0].remark
    assert prepared.matrix.shape[1] < 150


def test_unseen_categories_and_gaps_are_predicted_for(table):
    fitted = tabular.fit(table, "kind", **QUICK)
    new = pd.DataFrame({"town": ["north", None], "size": [2.0, np.nan], "more": [1, 2]})
    assert np.isfinite(fitted.predict_proba(new)).all()
    assert fitted.predict(new[:0]).shape == (0,)
    with pytest.raises(tabular.TableError, match=r"lacks column 'town' that the model reads. Did you mean 'Town'\?"):
        fitted.predict(new.rename(columns={"town": "Town"}))


def test_a_disk_that_fills_while_predicting_keeps_what_was_there(table, tmp_path, monkeypatch):
    fitted = tabular.fit(table, "kind", **QUICK)
    table.to_csv(tmp_path / "new.csv", index=False)
    (tmp_path / "out.csv").write_text("what was there")

    class Full:
        def __init__(self, file):
            self.file = file

        def __getattr__(self, name):
            return getattr(self.file, name)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writing, "open", lambda *arguments: Full(open(*arguments)), raising=False)  # noqa: SIM115
    with pytest.raises(tabular.TableError, match=r"cannot write .*No space left on device. What was saved before is as it was"):
        prediction.predict_table(fitted, open_table(tmp_path / "new.csv"), tmp_path / "out.csv", chunk=50)
    assert (tmp_path / "out.csv").read_text() == "what was there" and not list(tmp_path.glob(".*"))


def test_ctrl_c_twice_ends_the_program():
    with pytest.raises(KeyboardInterrupt), interruptible() as interruption:
        signal.raise_signal(signal.SIGINT)
        assert interruption()
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_thread_of_its_own_hears_no_ctrl_c():
    heard = []

    def listen():
        with interruptible() as interruption:
            heard.append(interruption())

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert heard == [False]
