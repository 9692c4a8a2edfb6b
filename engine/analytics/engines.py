"""What runs the expressions of analyses: DuckDB in this process, or Spark over the same files.

An expression is written once (see `engine.analytics`), and knows neither. Nothing here asks the live database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from engine.errors import WaypostError

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

_names = count(1)
_CLUSTER: Final = ("spark://", "local", "yarn", "k8s://")


class Engine(Protocol):
    """Reads Parquet files as tables, and computes expressions over them."""

    name: str

    def table(self, files: Sequence[Path]) -> ibis.Table:
        """Files of one kind as one table."""
        ...

    def arrow(self, expression: Any) -> pa.Table:
        """The rows of an expression."""
        ...

    def rows(self, expression: Any) -> list[dict[str, Any]]:
        """The same as dictionaries: for answers of few rows."""
        ...

    def kept(self, expression: Any) -> AbstractContextManager[ibis.Table]:
        """The rows of an expression as a table, computed once for the block that reads them several times."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class NoSpark(WaypostError):
    """Spark was asked for and is not installed, or cannot be reached."""

    code = "no_spark"


class DuckDB:
    """The embedded engine, which opens files below one folder and nothing else.

    lake: that folder; without it files from anywhere, but still no database. memory: the most that it takes, such as
    `4GB`, before it writes to `spill`.
    """

    name = "duckdb"

    def __init__(
        self,
        *,
        lake: Path | None = None,
        memory: str | None = None,
        spill: Path | None = None,
        threads: int | None = None,
    ) -> None:
        """Nothing is kept when it is closed."""
        import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

        chosen = {
            "memory_limit": memory,
            "temp_directory": spill and str(spill),
            "threads": threads,
            # Nothing is fetched from elsewhere.
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self.backend: Any = ibis.duckdb.connect(**{name: value for name, value in chosen.items() if value is not None})
        # Analyses look into JSON by the name that Spark has for it.
        self.backend.raw_sql("CREATE MACRO get_json_object(text, path) AS json_extract_string(text, path)")
        self._shut_in(lake or Path("/"))

    def _shut_in(self, folder: Path) -> None:
        """Open no file outside the folder from now on, load nothing that reads another kind of file or database (the
        scanner of SQLite loses rows of a database that this process writes), and let nobody change that.
        """
        names = ", ".join("'" + str(each).replace("'", "''") + "'" for each in (folder, folder.resolve()))
        self.backend.raw_sql(f"SET allowed_directories = [{names}]")
        self.backend.raw_sql("SET enable_external_access = false")
        self.backend.raw_sql("SET lock_configuration = true")

    def table(self, files: Sequence[Path]) -> ibis.Table:
        """Files of one kind as one table."""
        return self.backend.read_parquet([str(file) for file in files], hive_partitioning=False)

    def arrow(self, expression: Any) -> pa.Table:
        """The rows of an expression."""
        return self.backend.to_pyarrow(expression)

    def rows(self, expression: Any) -> list[dict[str, Any]]:
        """The same as dictionaries."""
        found: list[dict[str, Any]] = self.arrow(expression).to_pylist()
        return found

    @contextmanager
    def kept(self, expression: Any) -> Iterator[ibis.Table]:
        """The rows of an expression as a temporary table."""
        name = f"waypost_kept_{next(_names)}"
        table: ibis.Table = self.backend.create_table(name, expression, temp=True)
        try:
            yield table
        finally:
            self.backend.drop_table(name)

    def close(self) -> None:
        """Give its memory back."""
        self.backend.disconnect()


class Spark:
    """A Spark cluster, or a part of this machine. master: as Spark writes it, `spark://host:7077` or `local[2]`.

    Every worker has to see the lake's folder under the same path. choices: settings of Spark by name.
    """

    name = "spark"

    def __init__(self, master: str, **choices: str) -> None:
        """Connect. Raises NoSpark."""
        if not is_master(master):
            raise NoSpark(f"`{master}` is not the address of a Spark master like `spark://host:7077`")
        try:
            import ibis  # noqa: PLC0415
            from pyspark.errors import PySparkException  # noqa: PLC0415
            from pyspark.sql import SparkSession  # noqa: PLC0415
        except ImportError:
            raise NoSpark("Spark is not installed: `pip install 'waypost[spark]'`, and Java 17") from None
        builder = SparkSession.builder.master(master).appName("waypost")
        settings = {"spark.sql.session.timeZone": "UTC", "spark.ui.enabled": "false", **choices}
        for name, value in settings.items():
            builder = builder.config(name, value)
        try:
            self.session = builder.getOrCreate()
        except (PySparkException, RuntimeError, OSError) as error:
            raise NoSpark(f"Spark at `{master}` does not answer: {error}") from None
        self.backend: Any = ibis.pyspark.connect(self.session)

    def table(self, files: Sequence[Path]) -> ibis.Table:
        """Files of one kind as one table."""
        name = f"waypost_{next(_names)}"
        self.session.read.parquet(*(str(file) for file in files)).createOrReplaceTempView(name)
        return self.backend.table(name)

    def arrow(self, expression: Any) -> pa.Table:
        """The rows of an expression."""
        return self.backend.to_pyarrow(expression)

    def rows(self, expression: Any) -> list[dict[str, Any]]:
        """The same as dictionaries."""
        found: list[dict[str, Any]] = self.arrow(expression).to_pylist()
        return found

    @contextmanager
    def kept(self, expression: Any) -> Iterator[ibis.Table]:
        """The rows of an expression, kept by the workers once somebody has read them."""
        name = f"waypost_kept_{next(_names)}"
        # A view of one's own session: its memory tables are known there, and nothing is written.
        self.backend.create_view(name, expression)
        self.session.catalog.cacheTable(name)
        try:
            yield self.backend.table(name)
        finally:
            self.session.catalog.uncacheTable(name)
            self.session.catalog.dropTempView(name)

    def close(self) -> None:
        """Leave the cluster."""
        self.session.stop()


def is_master(text: str) -> bool:
    """True for what Spark takes for the address of a master."""
    return text.startswith(_CLUSTER)


@contextmanager
def engine_at(
    master: str | None, *, lake: Path | None = None, memory: str | None = None, spill: Path | None = None
) -> Iterator[Engine]:
    """The engine of an installation: Spark where it has a master, else DuckDB in this process. Raises NoSpark."""
    engine = Spark(master) if master else DuckDB(lake=lake, memory=memory, spill=spill)
    try:
        yield engine
    finally:
        engine.close()
