"""The report of a fit: whole, self-contained, readable on a phone and in the dark, and honest about odd tables."""

import html.parser
import json
import re
from dataclasses import replace

import numpy as np
import pytest

import thalweg.tabular as tabular
from thalweg.tabular import figures, output
from thalweg.tabular.figures.look import COLOURS, compact, percent, short
from thalweg.tabular.interpretation import Study
from thalweg.tabular.report.page import command
from thalweg.tabular.result import Compared, Folds, Record, Starts, Trial

pd = pytest.importorskip("pandas")
pytest.importorskip("matplotlib")
NASTY = '<b>x</b> & "$y_1$" 名'
FOR_CLASSES = {"target", "network", "loss", "importance", "accuracy", "confusion_matrix", "roc", "precision_recall", "calibration"}
FOR_NUMBERS = {"target", "network", "loss", "importance", "r2", "predicted", "residuals", "residuals_by_prediction"}


def make_table(rows=300, seed=0):
    random = np.random.RandomState(seed)
    size = random.normal(5, 2, rows)
    table = pd.DataFrame({
        "longitude": random.uniform(-120, -119, rows), "latitude": random.uniform(35, 36, rows), NASTY: size,
        "town": random.choice(["<script>alert(1)</script>", "west"], rows), "same": 1})
    table["price"] = 3000 * size + 5000 * (table["town"] == "west")
    table["kind"] = np.select([size < 4, size < 6], ["<small>", "middle"], "b\x00ig")
    table.loc[::30, NASTY] = np.nan
    return table


@pytest.fixture(scope="module")
def classifier():
    return tabular.fit(make_table().drop(columns="price"), "kind", hidden=(16, 8), epochs=6, batch_size=16, learning_rate=0.02)


@pytest.fixture(scope="module")
def regressor():
    fitted = tabular.fit(make_table().drop(columns="kind"), "price", hidden=[16], epochs=6, batch_size=16, learning_rate=0.02)
    own = fitted.metrics["test"]
    fitted.metrics["test"] = own | {"intervals": {"r2": [0.1, 0.9]}}
    return replace(
        fitted, prepared=replace(fitted.prepared, warnings=["the column <i> alone says it all"], remarks=["one row left out"]),
        compared=[Compared("this network", own, 0.02, 0.001, 3000),
                  Compared("ridge <regression>", own, 0.01, 0.001, 2000), Compared("forest", {}, 0, 0, 0, "it did not fit")],
        starts=Starts(3, [{"test": own}] * 3, {"r2": 0.5}, {"r2": 0.1}, [fitted.history] * 3),
        folds=Folds([own] * 5, {"r2": 0.4}, {"r2": 0.2}), trials=[Trial(1, {"dropout": 0.1}, 0.3, 5, False)],
        record=Record("table.csv", "thalweg fit table.csv --target price", "2026-01-02T03:04:05", "a machine", {"Python": "3.x"}))


