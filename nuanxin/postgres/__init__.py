"""The database server: one small house for the embedded PostgreSQL, which nothing else has to know.

Owns finding the server binaries, making and running a cluster, its two roles and the grants that make tables
append-only. Holds no tables and imports nothing of Nuanxin; only `grants` needs Django, to know the tables' names.
"""
