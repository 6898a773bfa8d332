from __future__ import annotations

import pytest

from xgodo_dev.errors import UsageError
from xgodo_dev.project.project_id import has_known_form, named

UUID = "83ba7359-d8eb-4374-8ecb-055af01fddfe"
HEX = "68910c4a5e1c7092a1fdc03a"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (UUID, UUID),
        (f" {HEX}\n", HEX),
        ("of-another-form", "of-another-form"),
        (f"https://xgodo.com/automations/{UUID}", UUID),
        (f"https://xgodo.com/automations/{UUID}/edit?file=main.ts#L3", UUID),
        (f"xgodo.com/projects/{HEX}/", HEX),
        (f"https://xgodo.com/editor?project={UUID}", UUID),
        (f"https://xgodo.com/p/{HEX}?job={UUID}", HEX),
    ],
)
def test_an_id_is_taken_as_it_is_or_out_of_an_address(text: str, meant: str) -> None:
    assert named(text) == meant


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("../etc", "holds no project's id"),
        ("https://xgodo.com/automations", "holds no project's id"),
        (f"https://xgodo.com/jobs/{HEX}/projects/{UUID}", "holds several ids"),
    ],
)
def test_what_names_no_project_is_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        named(text)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "known"), [(UUID, True), (HEX, True), ("my-automation", False), (f"{UUID}x", False)]
)
def test_an_id_of_another_form_than_the_platform_has_can_be_told(text: str, known: bool) -> None:
    assert has_known_form(text) is known