@pytest.fixture(scope="module")
def folder(classifier, regressor, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    for name, fitted in (("classes", classifier), ("numbers", regressor)):
        output.write_output(fitted, folder / name)
    return folder


class Page(html.parser.HTMLParser):
    """What a page holds: tags in order, attributes, text."""

    VOID = {"meta", "link"}

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(text)
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


# -- what is written -----------------------------------------------------------------------------------------


def test_every_picture_is_there_as_png_and_svg(folder, classifier, regressor):
    for name, fitted, expected in (("classes", classifier, FOR_CLASSES), ("numbers", regressor, FOR_NUMBERS)):
        made = {path.name for path in (folder / name / "figures").iterdir()}
        drawn = {path.rsplit(".", 1)[0] for path in made}
        assert expected | {"map", "dependence_1"} <= drawn and made == {f"{one}.{end}" for one in drawn for end in ("png", "svg")}
        assert drawn == set(figures.pictures(Study(fitted)))
        for path in (folder / name / "figures").iterdir():
            assert path.read_bytes()[:5] in (b"\x89PNG\r", b"<?xml")


def test_metrics_hold_what_the_page_says(folder):
    written = json.loads((folder / "classes" / "metrics.json").read_text())
    assert set(written["importance"]) == {"longitude", "latitude", NASTY, "town"}
    assert written["calibration_error"] >= 0 and all(0 <= area <= 1 for area in written["roc_auc"].values())
    assert json.loads((folder / "numbers" / "metrics.json").read_text())["importance"]


@pytest.mark.parametrize("name", ["classes", "numbers"])
def test_the_page_is_whole_and_asks_for_nothing(folder, name):
    text = (folder / name / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert "script" not in page.tags and "iframe" not in page.tags and "img" not in page.tags
    for key, value in page.attributes:
        assert not key.startswith("on")
        if key in ("src", "href", "xlink:href"):
            assert value.startswith(("#", "data:")), (key, value)
    assert not re.search(r"url\((?!#)|@import", text)
    ids = [value for key, value in page.attributes if key == "id" and value in (
        "top", "data", "network", "training", "answers", "reasons", "mistakes", "comparison", "repeat")]
    assert len(ids) == len(set(ids)) == (8 if name == "classes" else 9)
    words = " ".join(page.words)
    assert "<script>alert(1)</script>" in words and NASTY in words


def test_the_page_says_what_was_recorded(folder):
    words = " ".join(Page((folder / "numbers" / "report.html").read_text(encoding="utf-8")).words)
    for said in ("table.csv", "thalweg fit table.csv --target price", "2026-01-02 03:04", "a machine", "3.x",
                 "One row left out.", "the column <i> alone says it all", "ridge <regression>", "it did not fit", "3 starts",
                 "5-fold", "dropout 0.1", "95%: 0.1000 – 0.9000"):
        assert said in words, said


def test_without_a_record_it_says_how_to_call(classifier):
    line = command(classifier)
    assert line.startswith("thalweg.tabular.fit(table, 'kind', task='classification', hidden=(16, 8), learning_rate=0.02,")
    again = eval(line, {"thalweg": type("thalweg", (), {"tabular": tabular}), "table": make_table().drop(columns="price")})
    assert again.settings == classifier.settings and again.metrics == classifier.metrics


def test_pictures_are_drawn_one_by_one(classifier, regressor):
    from matplotlib.figure import Figure

    loss = classifier.plot_loss()
    assert isinstance(loss, Figure) and "importances" not in vars(classifier.study)
    assert loss._repr_png_()[:4] == b"\x89PNG"
    for name in FOR_CLASSES | {"map"}:
        assert isinstance(getattr(classifier, f"plot_{name}")(), Figure)
    for name in FOR_NUMBERS | {"map"}:
        assert isinstance(getattr(regressor, f"plot_{name}")(), Figure)
    assert isinstance(classifier.plot_dependence("town"), Figure)
    with pytest.raises(tabular.TableError, match=r"no picture 'r2' of this fit\. There are 'target', 'network', 'loss'"):
        classifier.plot_r2()
    with pytest.raises(tabular.TableError, match=r"reads no column 'twon'\. Did you mean 'town'"):
        classifier.plot_dependence("twon")


def test_report_from_python(classifier, tmp_path):
    assert classifier.report(tmp_path / "here").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("classes", [2, 16, 45])
def test_many_classes_and_few(classes, tmp_path):
    random = np.random.RandomState(0)
    place = random.randint(classes, size=600)
    table = pd.DataFrame({"x": place + 0.1 * random.normal(size=600), "kind": [f"class {number}" for number in place]})
    output.write_output(tabular.fit(table, "kind", hidden=[8], epochs=1), tmp_path)
    Page((tmp_path / "report.html").read_text(encoding="utf-8"))


def test_a_table_of_ten_rows(tmp_path):
    table = pd.DataFrame({"x": range(0, 20, 2), "y": np.linspace(0, 1, 10) ** 2})
    output.write_output(tabular.fit(table, "y", hidden=[4], epochs=1), tmp_path)
    assert "10 rows, 2 columns" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_odd_columns(tmp_path):
    """Lists in cells, dates in three writings, very many columns, a name that is long."""
    random = np.random.RandomState(0)
    day = pd.date_range("2020-01-01", periods=80, freq="D", tz="Europe/Berlin").to_series(index=range(80))
    table = pd.DataFrame({"list": [[1, 2]] * 80, "day": day, "written": day.dt.strftime("%d.%m.%Y"), "n" * 300: random.rand(80),
                          **{f"x{number}": random.rand(80) for number in range(45)}, "y": random.rand(80)})
    table.loc[::7, "written"] = ""
    output.write_output(tabular.fit(table, "y", hidden=[4], epochs=1), tmp_path)
    words = " ".join(Page((tmp_path / "report.html").read_text(encoding="utf-8")).words)
    assert "9 columns more" in words and "its cells hold lists" in words


def test_without_matplotlib_the_model_is_kept(classifier, tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(tabular.TableError, match=r"pip install 'thalweg\[tabular\]'"):
        output.write_output(classifier, tmp_path)
    assert tabular.load(tmp_path).classes == classifier.classes and (tmp_path / "metrics.json").is_file()


# -- how it looks --------------------------------------------------------------------------------------------


def brightness(colour):
    parts = [int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return np.dot(linear, [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("side", [0, 1])
def test_colours_stand_out_from_the_paper(side):
    """WCAG 2.2: text 4.5 to 1, what is drawn 3 to 1."""
    paper = brightness(COLOURS["paper"][side])
    for role, pair in COLOURS.items():
        if role in ("paper", "grid"):
            continue
        low, high = sorted((paper, brightness(pair[side])))
        assert (high + 0.05) / (low + 0.05) >= (4.5 if role in ("ink", "faint") else 3), role


def test_numbers_and_names_in_few_characters():
    assert [compact(number) for number in (-1500, 12345, 1e-9, 3.2e12)] == ["-1,500", "12.3K", "1e-09", "3.2T"]
    assert [percent(share) for share in (0.5, 0.000242, 1e-9, 0.0)] == ["50.0%", "0.02%", "under 0.001%", "0.0%"]
    assert short("a\x00b\n\ud800c" + "d" * 30, 8) == "a b cdd…"


@pytest.mark.parametrize("name", ["classes", "numbers"])
@pytest.mark.parametrize(("width", "scheme"), [(375, "light"), (375, "dark"), (1280, "light"), (1280, "dark")])
def test_in_a_browser(folder, chromium, name, width, scheme):
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page, said, asked = context.new_page(), [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    address = (folder / name / "report.html").as_uri()
    page.goto(address)
    assert not said and [url for url in asked if not url.startswith("data:")] == [address]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("""[...document.querySelectorAll('body *:not(.scroll *):not(pre *):not(nav *):not(svg *)')].filter(
        e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.className || e.tagName)""") == []
    drawn = page.locator("figure svg[role=img]")
    pictures = len(list((folder / name / "figures").glob("*.svg")))
    assert drawn.count() == pictures
    # Each picture is as wide as its box, holds something, and none of its words hangs out of it
    assert page.evaluate("""[...document.querySelectorAll('figure svg[role=img]')].filter(svg => {
        const box = svg.getBoundingClientRect()
        const words = [...svg.querySelectorAll('text')].map(text => text.getBoundingClientRect())
        return box.width < 250 || svg.querySelectorAll('path, use').length < 4 || words.length < 2
            || words.some(word => word.left < box.left - 2 || word.right > box.right + 2
                                  || word.top < box.top - 2 || word.bottom > box.bottom + 2)
    }).map(svg => svg.getAttribute('aria-label'))""") == []
    paper = page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor")
    assert paper == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(22, 29, 37)")
    context.close()


def test_on_paper(folder, chromium):
    context = chromium.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto((folder / "classes" / "report.html").as_uri())
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert page.pdf(prefer_css_page_size=True)[:5] == b"%PDF-"
    context.close()
