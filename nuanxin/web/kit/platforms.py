"""WeChat and DingTalk: sending somebody there, and hearing on the way back who it is.

The protocol is django-allauth's: its providers, clients and one-time states. What it keeps of people is not used: no
token, name or picture is stored or asked for, and what the platform calls a person leaves here as a digest only;
except to the app at WeChat that sends notices, which must know whom it tells.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.dingtalk.client import DingTalkOAuth2Client
from allauth.socialaccount.providers.dingtalk.provider import DingTalkProvider
from allauth.socialaccount.providers.dingtalk.views import DingTalkOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.weixin.client import WeixinOAuth2Client
from allauth.socialaccount.providers.weixin.provider import WeixinProvider
from allauth.socialaccount.providers.weixin.views import WeixinOAuth2Adapter
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from requests.exceptions import RequestException

from nuanxin.access.actions.identities import subject_digest
from nuanxin.access.states import Platform
from nuanxin.kernel.refusals import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)
#: A web view of WeChat says so; only there the official account's way is open.
_INSIDE_WEIXIN = "MicroMessenger"
_LONGEST = 200


class PlatformFailed(Invalid):
    """The platform did not say who it is; the phone's code is always there."""

    def __init__(self) -> None:
        super().__init__(
            "platform_failed",
            _("It could not be confirmed who you are there. Please try again, or sign in with a code to your phone."),
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who came back from a platform: digests of what it calls them, the best first, and where to go on.

    :param openid: what WeChat's app calls them, if that app sends them notices; nothing otherwise.
    """

    platform: str
    digests: tuple[bytes, ...]
    next_url: str
    openid: str = ""


class _OfficialClient(WeixinOAuth2Client):  # type: ignore[misc]
    """WeChat wants its own fragment at the end of the address."""

    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, str]) -> str:
        return f"{super().get_redirect_url(authorization_url, scope, extra_params)}#wechat_redirect"


class _WeixinAdapter(WeixinOAuth2Adapter):  # type: ignore[misc]
    client_class = _OfficialClient
    callback = ""

    @property
    def authorize_url(self) -> str:
        inside = self.app.settings["inside"]
        return f"{settings.NUANXIN_WEIXIN_URLS[0]}/connect/{'oauth2/authorize' if inside else 'qrconnect'}"

    @property
    def access_token_url(self) -> str:
        return f"{settings.NUANXIN_WEIXIN_URLS[1]}/sns/oauth2/access_token"

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return self.callback

    def subjects(self, told: dict[str, Any]) -> Iterator[Any]:
        """Give the person's name across the installation's apps, where WeChat tells it, then the one in this app."""
        yield told.get("unionid")
        yield f"{self.app.client_id} {told['openid']}"


class _DingTalkAdapter(DingTalkOAuth2Adapter):  # type: ignore[misc]
    client_class = DingTalkOAuth2Client
    callback = ""

    @property
    def authorize_url(self) -> str:
        return f"{settings.NUANXIN_DINGTALK_URLS[0]}/oauth2/auth"

    @property
    def access_token_url(self) -> str:
        return f"{settings.NUANXIN_DINGTALK_URLS[1]}/v1.0/oauth2/userAccessToken"

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return self.callback

    def subjects(self, told: dict[str, Any]) -> Iterator[Any]:
        """Ask DingTalk whose token it is, and give the person's names there."""
        headers = {"x-acs-dingtalk-access-token": told["access_token"]}
        with get_adapter().get_requests_session() as session:
            answer = session.get(f"{settings.NUANXIN_DINGTALK_URLS[1]}/v1.0/contact/users/me", headers=headers)
            answer.raise_for_status()
            person = answer.json()
        yield person.get("unionId")
        yield f"{self.app.client_id} {person['openId']}"


_WAYS = {
    Platform.WEIXIN: (WeixinProvider, _WeixinAdapter),
    Platform.DINGTALK: (DingTalkProvider, _DingTalkAdapter),
}


def offered(request: HttpRequest) -> list[Platform]:
    """Return the platforms by which somebody may sign in with this browser: those the settings name."""
    return [platform for platform in Platform if _app(request, platform) is not None]


def _app(request: HttpRequest, platform: str, *, inside: bool | None = None) -> SocialApp | None:
    """Return the app at a platform that this browser can use, never saved: its secret stays in the environment."""
    if platform == Platform.DINGTALK:
        keys = settings.NUANXIN_DINGTALK
        more: dict[str, Any] = {"scope": ["openid"], "auth_params": {"prompt": "consent"}}
    else:
        inside = _INSIDE_WEIXIN in request.headers.get("User-Agent", "") if inside is None else inside
        keys = settings.NUANXIN_WEIXIN if inside else settings.NUANXIN_WEIXIN_QR
        both = bool(settings.NUANXIN_WEIXIN and settings.NUANXIN_WEIXIN_QR)
        scope = ("snsapi_userinfo" if both else "snsapi_base") if inside else "snsapi_login"
        more = {"inside": inside, "scope": [scope]}
    if len(keys) != 2:
        return None
    return SocialApp(provider=platform, name=platform, client_id=keys[0], secret=keys[1], settings=more)


def _provider(request: HttpRequest, app: SocialApp | None, callback: str) -> Any:
    if app is None:
        raise NotFound
    provider_class, adapter_class = _WAYS[Platform(app.provider)]
    provider = provider_class(request, app=app)
    fixed = {"callback": f"{settings.NUANXIN_BASE_URL}{callback}", "app": app}
    provider.oauth2_adapter_class = type(adapter_class.__name__, (adapter_class,), fixed)
    return provider


def go_to(request: HttpRequest, platform: str, *, callback: str, next_url: str = "") -> HttpResponse:
    """Send the browser to a platform, with a state that only this session can bring back, once, within ten minutes.

    :param callback: path of the page that takes the answer.
    :raises NotFound: the settings do not name the platform, or this browser cannot use it.
    """
    if platform not in Platform:
        raise NotFound
    app = _app(request, platform)
    provider = _provider(request, app, callback)
    inside = bool(app and app.settings.get("inside"))
    answer: HttpResponse = provider.redirect(
        request, process="login", next_url=next_url, data={"callback": callback, "inside": inside}
    )
    return answer


def came_back(request: HttpRequest, platform: str, *, callback: str) -> Person:
    """Take a platform's answer and return who it is.

    :raises NotFound: the settings do not name the platform.
    :raises PlatformFailed: not begun in this session, too late, cancelled, or not confirmed by the platform.
    """
    if platform not in Platform:
        raise NotFound
    state_id = request.GET.get("state", "")[:_LONGEST]
    state = statekit.unstash_state(request, provider_id=platform, state_id=state_id) if state_id else None
    if state is None or (state.get("data") or {}).get("callback") != callback:
        raise PlatformFailed
    provider = _provider(request, _app(request, platform, inside=state["data"]["inside"]), callback)
    adapter = provider.get_oauth2_adapter(request)
    code = request.GET.get("code", "")
    if not code or len(code) > _LONGEST:
        raise PlatformFailed
    try:
        told = adapter.get_client(request, provider.app).get_access_token(code)
        names = [name for name in adapter.subjects(told) if name and isinstance(name, str)]
    except (OAuth2Error, RequestException, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("%s did not confirm a person: %s", platform, type(error).__name__)
        raise PlatformFailed from None
    digests = tuple(subject_digest(platform, name[:_LONGEST]) for name in names)
    openid = str(told["openid"])[:_LONGEST] if _sends_notices(platform, provider.app.client_id) else ""
    return Person(platform, digests, str(state.get("next") or ""), openid)


def _sends_notices(platform: str, app_id: str) -> bool:
    """Answer whether an app is the service account by which subscribe messages go."""
    return platform == Platform.WEIXIN and settings.NUANXIN_WEIXIN_NOTICES[:2] == ["account", app_id]
