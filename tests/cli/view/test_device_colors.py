from __future__ import annotations

from xgodo_dev.cli.view.device_colors import DeviceColors

NAMES = [f"Phone {number}" for number in range(12)]


def test_each_of_a_dozen_devices_has_a_colour_of_its_own() -> None:
    colors = DeviceColors(rich=True)
    assert len({colors.color(name) for name in NAMES}) == 12
    assert [colors.color(name) for name in NAMES] == [colors.color(name) for name in NAMES]


def test_a_device_keeps_its_colour_in_other_company() -> None:
    assert DeviceColors(["Fox"], rich=True).color("Fox") == DeviceColors(["Fox", "Owl"], rich=True).color(
        "Fox"
    )


def test_of_devices_that_are_known_the_order_does_not_matter() -> None:
    one, other = (DeviceColors(names, rich=True) for names in (NAMES, reversed(NAMES)))
    assert [one.color(name) for name in NAMES] == [other.color(name) for name in NAMES]


def test_thirty_devices_share_the_colours_evenly() -> None:
    colors = DeviceColors(rich=True)
    given = [colors.color(f"Phone {number}") for number in range(36)]
    assert {given.count(each) for each in given} == {3}


def test_where_there_are_sixteen_colours_only_those_are_used() -> None:
    assert all(isinstance(DeviceColors().color(name), str) for name in NAMES)
