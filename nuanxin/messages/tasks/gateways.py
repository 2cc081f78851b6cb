"""The way out: a text message to the console, or over any gateway that Apprise speaks to."""

from __future__ import annotations

import logging
from typing import Protocol
from urllib.parse import quote

import apprise
from django.conf import settings

from nuanxin.kernel.identifiers import mask_phone

log = logging.getLogger(__name__)


class DeliveryError(Exception):
    """The gateway did not take the message; it may be tried again."""


class Gateway(Protocol):
    """Something that takes a text message to a phone."""

    def send(self, phone: str, text: str) -> None:
        """Hand one message over, or raise `DeliveryError`."""


class Console:
    """Print messages on standard output: for demonstrations, and for an installation without a gateway yet."""

    def send(self, phone: str, text: str) -> None:
        """Print the masked number and the whole text."""
        print(f"[SMS] {mask_phone(phone)} {text}", flush=True)


class AppriseGateway:
    """A gateway behind an Apprise address, in which `{phone}` stands for the number.

    For example `jsons://gateway.example/send?:to={phone}` posts JSON with `to` and `message`.
    """

    def __init__(self, address: str) -> None:
        self.address = address

    def send(self, phone: str, text: str) -> None:
        """Hand the message to the gateway.

        :raises DeliveryError: the address is none, or the gateway could not be reached or answered with an error.
        """
        outlet = apprise.Apprise()
        if not outlet.add(self.address.replace("{phone}", quote(phone))):
            raise DeliveryError("NUANXIN_SMS_URL is no address that can be used")
        if not outlet.notify(body=text):
            raise DeliveryError("the gateway did not take the message")


def gateway() -> Gateway:
    """Return the gateway that the settings name."""
    return AppriseGateway(settings.NUANXIN_SMS_URL) if settings.NUANXIN_SMS_URL else Console()
