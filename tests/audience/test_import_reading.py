"""Files as spreadsheets and shops write them: what is read, what is proposed, and what is refused with which words."""

from __future__ import annotations

import io

import pytest

from headwater.audience.imports import guessing, mapping, reading
from headwater.audience.imports.mapping import Column, MappingError, RowRefused
from headwater.audience.imports.reading import Layout, UnreadableFile


def read(content: str | bytes, **told: str) -> tuple[Layout, list[tuple[int, list[str]]]]:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    written = reading.layout(file, **told)
    return written, list(reading.rows(file, written))


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("email,name\na@example.com,Zoë\n".encode(), "utf-8"),
        ("email,name\na@example.com,Zoë\n".encode("utf-8-sig"), "utf-8"),
        ("email,name\na@example.com,Zoë\n".encode("utf-16"), "utf-16"),
        ("email,name\na@example.com,Zoë\n".encode("windows-1252"), "windows-1252"),
    ],
)
def test_every_common_encoding_is_found(content: bytes, encoding: str) -> None:
    written, rows = read(content)
    assert (written.encoding, written.columns) == (encoding, ["email", "name"])
    assert rows == [(2, ["a@example.com", "Zoë"])]


def test_an_umlaut_far_down_decides_the_encoding() -> None:
    many = "email,name\n" + "a@example.com,Ann\n" * 40_000 + "z@example.com,Zoë\n"
    written, rows = read(many.encode("windows-1252"))
    assert written.encoding == "windows-1252"
    assert rows[-1] == (40_002, ["z@example.com", "Zoë"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_even_where_others_stand_in_cells(delimiter: str) -> None:
    other = ";" if delimiter == "," else ","
    lines = [("email", "name", "city"), ("a@example.com", f"Ann{other} A", "Ulm"), ("b@example.com", "Ben", "Bonn")]
    written, rows = read("\n".join(delimiter.join(line) for line in lines))
    assert (written.delimiter, written.columns) == (delimiter, ["email", "name", "city"])
    assert rows[0] == (2, ["a@example.com", f"Ann{other} A", "Ulm"])


def test_quotes_hold_delimiters_quotes_and_line_ends() -> None:
    _, rows = read('email,note\r\na@example.com,"two\nlines, and ""quotes"""\r\n\r\nb@example.com,x\r\n')
    assert rows == [(2, ["a@example.com", 'two\nlines, and "quotes"']), (4, ["b@example.com", "x"])]


def test_a_file_without_a_header_names_its_columns_by_number() -> None:
    written, rows = read("a@example.com,Ann\nb@example.com,Ben\n")
    assert (written.header, written.columns) == (False, ["Column 1", "Column 2"])
    assert [row for row, _ in rows] == [1, 2]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"  \r\n \r\n", "empty"),
        (b"PK\x03\x04rest of a workbook", "Save it as CSV"),
        (b"\x7fELF\x00\x00", "not a text file"),
        (b'email,name\na@example.com,"Ann\nb@example.com,Ben\n', "never closed"),
        (b'email,name\na@example.com,"Ann" A\n', "Row 2 can't be read: a quotation mark"),
        (b'email,name\na@example.com,"' + b"x" * 100_100, "longer than 100,000"),
        (",".join(["c"] * 201).encode(), "201 columns"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        read(content)


def test_told_wrongly_the_encoding_is_refused_by_row() -> None:
    with pytest.raises(UnreadableFile, match="not UTF-8"):
        read("email,name\na@example.com,Zoë\n".encode("windows-1252"), encoding="utf-8")


# ── proposals ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_columns_are_guessed_by_name_and_value() -> None:
    columns = ["E-Mail Address", "First Name", "SURNAME", "Country Code", "Orders", "Since", "VIP?", "Zip", "Blank"]
    sample = [
        ["a@example.com", "Ann", "Arbor", "DE", "1,250", "2024-01-31", "yes", "01067", ""],
        ["b@example.com", "Ben", "Bold", "FR", "3", "2025-11-02", "no", "75001", " "],
    ]
    assert guessing.guess(columns, sample) == [
        Column("email"), Column("first_name"), Column("last_name"), Column("country"),
        Column("property", "Orders", "number"), Column("property", "Since", "date"),
        Column("property", "VIP?", "boolean"), Column("property", "Zip", "text"), Column("skip", "Blank"),
    ]  # fmt: skip


def test_addresses_are_recognised_without_a_name() -> None:
    found = guessing.guess(["who", "where"], [["a@example.com", "Ulm"], ["b@example.com", "Bonn"]])
    assert found == [Column("email"), Column("property", "where")]


def test_no_two_columns_become_the_same() -> None:
    found = guessing.guess(["email", "Email", "tier", "tier"], [["a@example.com", "b@example.com", "x", "y"]])
    mapping.check(found, ["email", "Email", "tier", "tier"])
    assert [one.to for one in found] == ["email", "property", "property", "property"]


# ── mapping ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("columns", "field", "words"),
    [
        ([Column("email")], "mapping", "2 columns"),
        ([Column("first_name"), Column("skip")], "mapping", "holds the email"),
        ([Column("email"), Column("email")], "mapping.1", "Both “A” and “B”"),
        ([Column("email"), Column("property")], "mapping.1", "Give the property a name"),
        ([Column("email"), Column("property", "city")], "mapping.1", "is a field of every profile"),
    ],
)
def test_a_mapping_that_cannot_be_is_said(columns: list[Column], field: str, words: str) -> None:
    with pytest.raises(MappingError, match=words) as refused:
        mapping.check(columns, ["A", "B"])
    assert refused.value.field == field


def test_values_take_their_type_and_what_has_another_is_noted() -> None:
    columns = [
        Column("email"), Column("property", "spent", "number"), Column("property", "vip", "boolean"),
        Column("property", "born", "date"),
    ]  # fmt: skip
    given = mapping.read(["a@example.com", "1,250.50", "Yes", "1990-02-29T10:00"], columns)
    assert given.attributes == {"spent": 1250.5, "vip": True, "born": "1990-02-29T10:00"}
    assert given.notes == ()
    odd = mapping.read(["a@example.com", "12,5", "maybe", "31.12.1990"], columns)
    assert odd.attributes == {}
    assert [note.split("”")[0] for note in odd.notes] == ["“12,5", "“maybe", "“31.12.1990"]


def test_empty_cells_and_short_rows_say_nothing() -> None:
    columns = [Column("email"), Column("first_name"), Column("property", "tier")]
    assert mapping.read(["a@example.com", "  "], columns).attributes == {}


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["ann at example", ""], "not an email address"),
        (["", "12"], "international form"),
        (["", ""], "names nobody"),
        (["a@example.com", "", "more"], "3 cells, the file 2 columns"),
    ],
)
def test_rows_that_name_nobody_are_refused(cells: list[str], words: str) -> None:
    with pytest.raises(RowRefused, match=words):
        mapping.read(cells, [Column("email"), Column("phone")])


def test_a_bad_phone_beside_an_address_is_left_out_and_noted() -> None:
    given = mapping.read(["a@example.com", "0171 2345"], [Column("email"), Column("phone")])
    assert (given.email, given.phone) == ("a@example.com", None)
    assert "left out" in given.notes[0]
