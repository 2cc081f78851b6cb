"""Sessions of browsers: where somebody is signed in, so that it can be seen and ended."""

from __future__ import annotations

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from nuanxin.access.models.account import Account


class BrowserSession(AbstractBaseSession):
    """What one browser holds on the server. Its key is kept as a digest: whoever reads the table cannot ride on it."""

    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="browser_sessions")
    #: Browser and system in words, never the whole user agent.
    device = models.CharField(max_length=60, blank=True)
    began_at = models.DateTimeField(null=True)
    #: Coarse: to some minutes at the desk, to an hour elsewhere.
    seen_at = models.DateTimeField(null=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False
