"""Tables that are streamed: they are learned as from memory, row by row once, and what is said where they cannot be.

What memory they take is measured by `bench/tabular_large.py`.
"""

import numpy as np
import pytest

import thalweg.tabular as tabular
from thalweg.apps.main import main
from thalweg.tabular import large, output
from thalweg.tabular.reading import open_table

pd = pytest.importorskip("pandas")
QUICK = {"hidden": [16], "epochs": 4, "batch_size": 64, "learning_rate": 0.02}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """6,000 rows sorted by their class, with a class of three rows and rows without one."""
    random = np.random.RandomState(0)
    frame = pd.DataFrame({"size": random.normal(size=6000), "wealth": np.exp(random.normal(size=6000)),
                          "town": random.choice(["e", "w"], 6000), "weight": random.choice([1, 3], 6000)})
    frame["price"] = 3 * frame["size"] + np.log(frame["wealth"]) + (frame["town"] == "w")
    frame["kind"] = np.where(frame["price"] > 0.5, "big", "small")
    frame.loc[:2, "kind"] = "odd"
    frame = frame.sort_values("kind", ignore_index=True)
    frame.loc[::500, "kind"] = None
    path = tmp_path_factory.mktemp("large") / "table.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(large, "CHUNK_ROWS", 700)


def stream(path, target, **options):
    table = large.LargeTable.survey(open_table(path), sample_rows=1000, block_rows=900)
    assert len(table) == 6000
    return tabular.fit(table, target, **{**QUICK, **options})


def test_a_sorted_table_is_learned_from_blocks(path):
    fitted = stream(path, "kind", drop=["price"], weights="weight")
    assert fitted.classes == ["big", "odd", "small"] and fitted.metrics["test"]["accuracy"] > 0.9
    assert 1000 <= len(fitted.prepared.frame) <= 1003 and 200 <= fitted.metrics["test"]["rows"] <= 202
    assert len(fitted.history["loss"]) == 4 * 7 and "6,000 rows are streamed 4 times" in fitted.prepared.remarks[-1]
    assert stream(path, "price", drop=["kind"]).metrics["test"]["r2"] > 0.9


def test_rows_that_are_tested_on_are_not_trained_on(path):
    table = large.LargeTable.survey(open_table(path), sample_rows=1000, block_rows=900)
    prepared, held = table.prepare("price", drop=["kind"])
    frame = tabular.read_table(path)
    expected = prepared.frame.iloc[np.concatenate([prepared.split.dev, prepared.split.test])]
    assert sorted(frame["price"].iloc[held]) == sorted(expected["price"])
    encoded = np.concatenate([rows.y for rows in large._encoded(table, prepared, large.Goal(), held, None)])
    np.testing.assert_allclose(np.sort(encoded), np.sort(frame["price"].drop(held)), rtol=1e-5)


def test_blocks_hold_every_row_once(tmp_path):
    blocks = large._Blocks(tmp_path, 3, 2, classifies=True)
    random = np.random.default_rng(0)
    for start in (0, 4, 11):
        numbers = np.arange(start, {0: 4, 4: 11, 11: 18}[start])
        blocks.add(large.Rows(np.stack([numbers, -numbers], 1).astype(np.float32), numbers.astype(np.int32), 0.5 + numbers), random)
    blocks.close()
    read = [blocks.read(epoch) for epoch in range(3)]
    assert sorted(np.concatenate([rows.y for rows in read])) == list(range(18)) and {len(rows) for rows in read} == {6}
    for rows in read:
        np.testing.assert_array_equal(rows.x, np.stack([rows.y, -rows.y], 1))
        np.testing.assert_array_equal(rows.weight, rows.y + 0.5)


def test_what_cannot_be_streamed(path, monkeypatch):
    with pytest.raises(tabular.TableError, match="divided by chance, not by group"):
        stream(path, "kind", group="town")
    monkeypatch.setattr(large.shutil, "disk_usage", lambda path: type("", (), {"free": 1000}))
    with pytest.raises(tabular.TableError, match=r"encoded table takes .* GB on disk, but"):
        stream(path, "price", drop=["kind"])


def test_from_the_command_line(path, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(output, "write_output", lambda fitted, folder: fitted.save(folder / "model") or ["model/"])
    assert main(["fit", str(path), "--target", "kind", "--drop", "price", "--memory", "1K", "--out", str(tmp_path / "out"),
                 "--hidden", "8", "--epochs", "2", "--batch-size", "64"]) == 0
    assert "6,000 rows are streamed 2 times" in capsys.readouterr().out
    assert not (tmp_path / "out" / ".unfinished").exists()
