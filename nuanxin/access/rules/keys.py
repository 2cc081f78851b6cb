"""The form of keys: a prefix that tells what a key is, and a digest by which alone it is known."""

from nuanxin.kernel.ids import secret_token
from nuanxin.kernel.secrets import digest

CLIENT_PREFIX = "nxc_"
TOKEN_PREFIX = "nxt_"
DEVICE_PREFIX = "nxd_"
_MOST = 100


def new_key(prefix: str) -> str:
    """Return a fresh key of 192 bits."""
    return prefix + secret_token()


def key_digest(key: str) -> bytes:
    """Return the keyed digest under which a key is held; what is too long for a key is cut before hashing."""
    return digest("key", key[:_MOST].encode("utf-8", "replace").decode())
