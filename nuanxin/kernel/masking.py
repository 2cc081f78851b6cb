"""Keeping what is secret out of logs: whatever is written passes here last, its exceptions too.

Masked are phones, document numbers, secrets in addresses and headers, keys, long random words, and what follows words
such as "password" or "code". Of an exception's own message every character beyond ASCII is masked: our own messages
to ourselves are English, so what is not is somebody's name or words.
"""

from __future__ import annotations

import logging
import re
import traceback
from typing import Final

_HIDDEN = "***"
_RULES: Final = (
    # secrets in addresses: progress links, invitations, offers, enrollment links, query strings
    (re.compile(r"(/(?:a|i|q)/)[^/\s?\"'#]+"), rf"\1{_HIDDEN}"),
    (
        re.compile(r"([?&](?:token|code|key|phone|q|next|state|id_number|employer_name)=)[^&\s\"']+", re.IGNORECASE),
        rf"\1{_HIDDEN}",
    ),
    (re.compile(r"(Bearer|Basic)\s+[^\s\"',]+", re.IGNORECASE), rf"\1 {_HIDDEN}"),
    (re.compile(r"((?:set-)?cookie['\"]?\s*[:=]\s*).*", re.IGNORECASE), rf"\1{_HIDDEN}"),
    # words that announce a secret
    (
        re.compile(
            r"((?:password|passwd|pwd|secret|token|api[_-]?key|code|otp|last6|phone|id_number|number|name)"
            r"['\"]?\s*(?:=|:)\s*)(?:b?'[^']*'|b?\"[^\"]*\"|[^\s,;)}\]]+)",
            re.IGNORECASE,
        ),
        rf"\1{_HIDDEN}",
    ),
    # what a database says of a row
    (re.compile(r"(Failing row contains|Key) \(.*", re.DOTALL), rf"\1 ({_HIDDEN})"),
    (re.compile(r"DETAIL: .*", re.DOTALL), f"DETAIL: {_HIDDEN}"),
    # document numbers, phones
    (re.compile(r"(?<![0-9A-Za-z])\d{6}(?:18|19|20)\d{9}[0-9Xx](?![0-9A-Za-z])"), _HIDDEN),
    (re.compile(r"(?<![0-9A-Za-z])[HMhm]\d{8,10}(?![0-9A-Za-z])"), _HIDDEN),
    (re.compile(r"(?<![0-9.])1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?![0-9])"), _HIDDEN),
    # card codes and codes by text message, as they are spoken of
    (re.compile(r"NX[12]:\S+"), f"NX:{_HIDDEN}"),
    (re.compile(r"(?<![\w.:/-])\d{10}(?![\w.:/-])"), _HIDDEN),
    # keys and long random words: capitals, small letters and digits mixed
    (re.compile(r"\bnx[a-z]_[\w-]+"), _HIDDEN),
    (re.compile(r"(?<![\w/.-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{20,}={0,2}(?![\w/.-])"), _HIDDEN),
)


def masked(text: str) -> str:
    """Return a line of the log without what is secret."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text


def _plain(text: str) -> str:
    return masked("".join(char if char.isascii() else "*" for char in text))


class MaskedLines(logging.Formatter):
    """Write lines whose words and exceptions are masked, with the number that the page of a fault told."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one record; the lines of source code that a traceback shows stay as they are."""
        record.message = record.getMessage()
        if self.usesTime():
            record.asctime = self.formatTime(record, self.datefmt)
        reference = getattr(getattr(record, "request", None), "reference", "")
        lines = [masked(self.formatMessage(record)) + (f" [{reference}]" if reference else "")]
        if record.exc_info and record.exc_info[1] is not None:
            lines.append(_told(record.exc_info[1]))
        if record.stack_info:
            lines.append(self.formatStack(record.stack_info))
        return "\n".join(lines)


def _told(error: BaseException) -> str:
    """Return the tracebacks of an exception and of what led to it; each one's own message is masked."""
    chain: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    lines: list[str] = []
    for each in reversed(chain):
        if lines:
            lines.append("and from there:")
        lines.append("Traceback (most recent call last):")
        lines += [line.rstrip("\n") for line in traceback.format_tb(each.__traceback__)]
        lines.append(f"{type(each).__module__}.{type(each).__qualname__}: {_plain(str(each))}")
    return "\n".join(lines)
