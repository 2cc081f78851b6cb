"""The ways out: the console, any gateway that Apprise speaks to, the bots of WeCom and DingTalk, and WeChat."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import quote, unquote

import apprise
import requests
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.wecombot import NotifyWeComBot
from django.conf import settings
from django.utils.translation import gettext_noop as _

from nuanxin.kernel.identifiers import mask_phone
from nuanxin.messages.queries.outlets import has_weixin
from nuanxin.messages.states import CHATS, Channel
from nuanxin.messages.tasks.parcels import PATIENCE, DeliveryError, Parcel
from nuanxin.messages.tasks.weixin import Weixin


class Gateway(Protocol):
    """Something that takes a text to an address."""

    def send(self, parcel: Parcel) -> None:
        """Hand one text over, or raise `DeliveryError`."""


class Console:
    """Print messages on standard output: for demonstrations, and for an installation without a gateway yet."""

    def send(self, parcel: Parcel) -> None:
        """Print the masked number and the whole text."""
        print(f"[SMS] {mask_phone(parcel.address)} {parcel.text}", flush=True)


class AppriseGateway:
    """A gateway behind an Apprise address, in which `{phone}` or `{address}` stands for whom, `{id}` for the text.

    For example `jsons://gateway.example/send?:to={phone}&:out_id={id}` posts JSON with `to`, `out_id` and `message`.
    """

    def __init__(self, address: str, *, setting: str, title: str = "") -> None:
        self.address = address
        self.setting = setting
        self.title = title

    def send(self, parcel: Parcel) -> None:
        """Hand the message to the gateway.

        :raises DeliveryError: the address is none, or the gateway could not be reached or answered with an error.
        """
        outlet = apprise.Apprise()
        to = quote(parcel.address)
        address = self.address.replace("{phone}", to).replace("{address}", to).replace("{id}", str(parcel.text_id))
        if not outlet.add(address):
            raise DeliveryError(f"{self.setting} is no address that can be used")
        if not outlet.notify(body=parcel.text, title=self.title):
            raise DeliveryError(_("the gateway did not take the message"))


class Bots:
    """The bots of chats at WeCom and DingTalk, by their Apprise addresses.

    Apprise reads the address and signs; the answer is read here, because both platforms refuse with HTTP status 200.
    """

    #: Error numbers after which trying again is of no use: the bot is gone, its key is wrong, or it is locked out.
    _FOR_GOOD = frozenset({93000, 300001, 300005, 310000, 400101, 400102})

    def send(self, parcel: Parcel) -> None:
        """Post the text to the chat.

        :raises DeliveryError: the address is none, or the platform could not be reached or refused.
        """
        plugin = apprise.Apprise.instantiate(parcel.address)
        url, parameters = _bot(plugin)
        payload: Any = {"msgtype": "text", "text": {"content": parcel.text}}
        try:
            response = requests.post(url, params=parameters, json=payload, timeout=PATIENCE, allow_redirects=False)
            response.raise_for_status()
            answer = response.json()
            code = int(answer["errcode"])
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise DeliveryError(f"the platform of the chat was not reached: {type(error).__name__}") from None
        if code:
            raise DeliveryError(f"errcode {code} {str(answer.get('errmsg'))[:120]}", for_good=code in self._FOR_GOOD)


def _bot(plugin: Any) -> tuple[str, dict[str, str]]:
    wecom, dingtalk = settings.NUANXIN_BOT_URLS
    if isinstance(plugin, NotifyWeComBot):
        return f"{wecom}/cgi-bin/webhook/send", {"key": plugin.key}
    if isinstance(plugin, NotifyDingTalk):
        parameters = {"access_token": plugin.token}
        if plugin.secret:
            moment, signature = plugin.get_signature()  # type: ignore[no-untyped-call]
            # It comes quoted for an address, and would be quoted once more.
            parameters |= {"timestamp": moment, "sign": unquote(signature)}
        return f"{dingtalk}/robot/send", parameters
    raise DeliveryError("this is no address of a chat at WeCom or DingTalk", for_good=True)


def gateway(channel: str = Channel.SMS) -> Gateway:
    """Return the gateway of a channel that the settings name.

    :raises DeliveryError: there is none any more.
    """
    if channel == Channel.SMS:
        url = settings.NUANXIN_SMS_URL
        return AppriseGateway(url, setting="NUANXIN_SMS_URL") if url else Console()
    if channel == Channel.EMAIL and settings.NUANXIN_MAIL_URL:
        return AppriseGateway(settings.NUANXIN_MAIL_URL, setting="NUANXIN_MAIL_URL", title="暖新 Nuanxin")
    if channel == Channel.WEIXIN and has_weixin():
        return Weixin()
    if channel in CHATS:
        return Bots()
    raise DeliveryError(_("this way out is not set up"), for_good=True)
