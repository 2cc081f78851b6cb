"""Import a CSV file of people by django-import-export, in bulk and with validation; print how many seconds it took."""

import sys
import time
from pathlib import Path

import django


def main() -> None:
    """Make the table, import, and drop it."""
    django.setup()
    import tablib
    from django.db import connection
    from import_export.resources import modelresource_factory

    from bench.plain.models import PlainPerson

    resource = modelresource_factory(PlainPerson)()
    meta = resource._meta
    meta.import_id_fields, meta.exclude = ("id_number",), ("id",)
    meta.use_bulk, meta.batch_size, meta.clean_model_instances, meta.skip_diff = True, 1000, True, True
    resource.fields.pop("id", None)
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    with connection.schema_editor() as editor:
        editor.create_model(PlainPerson)
    try:
        began = time.perf_counter()
        done = resource.import_data(tablib.Dataset().load(text, format="csv"), raise_errors=True)
        seconds = time.perf_counter() - began
        if done.totals["new"] != text.count("\n") - 1:
            raise RuntimeError(f"Not everybody was imported: {dict(done.totals)}")
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(PlainPerson)
    print(seconds)


if __name__ == "__main__":
    main()
