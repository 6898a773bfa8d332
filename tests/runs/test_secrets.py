"""What is secret is not in what is shown, whichever way a run wrote it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from xgodo_dev.runs import secrets as secrets_module
from xgodo_dev.runs.secrets import MASK, NO_SECRETS, FingerprintsUnreadable, Secrets, named
from xgodo_dev.toolchain import node

Make = Callable[[list[object]], Secrets]

SALT = b"0123456789abcdef"
# Characters of every kind that some form writes differently, and few enough that they meet again by chance.
ALPHABET = "ab1 \"\\/\n\t\x07&=+%~'é€😀•"
texts = st.text(ALPHABET, max_size=8)
secret_texts = texts.filter(lambda text: text.strip("•") != "")
finite = st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | secret_texts
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


def from_elsewhere(secrets: Secrets) -> Secrets:
    """As another process has them, which was never given the values."""
    return Secrets.of_fingerprints(secrets.fingerprints(salt=SALT))


def written_as(secret: str) -> set[str]:
    """The forms, made by other means than those under test where there are any."""
    return {
        secret,
        json.dumps({"x": secret}, ensure_ascii=False)[7:-2],
        json.dumps({"x": secret})[7:-2],
        quote(secret, safe="-_.!~*'()"),
        quote_plus(secret, safe="*-._").replace("~", "%7E"),
    }


@pytest.fixture(params=["of", "of_fingerprints"])
def made(request: pytest.FixtureRequest) -> Make:
    return Secrets.of if request.param == "of" else lambda values: from_elsewhere(Secrets.of(values))


def test_a_secret_is_masked_wherever_it_stands(made: Make) -> None:
    secrets = made(["hunter2"])
    assert secrets.masked("hunter2") == MASK
    assert secrets.masked("The password is hunter2, hunter2!") == f"The password is {MASK}, {MASK}!"
    assert secrets.masked("hunter2hunter2") == MASK * 2
    assert secrets.masked("hunter") == "hunter"


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ('a"b\\c', r'{"password":"a\"b\\c"}'),
        ("line\nbreak", r'{"key":"line\nbreak"}'),
        ("pässword", r'{"key":"p\u00e4ssword"}'),
        ("😀 smile", r'{"key":"\ud83d\ude00 smile"}'),
        ("\ud83d half ä", r'{"key":"\ud83d half ä"}'),
        ("p@ss word&ö", "https://example.com/?key=p%40ss%20word%26%C3%B6"),
        ("p@ss word&ö", "https://example.com/?key=p@ss%20word&%C3%B6"),
        ("p@ss ~word", "key=p%40ss+%7Eword"),
    ],
)
def test_its_forms_within_json_and_addresses_are_masked(made: Make, secret: str, text: str) -> None:
    masked = made([secret]).masked(text)
    before, after = text.split("key=" if "key=" in text else ":")
    assert masked == before + (f"key={MASK}" if "key=" in text else f':"{MASK}"' + "}" * after.count("}"))


def test_a_secret_within_another_leaves_nothing_of_the_longer_one(made: Make) -> None:
    secrets = made(["pass", "password123", "123456"])
    assert secrets.masked("password123") == MASK
    assert secrets.masked("password") == f"{MASK}word"
    # Overlapping, so that either alone would leave a part of the other.
    assert secrets.masked("<password123456>") == f"<{MASK}>"
    assert made(["abab"]).masked("<ababab>") == f"<{MASK}>"


def test_what_is_left_around_a_mask_is_no_secret_either(made: Make) -> None:
    secrets = made(["X", f"a{MASK}b"])
    assert secrets.masked("<aXb>") == f"<{MASK}>"


def test_texts_and_numbers_within_lists_and_objects_count(made: Make) -> None:
    secrets = made([{"proxies": [{"host": "proxy.example", "port": 8443}], "tokens": ("one-1", "two-2")}])
    masked = secrets.masked("proxy.example:8443 one-1 two-2 proxies host port tokens")
    assert masked == f"{MASK}:{MASK} {MASK} {MASK} proxies host port tokens"


@pytest.mark.parametrize("value", [None, True, False, "", MASK, "•", [], {}, [None, {"a": True}]])
def test_what_can_hide_nothing_is_no_secret(made: Make, value: object) -> None:
    secrets = made([value])
    text = f"null None true True false False {MASK} [] {{}}"
    assert not secrets
    assert secrets.masked(text) is text


def test_lines_of_a_longer_secret_are_masked_one_by_one(made: Make) -> None:
    key = "-----BEGIN KEY-----\n  MIIEpAIBAAKCAQEA\r\n}\n-----END KEY-----"
    secrets = made([key])
    assert secrets.masked(f"read {key}") == f"read {MASK}"
    assert secrets.masked("'MIIEpAIBAAKCAQEA' + }") == f"'{MASK}' + }}"


NUMBERS = [
    *(0, -0.0, 7, -12, 100, 1e3, 1.0, 1.5, -0.25, 123456.789, 0.1 + 0.2),
    *(0.001, 0.000001234, 1e-6, 1.5e-7, 1e-7, 5e-324),
    *(2**53, 2**53 + 1, 12345678901234567890, 123456789012345680000.0, 1e20),
    *(1e21, 1.25e21, -1e25, 1e300, 1.7976931348623157e308),
]


def test_numbers_are_masked_as_javascript_prints_them(made: Make, tmp_path: Path) -> None:
    script = tmp_path / "print.mjs"
    script.write_text(
        f"for (const number of JSON.parse({json.dumps(json.dumps(NUMBERS))})) console.log(String(number));"
    )
    program = node.find_node()
    printed = subprocess.run([program, script], capture_output=True, text=True, check=True, timeout=30).stdout
    for number, text in zip(NUMBERS, printed.split(), strict=True):
        assert made([number]).masked(f"<{text}>") == f"<{MASK}>", (number, text)


def test_a_number_is_also_masked_as_the_settings_have_it(made: Make) -> None:
    assert made([12345678901234567890]).masked("12345678901234567890") == MASK


def test_text_without_secrets_is_given_back_as_it_is(made: Make) -> None:
    text = "nothing to see, 100% \\ + here"
    assert made(["hunter2", {"a": 8443}]).masked(text) is text
    assert NO_SECRETS.masked(text) is text
    assert not NO_SECRETS


@given(st.lists(json_values, min_size=1, max_size=3), st.data())
@example(["a", "ba"], None)
def test_no_secret_survives_in_any_text_around_it(values: list[object], data: st.DataObject | None) -> None:
    secrets = Secrets.of(values)
    kept = sorted(each for value in values for each in texts_within(value))
    assume(kept)
    forms = sorted({form for secret in kept for form in written_as(secret)})
    parts = data.draw(st.lists(texts | st.sampled_from(forms), max_size=6)) if data else ["x", *forms, "x"]
    text = "".join(parts)
    for masking in (secrets, from_elsewhere(secrets)):
        masked = masking.masked(text)
        assert not [form for form in forms if form in masked]


def texts_within(value: object) -> list[str]:
    if isinstance(value, list | dict):
        inner = value.values() if isinstance(value, dict) else value
        return [text for each in inner for text in texts_within(each)]
    if isinstance(value, int) and not isinstance(value, bool):
        return [str(value)]
    return [value] if isinstance(value, str) else []


@given(st.lists(secret_texts, min_size=1, max_size=3), st.text(ALPHABET, max_size=40))
def test_text_without_a_secret_is_unchanged(given_secrets: list[str], text: str) -> None:
    secrets = Secrets.of(given_secrets)
    lines = {
        line.strip() for secret in given_secrets for line in secret.splitlines() if len(line.strip()) >= 8
    }
    known = {form for secret in [*given_secrets, *lines] for form in written_as(secret)}
    # encodeURI, and what is written for one of several in another
    assume(not any(form in text for form in known) and "%" not in text and "\\" not in text)
    assert secrets.masked(text) is text
    assert from_elsewhere(secrets).masked(text) is text


@given(st.lists(secret_texts, min_size=1, max_size=3), st.text(ALPHABET, max_size=30))
def test_either_way_masks_the_same_where_nothing_is_written_in_an_unusual_way(
    given_secrets: list[str], text: str
) -> None:
    # Fingerprints are compared after decoding, so that they also find %c3 in place of %C3, or \u00E9.
    assume("%" not in text and "\\" not in text)
    secrets = Secrets.of(given_secrets)
    assert from_elsewhere(secrets).masked(text) == secrets.masked(text)


@pytest.mark.parametrize("around", ["x", "\\n%"])
def test_of_a_very_long_text_the_beginning_is_shown_and_no_secret(around: str) -> None:
    secrets = from_elsewhere(Secrets.of(["hunter2", 'say "friend"', "über+uns"]))
    text = around * 5_000 + "hunter2" + around * 1_000_000
    shown = secrets.masked(text)
    assert shown.startswith(around * 500)
    assert shown.endswith(MASK)
    assert "hunter2" not in shown
    assert secrets.masked(shown) == shown


def test_a_secret_across_the_place_where_the_looking_ends_is_masked_from_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(secrets_module, "_FEWEST_LOOKED_AT", 10)
    monkeypatch.setattr(secrets_module, "_MOST_EFFORT", 0)
    secrets = from_elsewhere(Secrets.of(["hunter2"]))
    for before in range(20):
        shown = secrets.masked("-" * before + "hunter2" + "-" * 30)
        assert shown in ("-" * min(before, 10) + MASK, f"{'-' * before}{MASK}{'-' * (3 - before)}{MASK}")


def test_nothing_that_is_kept_or_shown_of_them_holds_a_secret() -> None:
    values = ["hunter2-long-enough", 84438443, {"deep": ["another secret ö"]}]
    secrets = Secrets.of(values)
    kept = secrets.fingerprints()
    for shown in (kept, repr(secrets), str(secrets), repr(Secrets.of_fingerprints(kept))):
        assert "hunter2" not in shown
        assert "84438443" not in shown
        assert "another" not in shown


def test_a_file_holds_one_short_digest_of_a_secret_however_many_forms_it_has() -> None:
    kept = json.loads(Secrets.of(['pä"ss wörd&']).fingerprints())
    assert [len(bytes.fromhex(each[0])) for each in kept["secrets"]] == [3]
    assert "digest" not in str(kept)


def test_two_runs_keep_different_fingerprints_of_one_secret() -> None:
    secrets = Secrets.of(["hunter2"])
    assert secrets.fingerprints() != secrets.fingerprints()


def test_dots_are_left_alone_though_their_digest_is_that_of_a_secret() -> None:
    # Found by trying four million texts of this length with this salt.
    secrets = from_elsewhere(Secrets.of(["F2sn"]))
    dots = "•" * 6
    assert secrets.masked(dots) is dots
    assert secrets.masked(f"{dots}F2sn") == f"{dots}{MASK}"


def test_fingerprints_are_handed_on_as_they_are() -> None:
    kept = Secrets.of(["hunter2"]).fingerprints()
    assert Secrets.of_fingerprints(kept).fingerprints() == kept
    assert not Secrets.of_fingerprints("")
    assert not Secrets.of_fingerprints(NO_SECRETS.fingerprints())


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        "{}",
        '{"salt":"00","secrets":[]}',
        f'{{"salt":"{SALT.hex()}","secrets":[["aabb",3,[],[],[]]]}}',
        f'{{"salt":"{SALT.hex()}","secrets":[["aabbcc",0,[],[],[]]]}}',
        f'{{"salt":"{SALT.hex()}","secrets":[["aabbcc",3,[],["4"],[]]]}}',
        f'{{"salt":"{SALT.hex()}","secrets":[["aabbcc",3]]}}',
        f'{{"salt":"{SALT.hex()}","secrets":[["aabbcc"]]}}',
        f'{{"salt":"{SALT.hex()}","secrets":[5]}}',
    ],
)
def test_fingerprints_that_cannot_be_read_are_refused_before_anything_is_shown(text: str) -> None:
    with pytest.raises(FingerprintsUnreadable, match="secrets can't be read"):
        Secrets.of_fingerprints(text)


def test_values_are_picked_by_name_out_of_parameters_and_variables() -> None:
    parameters = {"password": "p", "retries": 3, "apiKey": {"id": "k"}}
    variables = {"password": "v", "email": "e"}
    assert named(parameters, variables, ("password", "apiKey", "unknown")) == ["p", {"id": "k"}, "v"]
    assert named(parameters, variables, ()) == []
