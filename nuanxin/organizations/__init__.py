"""Unions, enterprises and the dated rules between them.

Owns the tree of unions, enterprises and platforms, which union covers which enterprise, occupation groups and their
sets, doors, admission rules and every other dated rule. Does not know people: posts are in `access`, members above.
May import regions, messages, records and the kernel.
"""
