"""Where gateways say what became of a text, and where a mailbox is confirmed."""

from __future__ import annotations

import hmac
import json
import logging
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.secrets import unseal
from nuanxin.messages.actions.choices import confirm_email, read_email_link
from nuanxin.messages.actions.receipts import take_receipts
from nuanxin.messages.queries.outlets import ways_set_up
from nuanxin.messages.rules.addresses import mask_email
from nuanxin.messages.rules.receipts import FRESH, read_receipt, signature

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.web.kit.requests import Request

log = logging.getLogger(__name__)
#: Receipts in one call.
MOST = 500


@csrf_exempt
@require_POST
def receipts(request: HttpRequest, key: str = "") -> HttpResponse:
    """Take receipts: one JSON object or a list of them, under the secret path or signed.

    Signed calls carry `X-Nuanxin-Timestamp` (seconds) and `X-Nuanxin-Signature`; see docs/notices.md. What cannot be
    read is left out, what was taken before changes nothing, and the answer is the same: a gateway that repeats itself
    is content.
    """
    now: datetime = request.now  # type: ignore[attr-defined]
    if not _is_known(request, key, now):
        raise NotFound
    try:
        told = json.loads(request.body)
    except (ValueError, RecursionError):
        return JsonResponse({"code": 1, "msg": "no JSON"}, status=400)
    rows: list[Any] = told if isinstance(told, list) else [told]
    if len(rows) > MOST:
        return JsonResponse({"code": 1, "msg": f"more than {MOST} receipts"}, status=413)
    read = [receipt for row in rows if isinstance(row, dict) and (receipt := read_receipt(row))]
    taken = take_receipts(receipts=read, channels=ways_set_up(), now=now)
    return JsonResponse({"code": 0, "msg": "ok", "read": len(read), "new": taken})


def _is_known(request: HttpRequest, key: str, now: datetime) -> bool:
    """Answer whether the call comes from the gateway: by the secret in the path, or a fresh signature."""
    secret = settings.NUANXIN_RECEIPT_KEY
    if not secret:
        return False
    if key:
        return hmac.compare_digest(key.encode(), secret.encode())
    stamp = request.headers.get("X-Nuanxin-Timestamp", "")
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    if abs(now.timestamp() - int(stamp)) > FRESH.total_seconds():
        return False
    signed = request.headers.get("X-Nuanxin-Signature", "").encode()
    return hmac.compare_digest(signed, signature(secret, stamp, request.body).encode())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def email(request: Request, token: str) -> HttpResponse:
    """Ask whether a mailbox is right, and confirm it. Opening the link alone does nothing: mail scanners open links."""
    address = unseal(read_email_link(token, now=request.now).sealed_address)
    if request.method == "POST":
        confirm_email(actor=request.actor, token=token, now=request.now)
        messages.success(request, _("Thank you. Notices may come to this mailbox now."))
        return redirect("worker:home")
    context = {"page_title": _("Confirm your mailbox"), "mailbox": mask_email(address)}
    return render(request, "open/email.html", context)
