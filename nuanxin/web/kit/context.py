"""The context processor of every page: `kit` holds what the base pages need and a view does not say."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from nuanxin.web.kit.elder import is_elder
from nuanxin.web.kit.weixin import SCRIPT, wants_script


def face(request: HttpRequest) -> dict[str, Any]:
    """Say whether the elder view is on, whether WeChat's script is of use, and which language the switch offers.

    Touches neither session nor database.
    """
    chinese = (get_language() or "zh-hans").startswith("zh")
    return {
        "elder": is_elder(request),
        "weixin_script": SCRIPT if wants_script(request) else "",
        "other_language": "en" if chinese else "zh-hans",
        "other_language_name": "English" if chinese else "中文",
    }
