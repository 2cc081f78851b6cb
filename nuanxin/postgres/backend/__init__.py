"""Django's PostgreSQL backend, with connections that are not asked how they are at every request."""
