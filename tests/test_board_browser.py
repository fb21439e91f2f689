"""TensorBoard itself, started as `thalweg board` starts it and looked at in a browser: each dashboard shows what was written.

With THALWEG_SCREENSHOTS=FOLDER each page is kept as a picture.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import numpy as np
import pytest

import board_logs
from thalweg.summary.reading import Run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    board_logs.write(str(folder))
    return folder


@pytest.fixture(scope="module")
def board(folder):
    pytest.importorskip("tensorboard")
    command = [sys.executable, "-m", "thalweg", "board", str(folder), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        url = re.search(r"http://\S+", process.stdout.readline())[0]
        deadline = time.time() + 60
        while len(read(url, "data/runs")) < 12:
            assert time.time() < deadline, "TensorBoard does not find the runs"
            time.sleep(0.2)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        process.stdout.close()


@pytest.fixture(scope="module")
def page(board, chromium):
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.set_default_timeout(40_000)
    yield page
    page.close()


def read(url, route, **query):
    with urllib.request.urlopen(f"{url}{route}?{urllib.parse.urlencode(query)}", timeout=30) as answer:
        return json.load(answer)


def keep(page, name):
    pictures = os.environ.get("THALWEG_SCREENSHOTS")
    if pictures:
        page.wait_for_timeout(1500)
        Path(pictures).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{pictures}/{name}.png")


# Dashboard, what is put behind its name in the address, what must come to be seen there.
SEEN = [
    ("scalars", "&tagFilter=epoch_loss", ["text=run1/validation", "vz-line-chart2, tf-line-chart-data-loader", "text=epoch_loss"]),
    ("histograms", "&tagFilter=spread", ["text=spread", "vz-histogram-timeseries svg .histogram"]),
    ("distributions", "&tagFilter=spread", ["text=spread", "vz-distribution-chart svg path"]),
    ("text", "", ["h2:has-text('A heading')", "strong:has-text('bold')", "td:has-text('103')"]),
    ("pr_curves", "&tagFilter=class_1", ["text=class_1", "tf-pr-curve-card svg, vz-line-chart2"]),
    ("hparams", "", ["text=final_loss", "text=optimizer", "text=adam"]),
    ("audio", "", ["text=tone", "audio"]),
    ("mesh", "", ["tf-mesh-dashboard canvas, canvas"]),
    ("custom_scalars", "", ["text=both waves"]),
    ("graphs", "&run=run0%2Ftrain", ["text=gradient_tape", "text=sequential", "text=adam"]),
    ("timeseries", "", ["text=by_hand", "card-view"]),
]


@pytest.mark.parametrize(("name", "place", "seen"), SEEN, ids=[s[0] for s in SEEN])
def test_dashboards_show_what_was_written(board, page, name, place, seen):
    page.goto("about:blank")
    page.goto(f"{board}#{name}{place}")
    for selector in seen:
        page.locator(selector).first.wait_for(state="attached")
    keep(page, name)


def test_images_are_shown(board, page):
    page.goto("about:blank")
    page.goto(f"{board}#images&tagFilter=mosaic")
    page.wait_for_function("""() => {
        const found = [];
        const walk = root => root.querySelectorAll('*').forEach(e => {
            if (e.tagName === 'IMG' && e.naturalWidth === 32 && e.naturalHeight === 32) found.push(e);
            if (e.shadowRoot) walk(e.shadowRoot);
        });
        walk(document);
        return found.length >= 3;
    }""")
    keep(page, "images")


def test_the_projector_shows_points_with_their_labels(board, page):
    deadline = time.time() + 30
    while not read(board, "data/plugins_listing")["projector"]["enabled"]:  # it looks for files in its own time
        assert time.time() < deadline, "the Projector finds no points"
        time.sleep(0.3)
    page.goto("about:blank")
    asked = ["projector/tensor", "projector/metadata", "projector/sprite_image"]
    answers = {}
    page.on("response", lambda r: answers.update({a: r for a in asked if a in r.url}))
    page.goto(f"{board}#projector")
    while len(answers) < len(asked):
        assert time.time() < deadline + 40, f"the Projector asked for {list(answers)} only"
        page.wait_for_timeout(200)
    assert [answers[a].status for a in asked] == [200] * 3
    points = np.frombuffer(answers["projector/tensor"].body(), "<f4")
    assert points.size == 300 * 16
    assert answers["projector/metadata"].text().splitlines()[0] == "class\trow"
    if os.environ.get("THALWEG_SCREENSHOTS"):
        page.wait_for_timeout(4000)
    keep(page, "projector")


def test_scalars_are_served_as_they_were_written(board, folder):
    for name in ("by_hand", "run1/train"):
        run = Run(name, str(folder / name))
        run.update()
        for tag in run.tags:
            steps, _, values = run.points(tag)
            served = read(board, "data/plugin/scalars/scalars", run=name, tag=tag)
            assert [p[1] for p in served] == steps.tolist()
            np.testing.assert_allclose([p[2] for p in served], values, rtol=1e-6)


def test_the_graph_has_shapes_scopes_and_times(board):
    def text(route, **query):
        with urllib.request.urlopen(f"{board}{route}?{urllib.parse.urlencode(query)}", timeout=30) as answer:
            return answer.read().decode()

    graph = text("data/plugin/graphs/graph", run="run0/train", conceptual="false")
    assert '_output_shapes' in graph and '"gradient_tape/sequential/hidden/MatMul_grad/MatMul"' in graph
    layers = text("data/plugin/graphs/graph", run="run0/train", tag="keras", conceptual="true")
    assert '"sequential/hidden"' in layers or '"hidden"' in layers
    times = text("data/plugin/graphs/run_metadata", run="session", tag="step1")
    assert 'node_name: "layer/y"' in times and "all_end_rel_micros" in times and "allocated_bytes" in times
    assert '"gradients/layer/MatMul_grad/MatMul"' in text("data/plugin/graphs/graph", run="session", conceptual="false")
