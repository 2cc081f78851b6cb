"""The database server: one small house for the embedded PostgreSQL, which nothing else has to know.

Owns finding the server binaries, making and running a cluster, its two roles and the grants that make tables append-only.
Holds no tables and imports nothing of Nuanxin; it needs no Django except for the names of append-only tables (`grants`).
"""
