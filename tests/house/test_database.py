"""The floor under the house: a real PostgreSQL that knows Chinese, and a role that cannot rewrite history."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction

from nuanxin.postgres.grants import append_only_tables


@pytest.mark.django_db
def test_the_database_knows_chinese_letters() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, '聊城' ~ '^[[:alpha:]]+$'")
        number, letters = cursor.fetchone()
    assert number >= 160000
    assert letters is True


def test_some_tables_are_append_only() -> None:
    assert "records_auditentry" in append_only_tables()
    assert len(append_only_tables()) >= 2


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_the_application_role_cannot_change_append_only_tables(as_application_role: None, change: str) -> None:
    for table in append_only_tables():
        model = next(model for model in apps.get_models() if model._meta.db_table == table)
        statement = change.format(f'"{table}"', f'"{model._meta.pk.column}"')
        denied = pytest.raises(ProgrammingError, match="permission denied")
        with denied, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.django_db
def test_the_application_role_reads_and_writes_everything_else(as_application_role: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'public' AND c.relkind = 'r' AND NOT (has_table_privilege(c.oid, 'SELECT')
                 AND has_table_privilege(c.oid, 'INSERT')
                 AND (c.relname = ANY(%s)
                      OR has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE')))""",
            [append_only_tables()],
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
def test_the_control_the_owner_could(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute('DELETE FROM "records_auditentry"')
        assert cursor.rowcount == 0
