"""Takes what a run was given in secret out of what it prints.

What is found: each text and each number of the values, as it is, as it stands within JSON, and as it stands
within an address or a form. A text of several lines is also found line by line. What a run makes of a secret
otherwise is not found: half of it, its letters apart, its Base64, its digest.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets as randomness
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from math import isfinite
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from xgodo_dev.errors import XgodoError

MASK = "•••"
_BULLET = MASK[0]
# A shorter line of a longer secret, such as a brace, is found everywhere and hides nothing.
_SHORTEST_LINE = 8
_SALT_BYTES = 16
_DIGEST_BYTES = 3
# Looking for digests takes time: some tenths of a second for one text at most. This counts pieces; one that
# has to be decoded first takes as long as several others.
_MOST_EFFORT = 200_000
_EFFORT_OF_DECODING = 8
_FEWEST_LOOKED_AT = 2_000
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

_Span = tuple[int, int]
_Search = Callable[[str], Iterator[_Span]]


class FingerprintsUnreadable(XgodoError):
    """What is kept of a run's secrets can't be read, so that they can't be taken out of what it printed."""

    code = "secrets-unreadable"


class Secrets:
    """Texts that must not be seen. True where there are any. Make it with ``of`` or ``of_fingerprints``."""

    def __init__(
        self, texts: Collection[str], search: _Search | None, fingerprints: str | None = None
    ) -> None:
        self._texts = texts
        self._search = search
        self._fingerprints = fingerprints

    @classmethod
    def of(cls, values: Iterable[object]) -> Secrets:
        """The texts and numbers of JSON values, also within lists and objects, but not the names in these.

        Booleans, null and the empty text are no secrets, nor is a text of nothing but the mask's dots.
        """
        texts = {text for value in values for text in _texts_of(value) if text.strip(_BULLET)}
        forms = sorted({form for text in texts for form in _forms(text)}, key=len)
        return cls(texts, _search_for(forms) if forms else None)

    @classmethod
    def of_fingerprints(cls, text: str) -> Secrets:
        """What ``fingerprints`` told of, in whichever process; "" tells of none.

        Each piece of a text is looked at, at some microseconds a character: for what one run printed, not
        for all of them. About one in 16 million pieces is taken for a secret that is none. Of a long text
        only the beginning is looked at, 2,000 characters at least, and the rest is masked as a whole.

        Raises:
            FingerprintsUnreadable: it is something else.
        """
        if not text:
            return NO_SECRETS
        try:
            salt, prints = _read(text)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise FingerprintsUnreadable(
                "What is kept of this run's secrets can't be read, and without it they would be shown.",
                hint="It may come from a newer version of xgodo-dev.",
            ) from error
        return cls((), _search_by_digest(salt, prints) if prints else None, text)

    def __bool__(self) -> bool:
        return self._search is not None

    def __repr__(self) -> str:
        return "Secrets(…)"

    def masked(self, text: str) -> str:
        """The text with ``MASK`` for each secret, or several that overlap; itself where there is none."""
        if self._search is None:
            return text
        # Around a mask, what is left may make up a secret that was not there before. That ends, for each
        # time something other than dots is gone.
        while spans := sorted(self._search(text)):
            text = _covered(text, spans)
        return text

    def fingerprints(self, *, salt: bytes | None = None) -> str:
        """What to keep with a run, so that another process can mask what it reads of it later. JSON.

        Of each secret it holds the length, how much longer it is within JSON and within an address, and
        three bytes of its digest, with a salt of this very run. Whoever reads that can't compute a good
        secret from it, nor prove a guess of one: one in 16 million guesses fits by chance. But it
        does sort out all the others. A secret that is short, or on a list of the usual passwords, can be
        found so. It is to keep passwords out of a file that its owner alone can read; it does not protect
        them from somebody who has that file and time.

        Args:
            salt: 16 bytes; None: random ones.
        """
        if self._fingerprints is not None:
            return self._fingerprints
        salt = salt or randomness.token_bytes(_SALT_BYTES)
        prints = [
            # Lengths of its other forms, not their digests, each of which would be another proof of a guess.
            [_digest(text, salt).hex(), len(text), *(sorted(each) for each in _lengths(text))]
            for text in self._texts
        ]
        return json.dumps({"salt": salt.hex(), "secrets": sorted(prints)}, separators=(",", ":"))


