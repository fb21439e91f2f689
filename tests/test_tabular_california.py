"""Where the default table comes from, and the simulated California."""

import functools
import gzip
import hashlib
import http.server
import threading

import numpy as np
import pytest

import thalweg.tabular.california as source
from thalweg.tabular.simulated import simulated_california

pytest.importorskip("pandas")

COLUMNS = ["longitude", "latitude", "housing_median_age", "total_rooms", "total_bedrooms", "population", "households",
           "median_income", "median_house_value", "ocean_proximity"]


@pytest.fixture(scope="module")
def simulated():
    return simulated_california()


def test_simulated_table_has_the_real_ones_form(simulated):
    assert list(simulated.columns) == COLUMNS
    assert len(simulated) == 20_640
    assert simulated["total_bedrooms"].isna().sum() == 207
    assert simulated.drop(columns="total_bedrooms").notna().all(axis=None)
    counts = simulated["ocean_proximity"].value_counts()
    assert counts["ISLAND"] == 5
    assert list(counts.index) == ["<1H OCEAN", "INLAND", "NEAR OCEAN", "NEAR BAY", "ISLAND"]
    assert simulated["median_house_value"].between(14_999, 500_001).all()
    assert simulated["median_income"].between(0.4999, 15.0001).all()
    assert simulated["housing_median_age"].between(1, 52).all()
    assert (simulated["population"] >= 3).all()


def test_simulated_places_are_where_they_say(simulated):
    where = simulated.groupby("ocean_proximity")[["longitude", "latitude"]].agg(["min", "max"])
    assert where.loc["NEAR BAY", ("latitude", "min")] > 37 and where.loc["NEAR BAY", ("latitude", "max")] < 38.6
    assert where.loc["ISLAND", ("latitude", "max")] < 33.5
    assert simulated["longitude"].between(-124.5, -114.1).all() and simulated["latitude"].between(32.5, 42.0).all()
    # The sea: far off the coast of the south there is the island and nothing else.
    at_sea = (simulated["longitude"] < -118) & (simulated["latitude"] < 33.6)
    assert set(simulated.loc[at_sea, "ocean_proximity"]) == {"ISLAND"}


def test_simulated_prices_follow_income_and_place(simulated):
    value = np.log(simulated["median_house_value"])
    assert np.corrcoef(value, np.log(simulated["median_income"]))[0, 1] > 0.5
    means = simulated.groupby("ocean_proximity")["median_house_value"].mean()
    assert means["INLAND"] < 0.7 * means["NEAR OCEAN"]


def test_one_seed_one_table(simulated):
    assert simulated_california().equals(simulated)
    assert not simulated_california(seed=7).equals(simulated)


# -- sources -----------------------------------------------------------------------------------------------


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """No folder of data, an empty cache, and no address that answers."""
    monkeypatch.delenv("THALWEG_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(source, "ADDRESSES", ("http://127.0.0.1:9/housing.csv", "no address at all"))
    return tmp_path


@pytest.mark.parametrize("name", ["housing.csv", "housing.csv.gz"])
def test_data_folder_comes_first(nowhere, monkeypatch, name):
    content = b"a,ocean_proximity\n1,INLAND\n"
    (nowhere / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    monkeypatch.setenv("THALWEG_DATA_DIR", str(nowhere))
    frame, line = source.load_california()
    assert len(frame) == 1 and str(nowhere / name) in line


def test_without_network_the_simulated_one_stands_in_and_says_so(nowhere):
    frame, line = source.load_california()
    assert len(frame) == 20_640
    assert line.startswith("simulated California") and "\n" not in line


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "served"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_download_is_checked_and_cached(nowhere, monkeypatch, server):
    folder, address = server
    good = b"a,ocean_proximity\n1,INLAND\n"
    (folder / "wrong.csv").write_bytes(b"a page that says something else")
    (folder / "housing.csv").write_bytes(good)
    monkeypatch.setattr(source, "SHA256", hashlib.sha256(good).hexdigest())
    monkeypatch.setattr(source, "ADDRESSES", tuple(f"{address}/{name}" for name in ("missing.csv", "wrong.csv", "housing.csv")))
    frame, line = source.load_california()
    assert len(frame) == 1 and line.endswith("/housing.csv")
    assert (source.cache_folder() / "housing.csv").read_bytes() == good
    monkeypatch.setattr(source, "ADDRESSES", ())
    assert "from the cache" in source.load_california()[1]


def test_a_damaged_cache_is_not_used(nowhere):
    source.cache_folder().mkdir(parents=True)
    (source.cache_folder() / "housing.csv").write_bytes(b"a,b\n1,2\n")
    assert source.load_california()[1].startswith("simulated")


def test_a_cache_that_cannot_be_written_stops_nothing(nowhere, monkeypatch, server):
    folder, address = server
    (folder / "housing.csv").write_bytes(b"a,ocean_proximity\n1,INLAND\n")
    monkeypatch.setattr(source, "SHA256", hashlib.sha256((folder / "housing.csv").read_bytes()).hexdigest())
    monkeypatch.setattr(source, "ADDRESSES", (f"{address}/housing.csv",))
    (nowhere / "cache").write_text("a file where the folder should be")
    assert len(source.load_california()[0]) == 1
