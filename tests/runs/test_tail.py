"""What is read of a device's logs, whatever the server makes of its pages."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xgodo_dev.platform.automation import LogEntry
from xgodo_dev.runs.tail import PLATFORM_KEEPS, Gap, Page, Question, Tail

NOW = 1_795_000_000.0
RUN = "run-1"


def entry(number: int, run: str = RUN, printed: float = NOW) -> LogEntry:
    return LogEntry(
        id=f"{run}:{number}",
        automation_id=run,
        message=str(number),
        line=1,
        level="log",
        timestamp=round(printed * 1000) + number,
    )


def tail_of(*runs: str, read_until: float = NOW) -> Tail:
    tail = Tail()
    for run in runs:
        tail.add(run, read_until)
    return tail


def cursor(tail: Tail, now: float = NOW) -> str | None:
    question = tail.question(now)
    assert question is not None
    return question.behind


def take(tail: Tail, entries: list[LogEntry], now: float = NOW) -> Page:
    question = tail.question(now)
    assert question is not None
    return tail.take(question, entries)


def messages(entries: list[LogEntry] | tuple[LogEntry, ...]) -> list[str]:
    return [each.message for each in entries]


def test_the_first_question_is_for_everything_and_the_next_for_what_is_behind_the_last_line() -> None:
    tail = tail_of(RUN)
    assert cursor(tail) is None
    take(tail, [entry(1), entry(2)], NOW)
    assert cursor(tail) == "run-1:2"


def test_known_lines_in_a_page_do_not_lead_back() -> None:
    tail = tail_of(RUN)
    take(tail, [entry(1), entry(2)], NOW)
    assert messages(list(take(tail, [entry(3), entry(1), entry(2)], NOW).fresh)) == ["3"]
    assert cursor(tail) == "run-1:3"


def test_through_pages_of_known_lines_it_goes_on() -> None:
    tail = tail_of(RUN)
    take(tail, [entry(1), entry(2), entry(3)], NOW)
    tail.forget_cursor()
    page = take(tail, [entry(1)], NOW)
    assert (page.fresh, page.may_be_cut, cursor(tail)) == ([], True, "run-1:1")
    take(tail, [entry(2)], NOW)
    assert cursor(tail) == "run-1:2"


def test_a_shuffled_page_is_put_in_order() -> None:
    page = take(tail_of(RUN), [entry(3), entry(1), entry(2)])
    assert messages(list(page.fresh)) == ["1", "2", "3"]


def test_lines_of_one_millisecond_stay_in_the_order_of_their_page() -> None:
    same = [LogEntry(str(number), RUN, str(number), 1, "log", 5) for number in (3, 1, 2)]
    assert list(take(tail_of(RUN), same).fresh) == same


def same(message: str, log_id: str = "0") -> LogEntry:
    return LogEntry(log_id, RUN, message, line=1, level="log", timestamp=5)


@pytest.mark.parametrize("log_id", ["", "0"])
@pytest.mark.parametrize("pages", [["a", "ab", "abc"], ["abc", "abc", "abcd"], ["ab", "b", "bc"]])
def test_lines_whose_ids_are_missing_or_all_the_same_are_told_apart_by_content(
    log_id: str, pages: list[str]
) -> None:
    tail = tail_of(RUN)
    read: list[LogEntry] = []
    for number, page in enumerate(pages):
        read += take(tail, [same(message, log_id) for message in page], NOW + number).fresh
    assert messages(read) == sorted(set("".join(pages)))
    assert len({each.id for each in read}) == len(read)
    # Behind which line it would go on, the server could not know.
    assert cursor(tail) is None
    # Another process, which knows their ids, knows the lines.
    later = Tail()
    later.add(RUN, NOW, [each.id for each in read])
    assert cursor(later) is None
    letters = "abcde"[: len(read) + 1]
    assert messages(list(take(later, [same(each, log_id) for each in letters]).fresh)) == [letters[-1]]


def test_an_id_that_is_no_text_is_neither_sent_nor_kept() -> None:
    tail = tail_of(RUN)
    lines = [entry(1), *(replace(entry(number), id=half) for number, half in ((2, "\ud800"), (3, "\udfff")))]
    read = take(tail, lines).fresh
    assert messages(list(read)) == ["1", "2", "3"]
    assert len({each.id.encode("utf-8") for each in read}) == 3
    assert cursor(tail) is None
    assert messages(list(take(tail, [*lines, entry(4)]).fresh)) == ["4"]
    assert cursor(tail) == "run-1:4"


def test_the_same_printed_twice_in_a_millisecond_is_shown_twice_also_without_ids() -> None:
    tail = tail_of(RUN)
    pages = [[same(message, "") for message in page] for page in ("a", "aab", "aab", "aabb")]
    read = [messages(list(take(tail, page, NOW + number).fresh)) for number, page in enumerate(pages)]
    assert read == [["a"], ["a", "b"], [], ["b"]]


def test_an_id_that_two_lines_share_changes_nothing_for_the_others() -> None:
    tail = tail_of(RUN)
    lines = [entry(1), entry(2), replace(entry(2), message="2 too"), entry(3)]
    assert messages(list(take(tail, lines).fresh)) == ["1", "2", "2 too", "3"]
    assert cursor(tail) == "run-1:3"
    assert take(tail, lines).fresh == []


def test_two_runs_may_number_their_lines_alike() -> None:
    tail = tail_of(RUN, "run-2")
    first = same("a")
    page = take(tail, [first, replace(first, automation_id="run-2")])
    assert [(each.automation_id, each.id) for each in page.fresh] == [(RUN, "0"), ("run-2", "0")]


def test_a_cursor_is_not_sent_when_its_line_may_be_forgotten() -> None:
    tail = tail_of(RUN)
    take(tail, [entry(1)], NOW)
    assert cursor(tail, NOW + PLATFORM_KEEPS - 61) == "run-1:1"
    assert cursor(tail, NOW + PLATFORM_KEEPS - 59) is None


def test_a_line_is_as_old_as_it_may_be_and_not_as_it_was_told() -> None:
    tail = tail_of(RUN, read_until=NOW - 500)
    take(tail, [entry(1)], NOW)
    assert cursor(tail, NOW + 39) == "run-1:1"
    assert cursor(tail, NOW + 41) is None
    # Told once more, it is no younger.
    take(tail, [entry(1)], NOW + 50)
    assert cursor(tail, NOW + 56) is None


def test_a_run_that_joins_is_asked_for_from_its_beginning() -> None:
    tail = tail_of(RUN)
    take(tail, [entry(1)], NOW)
    tail.add("run-2", NOW)
    assert tail.question(NOW) == Question((RUN, "run-2"), None, NOW)
    page = take(tail, [entry(1), entry(1, "run-2")], NOW)
    assert [each.automation_id for each in page.fresh] == ["run-2"]


def test_the_line_of_a_run_that_left_is_no_cursor_for_the_others() -> None:
    tail = tail_of(RUN, "run-2")
    take(tail, [entry(1, "run-2"), entry(2)], NOW)
    tail.remove(RUN)
    assert cursor(tail) is None
    assert messages(list(take(tail, [entry(2), entry(3, "run-2")], NOW).fresh)) == ["3"]


def test_a_run_that_is_taken_up_again_goes_on_behind_its_last_known_line() -> None:
    tail = Tail()
    tail.add(RUN, NOW, ["run-1:1", "run-1:2"])
    assert cursor(tail, NOW + 1) == "run-1:2"
    page = take(tail, [entry(1), entry(2), entry(3)], NOW + 1)
    assert messages(list(page.fresh)) == ["3"]


def test_lines_may_be_missing_when_nobody_read_for_longer_than_the_platform_keeps_them() -> None:
    tail = tail_of(RUN)
    assert take(tail, [entry(1)], NOW + 1).gaps == []
    assert take(tail, [], NOW + 2).gaps == []
    assert take(tail, [entry(2)], NOW + 601).gaps == []
    assert take(tail, [], NOW + 602).gaps == []
    assert take(tail, [entry(3)], NOW + 1502).gaps == [Gap(RUN, NOW + 602, NOW + 902)]
    assert take(tail, [], NOW + 1503).gaps == []
    assert take(tail, [], NOW + 1504).gaps == []


def test_a_run_that_never_stops_printing_is_not_said_to_have_lost_anything() -> None:
    tail, number = tail_of(RUN), 0
    for second in range(2000):
        page = []
        for _ in range(5 + second % 3):
            number += 1
            page.append(entry(number, printed=NOW + second))
        assert take(tail, page, NOW + second).gaps == []


def test_pages_that_are_each_behind_the_one_before_have_no_gap_however_long_that_takes() -> None:
    tail, number = tail_of(RUN), 0
    for second in range(1300):
        page = [entry(number + each, printed=NOW + second) for each in range(10)]
        number += 10
        assert take(tail, page, NOW + second).gaps == []
    assert take(tail, [], NOW + 1301).gaps == []


def test_a_server_that_takes_no_notice_of_the_cursor_is_not_asked_again_at_once() -> None:
    tail = tail_of(RUN)
    everything = [entry(1), entry(2), entry(3)]
    assert take(tail, everything, NOW).may_be_cut
    assert not take(tail, everything, NOW).may_be_cut
    assert not take(tail, everything, NOW).may_be_cut


@dataclass
class Server:
    """A server that keeps lines for ten minutes and does what the example says with its pages."""

    now: float = NOW
    lines: list[tuple[float, LogEntry]] = field(default_factory=list)
    page_before: list[LogEntry] = field(default_factory=list)

    def print(self, count: int) -> None:
        for _ in range(count):
            self.lines.append((self.now, entry(len(self.lines), printed=self.now)))

    def answer(self, behind: str | None, size: int, trick: str, unknown: str) -> list[LogEntry]:
        kept = [each for printed, each in self.lines if printed > self.now - PLATFORM_KEEPS]
        ids = [each.id for each in kept]
        if trick == "repeat" and behind is not None and self.page_before:
            return self.page_before
        if behind is not None and behind not in ids and unknown == "nothing":
            return []
        start = ids.index(behind) + 1 if behind in ids and trick != "everything" else 0
        self.page_before = page = kept[start : start + size]
        if trick == "shuffle":
            page = random.Random(len(page)).sample(page, len(page))
        return page


STEPS = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.sampled_from([0.0, 0.2, 2.0, 400.0, 700.0]),
        st.sampled_from(["", "", "shuffle", "repeat", "everything", "refuse"]),
    ),
    max_size=25,
)


@given(STEPS, st.sampled_from([1, 2, 3, 7, 1000]), st.sampled_from(["nothing", "all there is"]))
def test_every_line_is_read_once_and_in_order_or_lies_in_a_gap_that_is_told(
    steps: list[tuple[int, float, str]], size: int, unknown: str
) -> None:
    server, tail = Server(), tail_of(RUN)
    read: list[str] = []
    gaps: list[Gap] = []

    def ask(trick: str) -> Page:
        if trick == "refuse":
            tail.forget_cursor()
        page = take(tail, server.answer(cursor(tail, server.now), size, trick, unknown), server.now)
        read.extend(each.message for each in page.fresh)
        gaps.extend(page.gaps)
        return page

    for printed, pause, trick in steps:
        server.print(printed)
        server.now += pause
        for _ in range(100):
            if not ask(trick).may_be_cut:
                break
    for _ in range(2 * len(server.lines) + 2):
        ask("")
    assert sorted(read, key=int) == sorted(set(read), key=int), "a line was read twice"
    missing = {each.message for _, each in server.lines} - set(read)
    for printed, each in server.lines:
        if each.message in missing:
            assert any(gap.since <= printed <= gap.until for gap in gaps), f"{each.message} is missed"
    assert read == sorted(read, key=int)