NO_SECRETS = Secrets((), None)


def named(
    parameters: Mapping[str, object], variables: Mapping[str, object], names: Collection[str]
) -> list[object]:
    """The values of these names among what a run is started with: the secret ones, for ``Secrets.of``."""
    return [given[name] for given in (parameters, variables) for name in names if name in given]


def _texts_of(value: object) -> Iterator[str]:
    match value:
        case bool():
            return
        case str():
            yield value
            if "\n" in value:
                lines = (line.strip() for line in value.splitlines())
                yield from (line for line in lines if len(line) >= _SHORTEST_LINE)
        case int():
            yield str(value)
            yield from _as_javascript_has_it(value)
        case float():
            yield from _as_javascript_has_it(value)
        case Mapping():
            for each in value.values():
                yield from _texts_of(each)
        case list() | tuple():
            for each in value:
                yield from _texts_of(each)


def _as_javascript_has_it(number: float) -> Iterator[str]:
    """The number as ``String(number)`` writes it: the fewest digits that mean it, exponents from 1e21 on."""
    try:
        value = float(number)
    except OverflowError:
        return
    if not isfinite(value):
        return
    decimal = Decimal(repr(value))
    digits = "".join(map(str, decimal.as_tuple().digits)).rstrip("0")
    # How many digits stand before the point; below 1, how many zeros behind it, negative.
    point = decimal.adjusted() + 1
    minus = "-" if value < 0 else ""
    if not value:
        yield "0"
    elif len(digits) <= point <= 21:
        yield minus + digits.ljust(point, "0")
    elif 0 < point <= 21:
        yield f"{minus}{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        yield f"{minus}0.{'0' * -point}{digits}"
    else:
        fraction = f".{digits[1:]}" if digits[1:] else ""
        yield f"{minus}{digits[0]}{fraction}e{point - 1:+d}"


def _within_json(text: str) -> set[str]:
    plain = json.dumps(text, ensure_ascii=False)[1:-1]
    # As JSON.stringify has it, which never writes half a character.
    halves = _LONE_SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", plain)
    return {plain, halves, json.dumps(text)[1:-1]}


def _within_address(text: str) -> set[str]:
    # encodeURIComponent and encodeURI
    return {quote(text, "-_.!~*'()", errors="replace"), quote(text, "-_.!~*'();,/?:@&=+$#", errors="replace")}


def _within_form(text: str) -> set[str]:
    return {quote_plus(text, "*-._", errors="replace").replace("~", "%7E")}


def _forms(text: str) -> set[str]:
    return {text} | _within_json(text) | _within_address(text) | _within_form(text)


def _lengths(text: str) -> tuple[set[int], ...]:
    """How long the text's other forms are: those of JSON, of addresses, and of forms."""
    return tuple(
        {len(form) for form in forms if form != text}
        for forms in (_within_json(text), _within_address(text), _within_form(text))
    )


def _search_for(forms: Sequence[str]) -> _Search:
    def search(text: str) -> Iterator[_Span]:
        for form in forms:
            start = text.find(form)
            while start >= 0:
                yield start, start + len(form)
                start = text.find(form, start + 1)

    return search


@dataclass(frozen=True)
class _Print:
    """What is known of a secret: its digest, its length, and those of its other forms, each sort apart."""

    digest: bytes
    length: int
    others: tuple[tuple[int, ...], ...]


def _json_decoded(piece: str) -> str | None:
    try:
        decoded = json.loads(f'"{piece}"', strict=False)
    except ValueError:
        # The piece begins or ends within an escape.
        return None
    return decoded if isinstance(decoded, str) else None


# Each sort of form: what shows that a piece may be one, and how it is read. In the order of `_lengths`.
_SORTS: tuple[tuple[re.Pattern[str], Callable[[str], str | None]], ...] = (
    (re.compile(r"\\"), _json_decoded),
    (re.compile("%"), unquote),
    (re.compile(r"[%+]"), unquote_plus),
)


