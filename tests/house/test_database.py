"""The house's floor: a real database answers."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_database_is_postgresql_with_a_locale_that_knows_chinese() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, datctype FROM pg_database"
            " WHERE datname = current_database()"
        )
        number, locale = cursor.fetchone()
    assert number >= 160000
    assert locale == "C.UTF-8"
