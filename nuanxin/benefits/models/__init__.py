"""Rows of the benefits floor."""

from nuanxin.benefits.models.packs import PackMark, PackMovement, PackRight, PackStock

__all__ = [
    "PackMark",
    "PackMovement",
    "PackRight",
    "PackStock",
]
