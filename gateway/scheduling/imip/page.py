"""The words of one mail: subject, lead, and a row for each thing its reader is told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from markupsafe import Markup

from gateway.scheduling import clock
from gateway.scheduling.imip.facts import Facts, Person, changes
from gateway.scheduling.imip.repeat import repeats
from gateway.scheduling.imip.words import Said, Words, words
from gateway.scheduling.itip import News
from gateway.scheduling.shown import link

MOST_PEOPLE: Final = 20
MOST_DATES: Final = 20
LONGEST_SUBJECT: Final = 200
TO_ORGANIZER: Final = frozenset({News.ANSWER, News.PROPOSAL, News.QUESTION})
ASKS: Final = frozenset({News.INVITATION, News.RESCHEDULED, News.REMINDER, News.DELEGATED})
ENDS: Final = frozenset({News.CANCELLED, News.UNINVITED})


@dataclass(frozen=True, slots=True)
class Row:
    """many: a text of several lines. link: the text as something to follow. before: what it was, where it changed."""

    label: str
    text: str
    below: str = ""
    badge: str = ""
    before: str = ""
    many: bool = False
    link: Markup | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What one reader is told. sender: who sends it. told: what they were told last; see `facts.changes`."""

    news: News
    sender: Person
    said: Sequence[Facts]
    told: Mapping[str, Any]
    locale: str

    @property
    def words(self) -> Words:
        return words(self.locale)

    @property
    def first(self) -> Facts:
        return self.said[0]

    @property
    def texts(self) -> dict[str, Any]:
        """All that the templates show."""
        spoken, name = self.words, self.sender.name
        said = self._said()
        title = self.first.title or spoken.untitled
        when = _short(self.first, self.locale)
        subject = said.subject.format(title=title, when=when).rstrip(", ")
        lead = said.lead
        if self.first.rid and self.news in spoken.some:
            lead = spoken.some[self.news]
        return {
            "language": clock.code(self.locale),
            "words": spoken,
            "subject": subject[:LONGEST_SUBJECT],
            "title": title,
            "lead": lead.format(name=name),
            "cancelled": self.news is News.CANCELLED,
            "rows": list(self._rows()),
            "ask": self._ask().format(name=name),
            "footer": spoken.attached if self.news in ASKS else "",
        }

    def _said(self) -> Said:
        if self.news is not News.ANSWER:
            return self.words.news[self.news]
        return self.words.answers.get(self.partstat.lower(), self.words.news[News.ANSWER])

    @property
    def partstat(self) -> str:
        """What the sender answers."""
        return next((one.partstat for one in self.first.people if one.address == self.sender.address), "")

    def _ask(self) -> str:
        if self.news in ASKS:
            return self.words.please
        if self.news is News.PROPOSAL:
            return self.words.decide
        return "" if self.news in {News.QUESTION, News.PROPOSAL_DECLINED} else self.words.please_again

    def _rows(self) -> Iterator[Row]:
        spoken, one = self.words, self.first
        changed = {} if self.news in TO_ORGANIZER | ENDS else changes(one, self.told)
        for row in (
            self._when(one, changed),
            self._repeats(one, changed),
            self._where(one, changed),
            Row(spoken.link, one.link, badge=_badge("link", changed, spoken), link=link(one.link)),
        ):
            if row.text:
                yield row
        yield from self._dates()
        yield from self._people()
        if one.note and self.news not in TO_ORGANIZER | ENDS:
            yield Row(spoken.note, one.note, many=True, badge=_badge("note", changed, spoken))
        if one.comment:
            yield Row(spoken.comment, one.comment, many=True)

    def _when(self, one: Facts, changed: Mapping[str, Any]) -> Row:
        spoken = self.words
        row = Row(spoken.proposed if self.news is News.PROPOSAL else spoken.when, _when(one, self.locale))
        if one.start is not None and not one.day:
            row = replace(row, below=clock.zone_name(one.start, one.zone, self.locale))
        if changed.keys() & {"start", "end"}:
            before = _before(one, changed, self.told, self.locale)
            return replace(row, badge=spoken.changed, before=before)
        return row

    def _repeats(self, one: Facts, changed: Mapping[str, Any]) -> Row:
        text = repeats(one.rule, one.zone, self.locale) if one.rule else ""
        before = changed.get("rule") or ""
        known = repeats(before, one.zone, self.locale) if before else ""
        return Row(self.words.repeats, text, badge=_badge("rule", changed, self.words), before=known)

    def _where(self, one: Facts, changed: Mapping[str, Any]) -> Row:
        badge = _badge("where", changed, self.words)
        return Row(
            self.words.where, one.where, badge=badge, before=str(changed.get("where") or ""), link=link(one.where)
        )

    def _dates(self) -> Iterator[Row]:
        """The other components: single dates of a series."""
        listed = []
        for one in self.said[1 : 1 + MOST_DATES]:
            text = _when(one, self.locale)
            if one.cancelled and self.news not in ENDS:
                text = f"{text} ({self.words.cancelled})"
            elif one.where and one.where != self.first.where:
                text = f"{text}, {one.where}"
            listed.append(text)
        more = len(self.said) - 1 - len(listed)
        if more > 0:
            listed.append(self.words.more.format(count=more))
        if listed:
            yield Row(self.words.dates, "\n".join(listed), many=True)

    def _people(self) -> Iterator[Row]:
        spoken, one = self.words, self.first
        if one.organizer is not None and self.news not in TO_ORGANIZER:
            yield Row(spoken.organizer, one.organizer.name, below=_address(one.organizer))
        if self.news in TO_ORGANIZER | ENDS:
            return
        organizer = one.organizer.address if one.organizer is not None else ""
        listed = [self._answered(person) for person in one.people if person.address != organizer]
        if listed:
            more = len(listed) - MOST_PEOPLE
            shown = listed[:MOST_PEOPLE] + ([spoken.more.format(count=more)] if more > 0 else [])
            yield Row(spoken.people, "\n".join(shown), many=True)

    def _answered(self, person: Person) -> str:
        answer = self.words.partstats.get(person.partstat)
        return person.name if answer is None or person.partstat == "NEEDS-ACTION" else f"{person.name} ({answer})"


def _badge(name: str, changed: Mapping[str, Any], spoken: Words) -> str:
    return spoken.changed if name in changed else ""


def _address(person: Person) -> str:
    return person.address if person.address != person.name else ""


def _when(one: Facts, language: str) -> str:
    if one.start is None:
        return ""
    end = one.start if one.end is None else one.end
    if one.day:
        first, last = clock.local(one.start, one.zone).date(), clock.local(max(end - 1, one.start), one.zone).date()
        return clock.days(first, last, language)
    if end == one.start:
        return f"{clock.short(one.start, one.zone, language)}"
    return clock.span(one.start, end, one.zone, language)


def _short(one: Facts, language: str) -> str:
    if one.start is None:
        return ""
    if one.day:
        return clock.short_day(clock.local(one.start, one.zone).date(), language)
    return clock.short(one.start, one.zone, language)


def _before(one: Facts, changed: Mapping[str, Any], told: Mapping[str, Any], language: str) -> str:
    known = told.get(one.rid) or {}
    start, end = changed.get("start", one.start), changed.get("end", one.end)
    if start is None:
        return ""
    return _when(replace(one, start=start, end=end, day=bool(known.get("day", one.day))), language)
