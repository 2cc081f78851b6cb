"""WeChat subscribe messages: a token for the app, kept until it wears out, and one call for each message.

Source: WeChat open documentation, "Get stable access token" (`POST /cgi-bin/stable_token`) and "Send subscribe
message" (mini program: `/cgi-bin/message/subscribe/send`, service account: `/cgi-bin/message/subscribe/bizsend`).
The stable token is the same for every process that asks; forcing a new one ends the old one for all of them.
"""

from __future__ import annotations

from time import monotonic
from typing import Any, Final

import requests
from django.conf import settings

from nuanxin.messages.queries.outlets import weixin_templates
from nuanxin.messages.rules.weixin import SENDERS, data_of, judge
from nuanxin.messages.tasks.parcels import PATIENCE, DeliveryError, Parcel

#: Seconds before its end that a token is no longer used.
_MARGIN: Final = 120
_tokens: dict[str, tuple[str, float]] = {}


class Weixin:
    """The app of the installation at WeChat: `NUANXIN_WEIXIN_NOTICES` names its kind, its id and its secret."""

    def __init__(self) -> None:
        self.kind, self.app_id, self.secret = settings.NUANXIN_WEIXIN_NOTICES
        self.base = settings.NUANXIN_WEIXIN_URLS[1]

    def send(self, parcel: Parcel) -> None:
        """Send one message to somebody who agreed to be told.

        :raises DeliveryError: WeChat was not reached, or refused; for good when the person did not agree (43101).
        """
        message = self._message(parcel)
        token = self._token()
        answer = self._post(f"{SENDERS[self.kind]}?access_token={token}", message)
        if judge(_code(answer)).renew:
            answer = self._post(f"{SENDERS[self.kind]}?access_token={self._renewed(token)}", message)
        verdict = judge(_code(answer))
        if not verdict.is_sent:
            error = f"errcode {_code(answer)} {str(answer.get('errmsg'))[:120]}"
            raise DeliveryError(error, for_good=verdict.for_good)

    def _message(self, parcel: Parcel) -> dict[str, Any]:
        listed = weixin_templates()
        template = listed.get("templates", {}).get(parcel.template)
        if template is None:
            raise DeliveryError(f"no WeChat template for {parcel.template}", for_good=True)
        try:
            data = data_of(template["data"], parcel.values)
        except (KeyError, TypeError, ValueError) as error:
            raise DeliveryError(f"the WeChat template for {parcel.template} asks for {error}", for_good=True) from None
        message: dict[str, Any] = {"touser": parcel.address, "template_id": template["id"], "data": data}
        if page := template.get("page", listed.get("page")):
            message["page"] = page.replace("{path}", parcel.link or "/").replace("{url}", settings.NUANXIN_BASE_URL)
        if self.kind == "mini":
            message |= {"miniprogram_state": "formal", "lang": "zh_CN"}
        return message

    def _token(self) -> str:
        token, until = _tokens.get(self.app_id, ("", 0.0))
        return token if until > monotonic() else self._fetch(force=False)

    def _renewed(self, worn: str) -> str:
        """Return another token than the one that was refused: the one others have by now, or else a new one."""
        token = self._fetch(force=False)
        return token if token != worn else self._fetch(force=True)

    def _fetch(self, *, force: bool) -> str:
        asked = {"grant_type": "client_credential", "appid": self.app_id, "secret": self.secret, "force_refresh": force}
        answer = self._post("/cgi-bin/stable_token", asked)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not isinstance(seconds, int):
            _tokens.pop(self.app_id, None)
            raise DeliveryError(f"no token: errcode {answer.get('errcode')} {str(answer.get('errmsg'))[:120]}")
        _tokens[self.app_id] = (token, monotonic() + seconds - _MARGIN)
        return token

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = requests.post(f"{self.base}{path}", json=body, timeout=PATIENCE, allow_redirects=False)
            response.raise_for_status()
            answer = response.json()
        except (requests.RequestException, ValueError) as error:
            # The address holds the token: an error's own words are not passed on.
            raise DeliveryError(f"WeChat was not reached: {type(error).__name__}") from None
        if not isinstance(answer, dict):
            raise DeliveryError("WeChat answered something else")
        return answer


def _code(answer: dict[str, Any]) -> int:
    code = answer.get("errcode")
    return code if isinstance(code, int) else -1
