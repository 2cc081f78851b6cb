"""The secrets of authenticators at rest."""

from __future__ import annotations

import base64

from allauth.mfa.adapter import DefaultMFAAdapter

from nuanxin.kernel.secrets import seal, unseal


class SealedSecrets(DefaultMFAAdapter):  # type: ignore[misc]
    """Hold what allauth keeps for a second factor sealed under the installation's key."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return base64.b64encode(seal(text)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret."""
        return unseal(base64.b64decode(encrypted_text))
