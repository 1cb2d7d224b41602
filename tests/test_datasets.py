"""The data sets that ship, CSV files good and bad, and what becomes of a table."""

import csv
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symnn.datasets import DATASETS, load, number, parse
from symnn.errors import DataError, SymnnError, UnknownNameError
from symnn.examples import choose_columns, drop_missing, make_examples, matrix


def refusal(call, *arguments):
    with pytest.raises((DataError, UnknownNameError)) as caught:
        call(*arguments)
    return str(caught.value)


@pytest.mark.parametrize("row", DATASETS.values(), ids=DATASETS.keys())
def test_every_data_set_that_ships_can_be_loaded_and_says_where_it_is_from(row):
    table = load(row.name)
    assert len(table) > 0
    assert all(len(column) == len(table) for column in table.values)
    assert row.title
    assert row.licence
    assert row.source


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_four_sets_of_anscombe_have_one_line_and_the_same_moments(number):
    table = load(f"anscombe{number}")
    x, y = matrix(table, ["x", "y"]).T
    assert len(x) == 11
    slope, intercept = np.polyfit(x, y, 1)
    assert (round(slope, 3), round(intercept, 2)) == (0.5, 3.0)
    assert x.mean() == 9
    assert x.var(ddof=1) == 11
    assert round(y.mean(), 2) == 7.5
    assert y.var(ddof=1) == pytest.approx(4.125, abs=0.003)
    assert np.corrcoef(x, y)[0, 1] == pytest.approx(0.816, abs=0.001)


def test_the_penguins_are_those_of_the_essay():
    table, dropped = drop_missing(load("penguins"), ["flipper_length_mm", "body_mass_g"])
    x, y = matrix(table, ["flipper_length_mm", "body_mass_g"]).T
    slope, intercept = np.polyfit(x, y, 1)
    assert (dropped, len(table)) == (2, 342)
    assert round(slope, 1) == 49.7
    assert round(intercept) == -5781
    assert round(np.corrcoef(x, y)[0, 1] ** 2, 2) == 0.76


