"""A CSV file from bytes to rows: its encoding, its delimiter, its header. Pure; never holds the whole file.

Whatever spreadsheets and shops write is taken: UTF-8 with a byte order mark or without, UTF-16, Windows-1252; commas,
semicolons, tabs or bars; line ends inside quotes.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from headwater.audience.addresses import normalise_email

SAMPLE_BYTES = 256 * 1024
MAX_COLUMNS = 200
MAX_CELL = 100_000
"""Characters. A quote that is never closed swallows what follows it: this ends it early."""
DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "utf-16", "windows-1252")

_NAME_LENGTH = 200
csv.field_size_limit(MAX_CELL)


class UnreadableFile(ValueError):
    """The file is no CSV file that could be imported; the message says what is wrong, and where."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written."""

    encoding: str
    delimiter: str
    columns: list[str]
    """Their names, in order; Column 1, Column 2 … where the file has no header."""
    header: bool
    """The first row names the columns."""


def layout(file: BinaryIO, *, encoding: str | None = None, delimiter: str | None = None) -> Layout:
    """How this file is written, unless told. Raises UnreadableFile; leaves the file at its beginning."""
    file.seek(0)
    head = file.read(SAMPLE_BYTES)
    found = encoding or _encoding(head, file)
    text = _decoded(head, found)
    if not text.strip():
        raise UnreadableFile("The file is empty.")
    separator = delimiter or _delimiter(text, whole=len(head) < SAMPLE_BYTES)
    file.seek(0)
    first = next(_records(file, found, separator), None)
    file.seek(0)
    if first is None:
        raise UnreadableFile("The file is empty.")
    if len(first) > MAX_COLUMNS:
        raise UnreadableFile(f"The file has {len(first)} columns; an import takes {MAX_COLUMNS} at most.")
    header = not any(normalise_email(cell) for cell in first)
    names = [_name(cell, number) if header else f"Column {number}" for number, cell in enumerate(first, 1)]
    return Layout(found, separator, names, header)


def rows(file: BinaryIO, written: Layout) -> Iterator[tuple[int, list[str]]]:
    """(row number as a spreadsheet counts, cells) of every row but the header; empty ones are passed over.

    Raises UnreadableFile.
    """
    file.seek(0)
    records = _records(file, written.encoding, written.delimiter)
    for number, cells in enumerate(islice(records, 1 if written.header else 0, None), 2 if written.header else 1):
        if any(cell.strip() for cell in cells):
            yield number, cells


def _records(file: BinaryIO, encoding: str, delimiter: str) -> Iterator[list[str]]:
    lines = io.TextIOWrapper(file, encoding=_codec(encoding), errors=_errors(encoding), newline="")
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    done = 0
    try:
        for cells in reader:
            done += 1
            yield cells
    except csv.Error as error:
        raise UnreadableFile(f"Row {done + 1} can't be read: {_said(error)}") from None
    except UnicodeDecodeError:
        raise UnreadableFile(
            f"Row {done + 1} or one soon after holds characters that are not {encoding.upper()}."
            " Save the file as UTF-8, or name its encoding."
        ) from None
    finally:
        lines.detach()  # the file stays its owner's


def _said(error: csv.Error) -> str:
    text = str(error)
    if "field larger" in text:
        return f"a cell is longer than {MAX_CELL:,} characters. Is a quotation mark never closed?"
    if "unexpected end" in text:
        return "a quotation mark that opens a cell is never closed."
    if "expected after" in text:
        return 'a quotation mark stands inside a quoted cell. Inside quotes, write it twice ("").'
    return f"{text}."


def _name(cell: str, number: int) -> str:
    return " ".join(cell.replace("\x00", "").split())[:_NAME_LENGTH] or f"Column {number}"


# ── encoding ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _codec(encoding: str) -> str:
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _errors(encoding: str) -> str:
    """Windows-1252 leaves five bytes undefined; a file with one of them is still worth reading."""
    return "replace" if encoding == "windows-1252" else "strict"


def _encoding(head: bytes, file: BinaryIO) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(b"PK\x03\x04"):
        raise UnreadableFile("This is a spreadsheet or a zip file. Save it as CSV and upload that.")
    if b"\x00" in head[:4096]:
        raise UnreadableFile("This is not a text file. Save the table as CSV and upload that.")
    return "utf-8" if _is_utf8(file) else "windows-1252"


def _is_utf8(file: BinaryIO) -> bool:
    """The whole file, a piece at a time: one umlaut far down decides."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while piece := file.read(SAMPLE_BYTES):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(head: bytes, encoding: str) -> str:
    """The beginning as text; a character that the cut goes through is left out."""
    return head.decode(_codec(encoding), errors="ignore")


# ── delimiter ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _delimiter(text: str, *, whole: bool) -> str:
    """The one by which most of the first rows have as many cells as the first, more than one."""
    return max(DELIMITERS, key=lambda one: _agreement(_first_rows(text, one, whole)))


def _first_rows(text: str, delimiter: str, whole: bool) -> list[list[str]]:
    found: list[list[str]] = []
    try:
        for cells in islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 100):
            found.append(cells)
    except csv.Error:
        pass
    return found if whole or len(found) == 100 else found[:-1] or found


def _agreement(found: Sequence[Sequence[str]]) -> tuple[float, int]:
    filled = [cells for cells in found if any(cells)]
    if not filled or len(filled[0]) < 2:
        return 0.0, 0
    same = sum(1 for cells in filled if len(cells) == len(filled[0]))
    return same / len(filled), len(filled[0])