def _search_by_digest(salt: bytes, prints: Sequence[_Print]) -> _Search:
    plain: dict[int, set[bytes]] = {}
    decoded: list[dict[int, dict[int, set[bytes]]]] = [{} for _ in _SORTS]
    for each in prints:
        plain.setdefault(each.length, set()).add(each.digest)
        for lengths, by_length in zip(each.others, decoded, strict=True):
            for length in lengths:
                by_length.setdefault(length, {}).setdefault(each.length, set()).add(each.digest)
    longest = max([*plain, *(length for by_length in decoded for length in by_length)])

    def search(text: str) -> Iterator[_Span]:
        sorts = [
            (sign, decode, by_length)
            for (sign, decode), by_length in zip(_SORTS, decoded, strict=True)
            if by_length and sign.search(text)
        ]
        effort = len(plain) + _EFFORT_OF_DECODING * sum(len(by_length) for *_, by_length in sorts)
        looked_at = max(_FEWEST_LOOKED_AT, _MOST_EFFORT // effort)
        # A mask that stands there already takes no effort.
        if len(text) > looked_at + len(MASK):
            yield looked_at, len(text)
            text = text[: looked_at + longest - 1]
        yield from _found(text, plain, salt)
        for sign, decode, by_length in sorts:
            for length, wanted in by_length.items():
                for start in _starts_around(sign, text, length):
                    meant = decode(text[start : start + length])
                    if meant and len(meant) in wanted and _digest(meant, salt) in wanted[len(meant)]:
                        yield start, start + length

    return search


def _found(text: str, by_length: Mapping[int, Collection[bytes]], salt: bytes) -> Iterator[_Span]:
    """Where pieces of the text stand whose digests are among those of their length."""
    data = text.encode("utf-8", "surrogatepass")
    # Where each character begins.
    offsets: Sequence[int] = range(len(data) + 1)
    if not text.isascii():
        offsets = [0, *accumulate(len(each.encode("utf-8", "surrogatepass")) for each in text)]
    # Copied, this takes half the time of one made anew.
    empty = hashlib.blake2b(digest_size=_DIGEST_BYTES, salt=salt)
    for length, digests in by_length.items():
        for start, (begin, end) in enumerate(zip(offsets, offsets[length:], strict=False)):
            piece = empty.copy()
            piece.update(data[begin:end])
            if piece.digest() in digests and text[start : start + length].strip(_BULLET):
                yield start, start + length


def _starts_around(sign: re.Pattern[str], text: str, length: int) -> Iterator[int]:
    """Where the pieces of that length begin that hold the sign."""
    next_start = 0
    for found in sign.finditer(text):
        last = min(found.start(), len(text) - length)
        yield from range(max(next_start, found.start() - length + 1), last + 1)
        next_start = max(next_start, last + 1)


def _digest(text: str, salt: bytes) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES, salt=salt).digest()


def _read(text: str) -> tuple[bytes, list[_Print]]:
    document = json.loads(text)
    salt = bytes.fromhex(document["salt"])
    prints = []
    for digest, length, *others in document["secrets"]:
        lengths = [length, *(each for sort in others for each in sort)]
        if len(others) != len(_SORTS) or not all(type(each) is int and each > 0 for each in lengths):
            raise ValueError
        prints.append(_Print(bytes.fromhex(digest), length, tuple(tuple(sort) for sort in others)))
    if len(salt) != _SALT_BYTES or any(len(each.digest) != _DIGEST_BYTES for each in prints):
        raise ValueError
    return salt, prints


def _covered(text: str, spans: Sequence[_Span]) -> str:
    """The text with a mask for each span, and one for all that overlap. The spans are sorted."""
    parts = []
    shown_from, start, end = 0, *spans[0]
    for next_start, next_end in spans[1:]:
        if next_start < end:
            end = max(end, next_end)
        else:
            parts += [text[shown_from:start], MASK]
            shown_from, start, end = end, next_start, next_end
    return "".join([*parts, text[shown_from:start], MASK, text[end:]])
