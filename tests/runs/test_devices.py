from __future__ import annotations

import pytest

from xgodo_dev.errors import DeviceOffline, UsageError
from xgodo_dev.platform.automation import Device
from xgodo_dev.runs.devices import choose


def phone(identifier: str, name: str, *, online: bool = True) -> Device:
    return Device(id=identifier, name=name, online=online, record={})


OTTER = phone("device_100", "Silent Otter")
OTHER_OTTER = phone("device_101", "Silent Owl")
LYNX = phone("f81d4fae", "lynx")
LYNX_PRO = phone("a0000001", "Lynx Pro")
TWIN = phone("b0000001", "Twin")
SECOND_TWIN = phone("b0000002", "Twin")
DOLPHIN = phone("c0000001", "Dormant Dolphin", online=False)
ALL = [OTTER, OTHER_OTTER, LYNX, LYNX_PRO, TWIN, SECOND_TWIN, DOLPHIN]
ONLINE = ALL[:-1]


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (["device_100"], [OTTER]),
        (["Silent Otter"], [OTTER]),
        (["SILENT OTTER"], [OTTER]),
        (["silent ot"], [OTTER]),
        (["f8"], [LYNX]),
        (["F81D"], [LYNX]),
        # A whole name beats the prefix of another.
        (["lynx"], [LYNX]),
        (["lynx p"], [LYNX_PRO]),
        (["b0000002"], [SECOND_TWIN]),
        (["f8", "silent ow"], [LYNX, OTHER_OTTER]),
        (["silent ow", "f8"], [OTHER_OTTER, LYNX]),
        # Named twice, chosen once.
        (["lynx", "f81d4fae"], [LYNX]),
        (["@online"], ONLINE),
        (["lynx", "@online"], [LYNX, OTTER, OTHER_OTTER, LYNX_PRO, TWIN, SECOND_TWIN]),
        ([], []),
    ],
)
def test_a_device_is_chosen_by_what_it_is_called(wanted: list[str], chosen: list[Device]) -> None:
    assert choose(ALL, wanted) == chosen


@pytest.mark.parametrize(
    ("wanted", "mentioned"),
    [
        ("silent", ["Silent Otter (device_100)", "Silent Owl (device_101)"]),
        ("device_10", ["device_100", "device_101"]),
        ("Twin", ["b0000001", "b0000002"]),
        ("Silent Oter", ["Silent Otter"]),
        ("linx", ["lynx"]),
    ],
)
def test_what_fits_no_device_or_several_is_an_error_with_the_near_ones(
    wanted: str, mentioned: list[str]
) -> None:
    with pytest.raises(UsageError) as raised:
        choose(ALL, [wanted])
    assert wanted in str(raised.value)
    for name in mentioned:
        assert name in str(raised.value)


def test_an_unknown_device_is_answered_with_those_that_are_known() -> None:
    with pytest.raises(UsageError) as raised:
        choose([LYNX, OTTER], ["zzz"])
    assert raised.value.hint == "Known devices: lynx, Silent Otter."


def test_no_device_at_all_is_said_so() -> None:
    with pytest.raises(UsageError, match="no device 'zzz'"):
        choose([], ["zzz"])


def test_an_empty_name_chooses_nothing_not_even_the_only_phone() -> None:
    with pytest.raises(UsageError):
        choose([LYNX], [""])


@pytest.mark.parametrize("wanted", [["Dormant Dolphin"], ["c0"], ["lynx", "c0"], ["@all"]])
def test_a_device_that_is_not_connected_is_named(wanted: list[str]) -> None:
    with pytest.raises(DeviceOffline, match="Dormant Dolphin"):
        choose(ALL, wanted)


@pytest.mark.parametrize("group", ["@online", "@all"])
def test_a_group_without_a_phone_is_offline(group: str) -> None:
    with pytest.raises(DeviceOffline):
        choose([], [group])


def test_nothing_online_is_offline() -> None:
    with pytest.raises(DeviceOffline):
        choose([DOLPHIN], ["@online"])
