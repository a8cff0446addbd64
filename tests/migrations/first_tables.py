"""`python -m tests.migrations.first_tables` writes the tables of the first migration anew from the models.

Only until the first release: from then on a changed table is a migration of its own.
"""

import importlib
import pkgutil
import subprocess
import sys
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine

import reviewflow
from reviewflow.db import Base, UTCDateTime
from reviewflow.settings import resource_folder

PATH = resource_folder("migrations") / "versions" / "0001_first_tables.py"
START = "def _make_tables"


def every_table() -> MetaData:
    """Every table of every room, whoever imports it."""
    for module in pkgutil.walk_packages(reviewflow.__path__, "reviewflow."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return Base.metadata


def written() -> str:
    """The two functions that make the tables and drop them."""
    metadata = every_table()
    with create_engine("sqlite://").connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"target_metadata": metadata, "render_item": _render}
        )
        steps = produce_migrations(context, metadata).upgrade_ops
        assert steps is not None
        code = render_python_code(steps, render_item=_render)
    made = "\n".join(line for line in code.splitlines() if "###" not in line).strip()
    dropped = "\n".join(f"    op.drop_table({t.name!r})" for t in reversed(metadata.sorted_tables))
    return f"{START}() -> None:\n    {made}\n\n\ndef _drop_tables() -> None:\n{dropped}\n"


def _render(kind: str, item: Any, _context: Any) -> str | bool:
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


if __name__ == "__main__":
    kept = PATH.read_text().partition(START)[0]
    PATH.write_text(kept + written())
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", PATH], check=True)
