"""A phone that holds credentials and makes codes, as the browser's script does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.signing import PrivateKey
from nuanxin.members.actions.credentials import issue_credentials
from nuanxin.members.rules.credentials import OfflineCode, day_number, decode, device_text, encode, pack

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.access.actors import Actor


@dataclass(frozen=True)
class Held:
    """One credential on the phone: its private key, and the head that the issuer signed."""

    private: PrivateKey
    head: bytes

    @property
    def day(self) -> int:
        """Return the day for which it is good."""
        return int.from_bytes(self.head[1:3])

    @property
    def handle(self) -> bytes:
        """Return what the revocation list names."""
        return self.head[3:9]

    def code_at(self, moment: datetime) -> str:
        """Return the code that the phone shows at a moment."""
        local = moment.astimezone(ZONE)
        return self.code(local.hour * 60 + local.minute)

    def code(self, minute: int, *, day: int | None = None) -> str:
        """Return the code of a minute of the credential's day, or of another one, signed like a phone would."""
        head, day = self.head, self.day if day is None else day
        signature = self.private.sign(device_text(b"NX2" + head[:46], head[46:110], day, minute))
        return pack(
            OfflineCode(
                key_id=head[0],
                day=day,
                minute=minute,
                handle=head[3:9],
                badge=head[9],
                surname=head[10:13],
                device_key=head[13:46],
                issuer_signature=head[46:110],
                device_signature=signature,
            )
        )


def make_credentials(actor: Actor, *, now: datetime, count: int = 1, day: int | None = None) -> list[Held]:
    """Let a member's phone fetch credentials, for today unless said otherwise."""
    number = day_number(now.astimezone(ZONE).date()) if day is None else day
    keys = [PrivateKey.new() for _ in range(count)]
    sent = [{"day": number, "key": encode(key.public().compressed())} for key in keys]
    given = issue_credentials(actor=actor, keys=sent, now=now)
    return [Held(key, decode(one.head)) for key, one in zip(keys, given, strict=True)]
