"""Codes that people type, tokens that browsers keep, and what people may write: how long, and without hidden characters."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata

from sim.room.refused import does_not_fit

ALPHABET = "ACDEFHJKLMNPQRTUVWXY34679"
"""without look-alikes: 0 O, 1 I, 2 Z, 5 S, 8 B, G"""
LENGTH = 6
"""25⁶, about 244 million codes: too many to guess through a web page that limits attempts"""
_LINES = "\n\t"


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def new_token() -> str:
    """192 random bits, as a cookie holds them."""
    return secrets.token_urlsafe(24)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def same(given: str, known: str) -> bool:
    """Compared in a time that tells nothing of how much of it is right."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), known.encode())


def typed(code: str) -> str:
    """A code as it was meant: capitals, without blanks and hyphens."""
    return "".join(each for each in code[:100] if each not in " -\t\n").upper()


def one_line(text: str, what: str, most: int) -> str:
    """What somebody wrote in a field of one line. Raises Refused where it is empty or too long."""
    cleaned = " ".join(_clean(text).split())
    if not cleaned:
        raise does_not_fit(f"{what} is missing.")
    return _short(cleaned, what, most)


def several_lines(text: str, what: str, most: int) -> str:
    """What somebody wrote, which may be nothing. Raises Refused where it is too long."""
    return _short("\n".join(line.rstrip() for line in _clean(text).strip().split("\n")), what, most)


def known_as(name: str) -> str:
    """By what a name is the same as another: neither capitals, blanks nor ways to write a letter make a second one."""
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()


def _short(text: str, what: str, most: int) -> str:
    if len(text) > most:
        raise does_not_fit(f"{what} is too long: {len(text):,} characters, at most {most:,}.")
    return text


def _clean(text: str) -> str:
    """Without characters that cannot be seen and could reorder or hide others; joiners, which scripts and emoji need, stay."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(each for each in composed if each in _LINES or each in "\u200c\u200d" or _seen(each))


def _seen(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
