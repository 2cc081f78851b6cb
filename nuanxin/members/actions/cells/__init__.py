"""Membership across cells: claims at the directory, packages between cells. See docs/cells.md.

A cell counts a person if, and only if, the directory has granted it the claim and the membership has not ended.
"""
