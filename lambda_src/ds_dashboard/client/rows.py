"""Rows of the API: lists and iterators that convert to a pandas DataFrame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ds_dashboard.client.errors import MissingDependency

if TYPE_CHECKING:
    import pandas

Row = TypeVar("Row")

_INSTANTS = {"time", "last_seen", "threshold_since"}
_COUNTS = {"emitted", "failed"}
_FLAGS = {"stale", "gone"}
# The item repeats the other fields.
_OMITTED = {"item"}


class RowList(list[Row]):
    """A list of rows, which are dataclasses of one type."""

    def __init__(self, row_type: type[Row], rows: Iterable[Row]) -> None:
        super().__init__(rows)
        self._row_type = row_type

    def to_pandas(self) -> pandas.DataFrame:
        """Return a DataFrame with one line per row and one column per field; see `RowStream.to_pandas`."""
        return _to_data_frame(self._row_type, self)


class RowStream(Generic[Row], Iterator[Row]):
    """An iterator of rows, which are dataclasses of one type. It reads the table page by page, and only once."""

    def __init__(self, row_type: type[Row], rows: Iterable[Row]) -> None:
        self._row_type, self._rows = row_type, iter(rows)

    def __next__(self) -> Row:
        return next(self._rows)

    def to_pandas(self) -> pandas.DataFrame:
        """Read the remaining rows into a DataFrame with one line per row and one column per field, except `item`.

        Instants have the dtype `datetime64[us, UTC]`, counts `Int64`. `value` has the dtype `object` and holds the
        exact numbers (`decimal.Decimal`) and texts. `number`, next to it, holds the nearest doubles (`float64`), and
        NaN for texts.

        Raises:
            MissingDependency: pandas is not installed.
        """
        return _to_data_frame(self._row_type, self)


def _to_data_frame(row_type: type[Any], rows: Iterable[Any]) -> pandas.DataFrame:
    try:
        import pandas
    except ImportError as error:
        raise MissingDependency("to_pandas()", "pandas", "pandas") from error
    names = [field.name for field in fields(row_type) if field.name not in _OMITTED]
    if "value" in names:
        names.insert(names.index("value") + 1, "number")
    cells: dict[str, list[Any]] = {name: [] for name in names}
    for row in rows:
        for name in names:
            cells[name].append(getattr(row, name))
    return pandas.DataFrame({name: _series(name, column) for name, column in cells.items()})


def _series(name: str, column: list[Any]) -> pandas.Series[Any]:
    import pandas

    if name in _INSTANTS:
        return pandas.Series(pandas.to_datetime(column, utc=True)).dt.as_unit("us")
    if name in _COUNTS:
        return pandas.Series(column, dtype="Int64")
    if name == "number":
        return pandas.Series(column, dtype="float64")
    if name in _FLAGS:
        return pandas.Series(column, dtype="bool")
    return pandas.Series(column, dtype="object")
