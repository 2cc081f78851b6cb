"""What is handed to a gateway, and what it may answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

#: Seconds that a gateway may take to be reached, and to answer.
PATIENCE = (4, 8)


class DeliveryError(Exception):
    """The gateway did not take the message; it may be tried again, unless it is `for_good`."""

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        super().__init__(message)
        self.for_good = for_good


@dataclass(frozen=True, slots=True)
class Parcel:
    """One text as a gateway takes it.

    :param text_id: by which a receipt names it later.
    :param values: what filled the template, for gateways that word it themselves.
    :param link: path of the page it leads to.
    """

    text_id: UUID
    address: str
    text: str
    template: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    link: str = ""
