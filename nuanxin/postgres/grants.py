"""What the application role may do: everything it needs, and nothing that would rewrite history."""

from __future__ import annotations

from django.apps import apps
from django.db import connection

from .cluster import APPLICATION, OWNER


def append_only_tables() -> list[str]:
    """Name the tables of the models that say `append_only = True`: written once, never changed."""
    return sorted(model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False))


def grant_application_role(role: str = APPLICATION) -> None:
    """Let the application role read and write, and take UPDATE, DELETE and TRUNCATE on append-only tables from it.

    Run as the owner after each migration; running it again changes nothing. A server without the role (one of
    `NUANXIN_DATABASE_URL` where one role does both) is left as it is.
    """
    _make_blanking_functions()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role])
        current, present = cursor.fetchone()
        if not present or current == role:
            return
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}")
        for table in sorted({*append_only_tables()} & {*connection.introspection.table_names(cursor)}):
            cursor.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM {role}')


def _make_blanking_functions() -> None:
    """Let personal text of append-only tables be emptied, and nothing else be done to it.

    Each function runs with the owner's rights and sets the columns that the retention register names to nothing; with
    it the application role can make a person's words disappear, but not change them, nor any other column.
    """
    from nuanxin.records.actions.erasing import blankable, blanking_function  # needs the models

    with connection.cursor() as cursor:
        for model, names in blankable().items():
            table = model._meta.db_table
            empty = ", ".join(f"\"{name}\" = ''" for name in names)
            cursor.execute(
                f'CREATE OR REPLACE FUNCTION "{blanking_function(model)}"(ids uuid[]) RETURNS void LANGUAGE sql '
                "SECURITY DEFINER SET search_path = public, pg_temp AS "
                f'$$ UPDATE "{table}" SET {empty} WHERE id = ANY(ids) $$'
            )
            cursor.execute(f'REVOKE ALL ON FUNCTION "{blanking_function(model)}"(uuid[]) FROM PUBLIC')


__all__ = ["APPLICATION", "OWNER", "append_only_tables", "grant_application_role"]
