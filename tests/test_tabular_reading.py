"""Reading tables: delimiters, compression, and what is said of files that hold no table."""

import gzip

import pytest

from thalweg.tabular.problems import TableError, closest, counted, listed
from thalweg.tabular.reading import read_table

pytest.importorskip("pandas")


@pytest.fixture
def write(tmp_path):
    def write(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(write, delimiter):
    text = "\n".join(delimiter.join(row) for row in [("a", "b c", "d"), ("1", "x", "2.5"), ("3", "y", "4")])
    frame = read_table(write(text))
    assert list(frame.columns) == ["a", "b c", "d"]
    assert frame["d"].tolist() == [2.5, 4.0]


def test_quotes_and_other_delimiters_inside_them(write):
    frame = read_table(write('name,place\n"Doe, J.","a;b"\n"Roe; K.","c"\n'))
    assert frame["name"].tolist() == ["Doe, J.", "Roe; K."]


def test_one_column(write):
    assert read_table(write("a\n1\n2\n"))["a"].tolist() == [1, 2]


def test_gzip_is_known_by_its_content(write):
    assert read_table(write(gzip.compress(b"a,b\n1,2\n"), "table.data")).shape == (1, 2)


def test_byte_order_mark_and_western_text(write):
    assert list(read_table(write("\ufeffa,b\n1,2\n")).columns) == ["a", "b"]
    assert read_table(write("a,b\ncafé,2\n".encode("cp1252")))["a"].tolist() == ["café"]


def test_as_text_keeps_cells_as_they_are(write):
    frame = read_table(write("a,b\n1.50,NA\n,007\n"), as_text=True)
    assert frame.to_numpy().tolist() == [["1.50", "NA"], ["", "007"]]


def test_names_for_nameless_columns(write):
    assert list(read_table(write(",a\n0,1\n1,2\n")).columns) == ["column 1", "a"]


@pytest.mark.parametrize(("content", "sentence"), [
    ("", "is empty"),
    ("  \n\n", "is empty"),
    ("a,b\n", "no rows under them"),
    ("a,b,a\n1,2,3\n", "several columns named 'a'"),
    ("1,2\n3,4\n", "a row of column names must stand above"),
    ("a,b\n1,2\n1,2,3,4\n", "every row needs the header's 2 fields"),
    ("a,b\n1,2,3\n4,5,6\n", "every row needs the header's 2 fields"),
    (b"PK\x03\x04\0\0\0\0rest of a spreadsheet", "is not text"),
    (gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-20], "damaged or incomplete gzip"),
])
def test_files_that_hold_no_table(write, content, sentence):
    with pytest.raises(TableError, match=sentence):
        read_table(write(content))


def test_missing_file_names_the_closest(write):
    path = write("a\n1\n", "housing.csv")
    with pytest.raises(TableError, match=r"there is no file .*Did you mean 'housing.csv'"):
        read_table(path.with_name("hosing.csv"))


def test_folder_instead_of_a_file(tmp_path):
    with pytest.raises(TableError, match="Is a directory"):
        read_table(tmp_path)


def test_words():
    assert [counted(n, "row") for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
    assert counted(2, "class", "classes") == "2 classes"
    assert listed(["a", "b"]) == "'a', 'b'"
    assert closest("PRICES", ["price", "size"]) == " Did you mean 'price'?"
    assert closest("zzz", ["price", "size"]) == ""