BAD = {
    "empty": ("", "'f' is empty; it needs a header with the columns' names"),
    "blank lines alone": ("\n \n", "'f' is empty; it needs a header with the columns' names"),
    "header alone": ("a,b\n", "'f' has a header, but no rows"),
    "no header": (
        "1,2.5\n3,4\n",
        "'f' has no header: its first line is '1,2.5'; write the columns' names there",
    ),
    "twice the same column": ("a,a\n1,2\n", "'f' has two columns named 'a'; rename one"),
    "a column without a name": (
        ",a\n1,2\n",
        "column 1 of 'f' has no name; write one in the header",
    ),
    "a short row": ("a,b\n1,2\n\n3\n", "line 4 of 'f' has 1 cell, but the header has 2"),
    "a long row": ("a,b\n1,2,3\n", "line 2 of 'f' has 3 cells, but the header has 2"),
    "an open quote": ('a,b\n1,2\n"3,4\n', "line 3 of 'f' is not CSV: unexpected end of data"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_text_is_refused_with_its_line(text, message):
    assert refusal(parse, "f", text) == message


def test_a_row_after_a_cell_of_two_lines_keeps_its_line_number():
    table = parse("f", 'a,b\n"x\ny",1\n\nz,2\n')
    assert table.values == (("x\ny", "z"), ("1", "2"))
    assert table.lines == (2, 5)


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbfa,b\r\n1,2\r\n", b"a,b\n\n1,2\n\n", b"a, b\r1 ,2", b'"a","b"\n"1","2"\n'],
    ids=["byte-order mark and CRLF", "blank lines", "CR and spaces", "quotes"],
)
def test_files_that_differ_in_form_alone_are_one_table(tmp_path, content):
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    table = load(path)
    assert (table.columns, table.values) == (("a", "b"), (("1",), ("2",)))


def test_a_file_that_cannot_be_read_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("utf16.csv").write_text("a,b\n1,2\n", encoding="utf-16")
    Path("folder.csv").mkdir()
    assert refusal(load, "none.csv") == "no file 'none.csv'"
    assert refusal(load, "folder.csv") == "'folder.csv' is a folder, not a CSV file"
    assert refusal(load, "nul\0.csv") == "cannot read 'nul\0.csv': embedded null byte"
    assert refusal(load, "utf16.csv") == (
        "'utf16.csv' is not UTF-8 text (byte 1); save it as CSV in UTF-8"
    )
    assert refusal(load, "pengiuns") == (
        "no data set or file named 'pengiuns'; did you mean 'penguins'? "
        "Known: anscombe1, anscombe2, anscombe3, anscombe4, penguins"
    )


def test_a_header_of_several_lines_becomes_one():
    assert parse("f", '"body\n mass",b\n1,2\n').columns == ("body mass", "b")


def test_a_file_with_the_name_of_a_data_set_is_reached_by_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("penguins").write_text("a\n1\n")
    assert len(load("penguins")) == 344
    assert len(load("./penguins")) == 1
    assert len(load(Path("penguins"))) == 1


NUMBERS = {"1": 1.0, "-1.5": -1.5, "+.5": 0.5, "2.": 2.0, "1e3": 1000.0, "1E-3": 0.001}
NO_NUMBERS = ["1_0", "0x10", "1,5", "٣", "1e", ".", "", "NaN", "inf", "1 2", "--1", "1j", "True"]


@pytest.mark.parametrize("text", NUMBERS)
def test_a_plain_decimal_number_is_a_number(text):
    assert number(text) == NUMBERS[text]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_whatever_else_python_reads_as_a_number_is_text(text):
    assert number(text) is None


@pytest.mark.parametrize("cell", ["", "NA", "nan", "N/A", "inf", "-Infinity", "1e999", "null"])
def test_a_missing_value_is_named_by_line_and_column(cell):
    table = parse("f", f"a,b\n1,2\n3,{cell}\n")
    assert refusal(matrix, table, ["a", "b"]) == (
        f"line 3 of 'f', column 'b': the value is missing ({cell!r}); "
        "--drop-missing leaves such rows out"
    )
    left, dropped = drop_missing(table, ["a", "b"])
    assert (dropped, left.lines) == (1, (2,))
    assert drop_missing(table, ["a"])[1] == 0


def test_dropping_every_row_is_refused():
    table = parse("f", "a,b\n1,\n2,NA\n")
    assert refusal(drop_missing, table, ["b"]) == (
        "every row of 'f' misses a value in the columns used"
    )


@pytest.mark.parametrize("cell", ["1_0", "tall", "1,0"])
def test_text_among_numbers_is_named_by_line_column_and_value(cell):
    table = parse("f", f'a,b\n1,2\n\n3,"{cell}"\n')
    assert refusal(matrix, table, ["b"]) == f"line 4 of 'f', column 'b': {cell!r} is not a number"


TABLE = parse("f", "a,b,kind,sex,label\n1,2,cat,m,10\n3,4,ant,f,9\n5,6,bee,m,9\n")


def test_the_features_are_by_default_all_numeric_columns_but_the_target():
    assert choose_columns(TABLE, ["a"], [], 2) == ("b", "label")
    assert choose_columns(TABLE, ["kind"], [], 3) == ("a", "b", "label")
    assert choose_columns(TABLE, ["kind"], ["b"], 1) == ("b",)


CHOICES = {
    "no target": (
        ([], [], 1),
        "which column is to be predicted? --target takes one of 'f': a, b, kind, sex, label",
    ),
    "too many by default": (
        (["a"], [], 1),
        "the network takes 1 input, but there are 2 features; "
        "choose with --features among the numeric columns: b, label",
    ),
    "too few given": (
        (["a"], ["b"], 2),
        "the network takes 2 inputs, but there is 1 feature; "
        "choose with --features among the numeric columns: b, label",
    ),
    "unknown target": (
        (["knd"], [], 1),
        "no column named 'knd'; did you mean 'kind'? Known: a, b, kind, label, sex",
    ),
    "unknown feature": (
        (["a"], ["bb"], 1),
        "no column named 'bb'; did you mean 'b'? Known: a, b, kind, label, sex",
    ),
    "target among the features": (
        (["a"], ["a"], 1),
        "column 'a' is used twice; it can be one feature or one target",
    ),
    "a feature twice": (
        (["a"], ["b", "b"], 2),
        "column 'b' is used twice; it can be one feature or one target",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), CHOICES.values(), ids=CHOICES.keys())
def test_columns_that_do_not_fit_are_refused(arguments, message):
    assert refusal(choose_columns, TABLE, *arguments) == message


def test_numeric_targets_are_a_regression():
    made = make_examples(TABLE, ["a"], ["b", "label"], 2)
    assert made.x.tolist() == [[1], [3], [5]]
    assert made.y.tolist() == [[2, 10], [4, 9], [6, 9]]
    assert made.classes == ()


def test_a_target_of_text_is_classes_in_sorted_order():
    made = make_examples(TABLE, ["a"], ["kind"], 3)
    assert made.classes == ("ant", "bee", "cat")
    assert made.y.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


def test_two_classes_are_one_column_or_two_as_the_network_has_outputs():
    one, two = (make_examples(TABLE, ["a"], ["sex"], outputs) for outputs in (1, 2))
    assert one.classes == two.classes == ("f", "m")
    assert one.y.tolist() == [[1], [0], [1]]
    assert two.y.tolist() == [[0, 1], [1, 0], [0, 1]]


def test_numbers_are_classes_for_several_outputs_and_sort_as_numbers():
    made = make_examples(TABLE, ["a"], ["label"], 2)
    assert made.classes == ("9", "10")
    assert made.y.tolist() == [[0, 1], [1, 0], [1, 0]]


TARGETS = {
    "more classes than outputs": (
        (["kind"], 2),
        "the network has 2 outputs, but column 'kind' has 3 classes: 'ant', 'bee', 'cat'",
    ),
    "more targets than outputs": (
        (["b", "label"], 1),
        "the network has 1 output, but there are 2 targets",
    ),
    "text among several targets": (
        (["b", "kind"], 2),
        "line 2 of 'f', column 'kind': 'cat' is not a number",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), TARGETS.values(), ids=TARGETS.keys())
def test_targets_that_do_not_fit_are_refused(arguments, message):
    assert refusal(make_examples, TABLE, ["a"], *arguments) == message


def test_a_class_that_is_missing_is_refused():
    table = parse("f", "a,kind\n1,cat\n2,NA\n")
    assert refusal(make_examples, table, ["a"], ["kind"], 1) == (
        "line 3 of 'f', column 'kind': the value is missing ('NA'); "
        "--drop-missing leaves such rows out"
    )


@given(st.text(max_size=60))
def test_any_text_is_a_table_or_is_refused(text):
    with suppress(DataError):
        table = parse("f", text)
        assert all(len(column) == len(table) for column in table.values)


@given(st.text("ab1,\"\n\r '", max_size=40))
def test_a_refusal_is_one_line(text):
    try:
        make_examples(parse("f", text), ["a"], ["b"], 1)
    except SymnnError as error:
        message = str(error)
    else:
        message = ""
    assert "\n" not in message
    assert "\r" not in message


@given(
    st.lists(
        st.lists(st.text('ab1,"\n é', max_size=5), min_size=2, max_size=2), min_size=1, max_size=5
    )
)
def test_what_the_csv_module_wrote_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "f.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["a", "b"], *rows])
    read = list(zip(*load(path).values, strict=True))
    assert read == [tuple(cell.strip() for cell in row) for row in rows]
