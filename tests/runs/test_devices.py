from __future__ import annotations

import pytest

from xgodo_dev.errors import DeviceOffline, UsageError
from xgodo_dev.platform.automation import Device
from xgodo_dev.runs.devices import choose, in_order, names_groups, none_online, not_connected, short_ids, told


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
# As many as a company has.
FLEET = [
    phone(f"{number:08x}-7d4c-4e1b-9d0c-aaaaaaaaaaaa", f"Phone {number:03}", online=number % 10 != 0)
    for number in range(400)
]


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (["device_100"], [OTTER]),
        (["Silent Otter"], [OTTER]),
        (["SILENT OTTER"], [OTTER]),
        (["silent ot"], [OTTER]),
        (["  silent   otter "], [OTTER]),
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
        # By name.
        (["@online"], [LYNX, LYNX_PRO, OTTER, OTHER_OTTER, TWIN, SECOND_TWIN]),
        (["silent ot", "@Online"], [OTTER, LYNX, LYNX_PRO, OTHER_OTTER, TWIN, SECOND_TWIN]),
        ([], []),
    ],
)
def test_a_device_is_chosen_by_what_it_is_called(wanted: list[str], chosen: list[Device]) -> None:
    assert choose(ALL, wanted) == chosen


def test_all_are_chosen_where_all_are_online() -> None:
    assert choose(ONLINE, ["@all", "lynx"]) == in_order(ONLINE)


def test_a_list_that_has_a_phone_twice_leaves_its_name_unambiguous() -> None:
    assert choose([LYNX, OTTER, LYNX], ["lynx"]) == [LYNX]


