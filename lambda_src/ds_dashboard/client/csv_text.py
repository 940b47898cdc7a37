"""CSV that no spreadsheet evaluates, whatever separator it splits at, and from which every text can be restored.

A spreadsheet splits a file at the separator of its user's locale, and ignores quotation marks that are not at the start
of what it takes for a cell: if it splits at semicolons, `P,dev,"ok;=1+1"` becomes the cells `P,dev,"ok` and `=1+1"`.
Therefore, an apostrophe goes before a formula wherever a cell may begin, not only at the start of a text. See "CSV
Injection" of OWASP.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TextIO

from ds_dashboard import canonical_json

NUMBER, TEXT = "number", "string"
# The columns with JSON.
_DOCUMENTS = ("Metadata", "Breakdown")
# What begins a formula, also in full width; spreadsheets drop a leading tab or carriage return.
_FORMULA = "=+\\-@\t\r\uff1d\uff0b\uff0d\uff20"
_CELL_START = "(?:^|(?<=[;\t\r\n|]))"
# Blanks and quotation marks before a formula may be dropped too. An apostrophe gets a second one, so that `restore`
# knows which one to remove.
_EVALUATED = re.compile(f"{_CELL_START}(?=[ \xa0\"]*[{_FORMULA}'])")
_ESCAPED = re.compile(f"{_CELL_START}'(?=[ \xa0\"]*[{_FORMULA}'])")
_QUOTED = re.compile('[,;|"\\s\x1c-\x1e\x85\u2028\u2029]')
# The metadata of one value can have 200 KB, and csv accepts 128 KB.
_MAX_CELL = 2**22


def escape(text: str) -> str:
    """Put an apostrophe in front of what a spreadsheet would evaluate: a formula at any place where a cell may begin.

    An apostrophe at such a place gets another one in front.
    """
    return _EVALUATED.sub("'", text)


def restore(cell: str) -> str:
    """Return the text that `escape` was given."""
    return _ESCAPED.sub("", cell)


def row(cells: Iterable[str]) -> str:
    """Return a line of the file. A cell with white space or a separator of any locale is quoted."""
    return ",".join(_quoted(cell) for cell in cells) + "\n"


def _quoted(cell: str) -> str:
    # csv would not quote other separators, nor a lone carriage return, which readers take for the end of a row.
    return f'"{cell.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(cell) else cell


def read_csv(file: TextIO, *, raw: bool = False) -> Iterator[dict[str, Any]]:
    """Read the values of an exported CSV file, with exact numbers and texts.

    Args:
        file: the file, opened with `newline=""` and `encoding="utf-8"`.
        raw: the file was exported with `raw`.

    Yields:
        For each line, the attributes that are not empty, as `Hub.import_results` takes them.

    Raises:
        ValueError: the file is not an export; the message has the number of the line.
    """
    csv.field_size_limit(max(csv.field_size_limit(), _MAX_CELL))
    reader = csv.DictReader(file)
    for line in reader:
        try:
            yield _item(line, raw)
        except (KeyError, TypeError, AttributeError, InvalidOperation, canonical_json.CanonicalJSONError) as error:
            raise ValueError(f"line {reader.line_num} is not a line of an export: {error!r}") from error


def _item(line: Mapping[str, str], raw: bool) -> dict[str, Any]:
    kind, cells = line["ValueType"], {name: cell if raw else restore(cell) for name, cell in line.items()}
    item: dict[str, Any] = {name: cell for name, cell in cells.items() if cell and name != "ValueType"}
    item["MetricValue"] = Decimal(line["MetricValue"]) if kind == NUMBER else cells["MetricValue"]
    item.update({name: canonical_json.loads(item[name]) for name in _DOCUMENTS if name in item})
    return item
