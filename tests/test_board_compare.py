"""The compare page: what it reads, whom it answers, and how it looks in a browser."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import numpy as np
import pytest

import thalweg as tf
from thalweg.apps import board
from thalweg.apps.compare import server
from thalweg.apps.compare.runs import Runs, smoothed, thinned


def write(folder, losses=(0.5, 0.3, 0.9)):
    """A run for each last loss, as the callback and `tf.summary.hparams` write it."""
    for i, last in enumerate(losses):
        for part, shift in (("train", 0.0), ("validation", 0.1)):
            with tf.summary.create_file_writer(f"{folder}/run{i}/{part}").as_default():
                for step in range(50):
                    tf.summary.scalar("epoch_loss", last + shift + 1 / (step + 1), step=step)
        with tf.summary.create_file_writer(f"{folder}/run{i}").as_default():
            tf.summary.hparams({"rate": 0.1 / (i + 1), "optimizer": "adam"})
            tf.summary.hparams_end()


# -- reading ------------------------------------------------------------------------------------------------


def test_the_parts_of_a_run_are_one(tmp_path):
    write(tmp_path)
    runs = Runs(str(tmp_path))
    assert runs.update() and not runs.update()
    table = runs.table()
    assert [row["name"] for row in table] == ["run0", "run1", "run2"]
    assert table[1]["settings"] == {"rate": 0.05, "optimizer": "adam"} and table[1]["status"] == "done"
    loss = table[1]["measures"]["validation/epoch_loss"]
    assert loss["min_step"] == loss["last_step"] == 49 and loss["max_step"] == 0 and loss["count"] == 50
    assert loss["last"] == pytest.approx(0.42)
    assert list(runs.curves("train/epoch_loss")) == ["run0", "run1", "run2"]


def test_what_is_written_meanwhile_is_found(tmp_path):
    runs = Runs(str(tmp_path))
    assert not runs.update() and runs.table() == []
    with tf.summary.create_file_writer(str(tmp_path / "new")).as_default() as writer:
        for step in range(3):
            tf.summary.scalar("x", float("nan") if step == 1 else step, step=step)
            writer.flush()
            runs.update()
            version = runs.version
    assert version >= 3
    assert runs.curves("x")["new"] == {"steps": [0, 1, 2], "values": [0.0, None, 2.0]}
    assert runs.table()[0]["measures"]["x"]["max"] == 2.0


def test_a_damaged_file_is_shown_up_to_its_damage(tmp_path):
    write(tmp_path, [0.5])
    (file,) = (tmp_path / "run0/train").iterdir()
    data = bytearray(file.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    file.write_bytes(data)
    runs = Runs(str(tmp_path))
    runs.update()
    assert "corrupted" in runs.table()[0]["damage"]
    json.dumps(runs.table())


def test_smoothing_is_a_running_mean_without_a_start():
    values = np.array([1.0, np.nan, 3.0, 3.0])
    expected = [1.0, np.nan, (0.5 * 0.5 * 1 + 0.5 * 3) / 0.75, (0.25 * 0.5 * 1 + 0.25 * 3 + 0.5 * 3) / 0.875]
    np.testing.assert_allclose(smoothed(values, 0.5), expected)


@pytest.mark.parametrize("log_x", [False, True])
def test_thinning_keeps_the_peaks(log_x):
    steps = np.arange(100_000)
    values = np.sin(steps / 3000)
    values[[777, 50_001]] = [9.0, -9.0]
    thin_steps, thin_values = thinned(steps, values, 500, log_x)
    assert len(thin_steps) <= 2000 and {777, 50_001} <= set(thin_steps)
    assert thin_steps[0] == 0 and thin_steps[-1] == 99_999 and (np.diff(thin_steps) > 0).all()
    np.testing.assert_array_equal(thin_values, values[thin_steps])


def test_deleting_a_run_leaves_everything_else(tmp_path):
    write(tmp_path)
    (tmp_path / "run1/train/weights.h5").write_text("kept")
    runs = Runs(str(tmp_path))
    runs.update()
    assert runs.delete("run1") == 3
    assert [row["name"] for row in runs.table()] == ["run0", "run2"]
    assert [str(p.relative_to(tmp_path)) for p in (tmp_path / "run1").rglob("*") if p.is_file()] == ["run1/train/weights.h5"]
    assert runs.delete("run0") == 3 and not (tmp_path / "run0").exists()
    with pytest.raises(KeyError):
        runs.delete("../elsewhere")


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no symbolic links here")
def test_nothing_outside_the_folder_is_deleted(tmp_path):
    write(tmp_path / "elsewhere", [0.5])
    (tmp_path / "logs").mkdir()
    os.symlink(tmp_path / "elsewhere/run0", tmp_path / "logs/linked")
    runs = Runs(str(tmp_path / "logs"))
    runs.update()
    name = runs.table()[0]["name"]
    with pytest.raises(PermissionError):
        runs.delete(name)
    assert list((tmp_path / "elsewhere/run0/train").iterdir())


def test_the_table_as_csv(tmp_path):
    write(tmp_path, [0.5])
    with tf.summary.create_file_writer(str(tmp_path / "=1+1")).as_default():
        tf.summary.scalar("x", 1.0, step=0)
    runs = Runs(str(tmp_path))
    runs.update()
    rows = list(csv.DictReader(io.StringIO(server.as_csv(runs.table()))))
    assert [row["run"] for row in rows] == ["'=1+1", "run0"]
    assert float(rows[1]["train/epoch_loss (min)"]) == pytest.approx(0.52) and rows[1]["optimizer"] == "adam"


def test_many_points_are_read_in_pieces(tmp_path, monkeypatch):
    from thalweg.engine.formats import event_file

    monkeypatch.setattr(event_file, "_CHUNK", 1 << 12)
    with tf.summary.create_file_writer(str(tmp_path)).as_default() as writer:
        for step in range(3000):
            writer.add_scalar("x", step, step)
    runs = Runs(str(tmp_path))
    runs.update()
    assert runs.table()[0]["measures"]["x"]["count"] == 3000


# -- `thalweg board`'s sentences ------------------------------------------------------------------------------


def complaint(capsys, *arguments):
    assert board.main(list(arguments)) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1
    return printed.err


def test_folders_that_cannot_be_shown(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert "there is no folder" in complaint(capsys, str(tmp_path / "missing"))
    assert "is a file" in complaint(capsys, str(tmp_path / "file"))


def test_an_unreadable_folder(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(board.os, "access", lambda *a: False)
    assert "cannot be read" in complaint(capsys, str(tmp_path))


def test_an_empty_folder_is_told_and_served(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(board, "start_tensorboard", lambda *a: (_ for _ in ()).throw(board.BoardError("stop here")))
    assert board.main([str(tmp_path)]) == 2
    assert "holds no event files yet" in capsys.readouterr().err


def test_a_missing_package(tmp_path, capsys, monkeypatch):
    write(tmp_path, [0.5])
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    assert "pip install 'thalweg[board]'" in complaint(capsys, str(tmp_path))
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert "pip install 'thalweg[board]'" in complaint(capsys, "--compare", str(tmp_path))


def test_a_port_in_use(tmp_path, capsys):
    import socket

    write(tmp_path, [0.5])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"port {port} is in use" in complaint(capsys, "--compare", "--port", port, str(tmp_path))
        pytest.importorskip("tensorboard")
        command = [sys.executable, "-m", "thalweg", "board", "--port", port, str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (2, f"thalweg: port {port} is in use; leave out --port for a free one.\n")


# -- the page -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    pytest.importorskip("uvicorn")
    folder = tmp_path_factory.mktemp("compared")
    write(folder)
    command = [sys.executable, "-m", "thalweg", "board", "--compare", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    yield re.search(r"http://\S+", process.stdout.readline())[0], folder
    process.send_signal(signal.SIGINT)
    process.wait(20)
    process.stdout.close()


def status(url, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_only_this_machine_with_the_token_is_answered(served):
    url, _ = served
    base, token = url.split("?token=")
    assert base.startswith("http://127.0.0.1:") and len(token) > 20
    assert status(url) == 200
    for path in ("", "api/runs", "api/curves?tag=x", "runs.csv", "compare.js"):
        assert status(base + path) == 403
    assert status(base + "api/runs?token=wrong") == 403
    assert status(url, Host="evil.example") == 400  # a page that renames this machine
    assert status(f"{base}runs.py?token={token}") == 404
    delete = urllib.request.Request(f"{base}api/delete?run=run0&token={token}", method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:  # a token in the address does not delete
        urllib.request.urlopen(delete, timeout=20)
    with refused.value:
        assert refused.value.code == 403


def until(page, holds):
    """Wait for something to hold. Playwright's own way evaluates text in the page, which the page's policy forbids."""
    deadline = time.time() + 20
    while not holds():
        assert time.time() < deadline
        page.wait_for_timeout(50)


def test_the_page_in_a_browser(served, chromium):
    url, folder = served
    faults = []
    page = chromium.new_page(viewport={"width": 1180, "height": 640})
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.goto(url)
    page.locator("tbody tr").nth(2).wait_for()

    def names():
        return [t.strip() for t in page.locator("tbody td:nth-child(2)").all_inner_texts()]

    page.select_option("#tag", "validation/epoch_loss")
    page.click("th button:has-text('Best')")
    assert names() == ["run1", "run0", "run2"]  # the least first: it is a loss
    assert page.locator("tr.winner td.best").inner_text() == "0.42"
    page.click("th button:has-text('Best')")
    assert names() == ["run2", "run0", "run1"]

    before = page.evaluate("document.getElementById('chart').toDataURL()")
    page.check("#logx")
    until(page, lambda: page.evaluate("document.getElementById('chart').toDataURL()") != before)
    page.fill("#smoothing", "0.8")
    page.uncheck("input[aria-label='Show run2']")
    assert page.locator("tr.off").count() == 1
    if os.environ.get("THALWEG_SCREENSHOTS"):
        page.wait_for_timeout(2500)
        page.evaluate("document.getElementById('folder').textContent = 'logs'")
        page.screenshot(path=f"{os.environ['THALWEG_SCREENSHOTS']}/compare.png")
    page.fill("#filter", "run1")
    assert names() == ["run1"]
    page.fill("#filter", "")

    with page.expect_download() as download:
        page.click("#csv")
    with open(download.value.path()) as file:
        assert len(list(csv.reader(file))) == 4
    with page.expect_download() as download:
        page.click("#png")
    with open(download.value.path(), "rb") as file:
        assert file.read(8) == b"\x89PNG\r\n\x1a\n"

    page.click("button[aria-label='Delete run0']")
    page.click("button:has-text('Keep it')")
    assert (folder / "run0").exists()
    page.click("button[aria-label='Delete run0']")
    page.locator("dialog button:has-text('Delete')").click()
    until(page, lambda: page.locator("tbody tr").count() == 2)
    deadline = time.time() + 10
    while (folder / "run0").exists() and time.time() < deadline:
        time.sleep(0.05)
    assert not (folder / "run0").exists()

    with tf.summary.create_file_writer(str(folder / "late")).as_default():  # a run that starts meanwhile
        tf.summary.scalar("x", 1.0, step=0)
    page.locator("td:has-text('late')").wait_for()
    page.close()
    assert faults == []