@pytest.mark.parametrize(
    ("wanted", "mentioned"),
    [
        ("silent", ["Silent Otter (device_100)", "Silent Owl (device_101)"]),
        ("device_10", ["device_100", "device_101"]),
        ("Twin", ["b0000001", "b0000002"]),
        ("Silent Oter", ["Silent Otter"]),
        ("linx", ["lynx"]),
        # By a word of the name, by a slip in one, by the middle or a slip of an id.
        ("dolphin", ["Dormant Dolphin"]),
        ("dolfin", ["Dormant Dolphin"]),
        ("the phone that is called otter", ["Silent Otter"]),
        ("1d4f", ["lynx"]),
        ("f81d4fea", ["lynx"]),
        # Those that share their name are told apart.
        ("Twins", ["Twin (b0000001)", "Twin (b0000002)"]),
        ("@alle", ["@all", "@online"]),
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


def test_only_what_is_nearly_as_like_as_the_likeliest_is_offered() -> None:
    devices = [phone("1", "Atomic Elephant"), phone("2", "Atomic Mammal"), phone("3", "Gentle Heron")]
    with pytest.raises(UsageError) as raised:
        choose(devices, ["Atomic Mamal"])
    assert str(raised.value) == "There is no device 'Atomic Mamal'. Did you mean Atomic Mammal?"
    with pytest.raises(UsageError) as raised:
        choose(devices, ["zebra"])
    assert str(raised.value) == "There is no device 'zebra'."


def test_a_beginning_that_only_one_connected_device_has_is_ambiguous_all_the_same() -> None:
    # Else the name would mean another phone as soon as that one is back.
    with pytest.raises(UsageError, match=r"fits several devices: Dormant Otter .*, Dormant Dolphin"):
        choose([DOLPHIN, phone("d1", "Dormant Otter")], ["dormant"])


def test_an_unknown_device_is_answered_with_those_that_are_known() -> None:
    with pytest.raises(UsageError) as raised:
        choose([DOLPHIN, LYNX, OTTER], ["zzz"])
    assert raised.value.hint == "Known devices: lynx, Silent Otter, Dormant Dolphin."


def test_of_many_devices_the_near_ones_are_told_first_and_where_all_are() -> None:
    with pytest.raises(UsageError) as raised:
        choose([*FLEET, phone("1", "Zebra", online=False)], ["zebro"])
    assert str(raised.value) == "There is no device 'zebro'. Did you mean Zebra?"
    known = "Zebra, Phone 001, Phone 002, Phone 003, Phone 004 and 396 more: see `xgodo-dev devices`"
    assert raised.value.hint == f"Known devices: {known}."


def test_no_device_at_all_is_said_so() -> None:
    with pytest.raises(UsageError, match="no device 'zzz'"):
        choose([], ["zzz"])


def test_every_wrong_name_is_told_at_once() -> None:
    with pytest.raises(UsageError) as raised:
        choose(ALL, ["dolphin", "lynx", "silent", "zzz", "dolphin"])
    message = str(raised.value)
    assert message.count("'dolphin'") == 1
    assert "'silent' fits several devices" in message
    assert "There is no device 'zzz'." in message
    assert raised.value.hint is not None
    assert raised.value.hint.startswith("Give more of the name, or the id. Known devices:")


def test_a_wrong_name_is_told_before_a_device_that_is_offline() -> None:
    for wanted in (["c0000001", "zzz"], ["zzz", "@online"]):
        with pytest.raises(UsageError, match="zzz"):
            choose([DOLPHIN], wanted)


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_chooses_nothing_not_even_the_only_phone(name: str) -> None:
    with pytest.raises(UsageError):
        choose([LYNX], [name])


@pytest.mark.parametrize("wanted", [["Dormant Dolphin"], ["c0"], ["lynx", "c0"], ["@all"]])
def test_a_device_that_is_not_connected_is_named(wanted: list[str]) -> None:
    with pytest.raises(DeviceOffline, match="Dormant Dolphin"):
        choose(ALL, wanted)


def test_those_that_are_online_are_offered_in_place_of_one_that_is_not() -> None:
    with pytest.raises(DeviceOffline) as raised:
        choose([DOLPHIN, LYNX, OTTER], ["dormant"])
    assert raised.value.hint is not None
    assert "`-d`. Online: lynx, Silent Otter." in raised.value.hint


def test_in_place_of_all_those_that_are_online_are_offered() -> None:
    with pytest.raises(DeviceOffline) as raised:
        choose([DOLPHIN, LYNX, OTTER], ["@all"])
    assert str(raised.value) == "Not connected: Dormant Dolphin."
    assert raised.value.hint == "`-d @online` chooses the 2 that are connected."


def test_where_nothing_is_online_nothing_is_offered() -> None:
    for wanted in ("c0", "@all"):
        with pytest.raises(DeviceOffline) as raised:
            choose([DOLPHIN], [wanted])
        assert raised.value.hint is not None
        assert raised.value.hint.endswith("no device is online now.")


@pytest.mark.parametrize("group", ["@online", "@all"])
def test_a_group_without_a_phone_is_offline(group: str) -> None:
    with pytest.raises(DeviceOffline, match="no devices on this account"):
        choose([], [group])


def test_nothing_online_is_offline() -> None:
    with pytest.raises(DeviceOffline, match="No device is online"):
        choose([DOLPHIN], ["@online"])


def test_a_choice_of_last_time_is_said_to_be_one() -> None:
    error = not_connected([DOLPHIN, LYNX], [DOLPHIN], as_last_time=True)
    assert str(error) == "Not connected: Dormant Dolphin, chosen last time."


@pytest.mark.parametrize("wanted", [["@all"], ["Phone"], ["Phone 4oo"], ["Phone 000"], ["fone"] * 9])
def test_messages_stay_short_on_an_account_with_hundreds_of_phones(wanted: list[str]) -> None:
    with pytest.raises((UsageError, DeviceOffline)) as raised:
        choose(FLEET, [f"{name}{'x' * number}" if number else name for number, name in enumerate(wanted)])
    assert len(raised.value.with_hint()) < 700
    assert "more" in raised.value.with_hint() or "360" in raised.value.with_hint()


def test_only_groups_mean_other_devices_from_day_to_day() -> None:
    assert names_groups(["lynx", "@Online"])
    assert names_groups(["@all"])
    assert not names_groups(["lynx", "f8"])
    assert not names_groups([])


def test_a_name_can_not_tear_a_message_apart() -> None:
    assert told([phone("1", "two\nlines")]) == "two lines"
    assert told([phone("1", "long " * 4000)]) == f"{'long ' * 11}long…"
    torn = [phone("1", "two\nlines"), phone("2", "two\u2028lines, " + "long" * 5000)]
    for wanted in ("two", "twoo" * 5000):
        with pytest.raises(UsageError) as raised:
            choose(torn, [wanted])
        assert len(raised.value.with_hint().splitlines()) == 1
        assert len(raised.value.with_hint()) < 500


def test_no_device_and_none_online_are_told_apart() -> None:
    assert str(none_online([])) != str(none_online([DOLPHIN]))


def test_an_id_is_shortened_to_what_chooses_that_device_and_no_other() -> None:
    devices = [
        *FLEET,
        phone("12345678-aaaa-bbbb-cccc-ddddddddddd0", "One"),
        phone("12345678-aaaa-bbbb-cccc-ddddddddddd1", "Other"),
        phone("abcdefab-aaaa-bbbb-cccc-ddddddddddd1", "ABCDEFAB-AA"),
        phone("device_1234567", "Short"),
    ]
    short = short_ids(devices)
    for device in devices:
        assert device.id.startswith(short[device.id])
        if device.online:
            assert choose(devices, [short[device.id]]) == [device]
    assert len(short["00000001-7d4c-4e1b-9d0c-aaaaaaaaaaaa"]) == 8
    assert short["device_1234567"] == "device_1234567"
    assert short_ids([]) == {}
