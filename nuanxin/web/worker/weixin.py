"""What a page asks for inside WeChat: the signature with which WeChat's script is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.decorators.http import require_safe

from nuanxin.web.kit.guards import count
from nuanxin.web.kit.scripts import for_scripts
from nuanxin.web.kit.weixin import sign_page

if TYPE_CHECKING:
    from nuanxin.web.worker.requests import WorkerRequest


@require_safe
@for_scripts
def signature(request: WorkerRequest) -> dict[str, Any]:
    """Answer with the signed configuration for the page that asks."""
    count(request, "public_api")
    signed = sign_page(request.GET.get("url", ""), now=request.now)
    return {
        "appId": signed.app_id,
        "timestamp": signed.timestamp,
        "nonceStr": signed.nonce,
        "signature": signed.signature,
    }
