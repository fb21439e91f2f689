"""Reading tables: delimiters, compression, and what is said of files that hold no table."""

import contextlib
import gzip
import sqlite3

import pytest

from thalweg.tabular.problems import TableError, closest, counted, listed
from thalweg.tabular.reading import as_frame, open_table, read_table

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


# -- how numbers are written -------------------------------------------------------------------------------


@pytest.mark.parametrize(("content", "numbers"), [
    ("a;b\n1,5;x\n2,25;y\n", [1.5, 2.25]),
    ("a;b\n1.234,5;x\n2,25;y\n", [1234.5, 2.25]),
    ("a\tb\n1.5\tx\n2.25\ty\n", [1.5, 2.25]),
    ('a,b\n"1,5",x\n"2,25",y\n', [1.5, 2.25]),
    ("a;b\n1.234;x\n2.500;y\n", [1.234, 2.5]),
])
def test_decimal_comma_is_found(write, content, numbers):
    assert read_table(write(content))["a"].tolist() == numbers


def test_utf_16(write):
    assert read_table(write("a,b\ncafé,2\n".encode("utf-16")))["a"].tolist() == ["café"]


def test_western_text_far_into_the_file(write):
    text = b"a,b\n" + b"plain,1\n" * 200_000 + "café,2\n".encode("cp1252")
    assert read_table(write(text))["a"].iloc[-1] == "café"


# -- other forms -------------------------------------------------------------------------------------------


@pytest.fixture
def frame():
    pd = pytest.importorskip("pandas")
    return pd.DataFrame({"size": [1.5, None, 3.0], "town": ["e", "w", None], "count": [1, 2, 3]})


def check(found, frame):
    assert list(found.columns) == list(frame.columns)
    assert found["size"].iloc[0] == 1.5 and found["size"].isna().tolist() == [False, True, False]
    assert found["town"].iloc[:2].tolist() == ["e", "w"] and found["town"].isna().iloc[2]
    assert found["count"].tolist() == [1, 2, 3]


def test_parquet(tmp_path, frame):
    pytest.importorskip("pyarrow")
    frame.to_parquet(tmp_path / "table.parquet")
    check(read_table(tmp_path / "table.parquet"), frame)
    (tmp_path / "broken").write_bytes(b"PAR1" + b"\0" * 50)
    with pytest.raises(TableError, match="damaged Parquet file"):
        read_table(tmp_path / "broken")


def test_excel_and_its_sheets(tmp_path, frame):
    pytest.importorskip("openpyxl")
    pd = pytest.importorskip("pandas")
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        frame[:1].to_excel(book, sheet_name="First", index=False)
        frame.to_excel(book, sheet_name="Rest", index=False)
    assert len(read_table(tmp_path / "book.xlsx")) == 1
    check(read_table(f"{tmp_path / 'book.xlsx'}::Rest"), frame)
    with pytest.raises(TableError, match=r"no sheet 'Rset'. Did you mean 'Rest'"):
        read_table(f"{tmp_path / 'book.xlsx'}::Rset")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("lines", [False, True])
def test_json(tmp_path, frame, lines, packed):
    text = frame.to_json(orient="records", lines=lines)
    (tmp_path / "t").write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    check(read_table(tmp_path / "t"), frame)


@pytest.mark.parametrize(("content", "sentence"), [
    ('{"a": 1}\n{"a": \n', "line 2 of .* is not JSON"),
    ('{"a": 1}\n[1, 2]\n', "line 2 of .* is no object"),
])
def test_json_lines_that_are_none(write, content, sentence):
    with pytest.raises(TableError, match=sentence):
        read_table(write(content, "t.jsonl"))


def test_sqlite(tmp_path, frame):
    path = tmp_path / "db.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        frame.to_sql("homes", connection, index=False)
        check(read_table(path), frame)
        frame.to_sql("others", connection, index=False)
    check(read_table(f"{path}::homes"), frame)
    with pytest.raises(TableError, match="holds 2 tables; say which"):
        read_table(path)
    with pytest.raises(TableError, match=r"no table 'home'. Did you mean 'homes'"):
        read_table(f"{path}::home")


def test_parts_are_for_files_that_have_some(write):
    with pytest.raises(TableError, match="only SQLite files and Excel workbooks have parts"):
        read_table(f"{write('a,b' + chr(10) + '1,2' + chr(10))}::part")


def test_chunks_are_the_whole(write):
    path = write("a;b\n" + "".join(f"{i},5;x{i}\n" for i in range(25)))
    parts = list(open_table(path).chunks(10))
    assert [len(part) for part in parts] == [10, 10, 5]
    assert [cell for part in parts for cell in part["a"]] == [i + 0.5 for i in range(25)]


def test_frames_of_others(frame):
    polars = pytest.importorskip("polars")
    check(as_frame(polars.DataFrame({name: [None if cell != cell else cell for cell in frame[name]] for name in frame})), frame)
    assert as_frame({"a": [1, 2]}).shape == (2, 1)
    for wrong, sentence in [([], "no rows"), (3, "cannot be made a table"), ({}, "no rows")]:
        with pytest.raises(TableError, match=sentence):
            as_frame(wrong)


def test_words():
    assert [counted(n, "row") for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
    assert counted(2, "class", "classes") == "2 classes"
    assert listed(["a", "b"]) == "'a', 'b'"
    assert closest("PRICES", ["price", "size"]) == " Did you mean 'price'?"
    assert closest("zzz", ["price", "size"]) == ""
