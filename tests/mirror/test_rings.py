"""However mirrors face each other, they come to rest, and nothing is copied that is a copy."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.store.database import Database
from tests.fakes.objects import event
from tests.mirror.conftest import Net, spans

KINDS = {"a": "google", "b": "outlook", "c": "caldav", "d": "google"}
names = st.sampled_from(sorted(KINDS))
rings = st.dictionaries(names, st.sets(names, min_size=1), min_size=1).map(
    lambda found: {target: sources - {target} for target, sources in found.items() if sources - {target}}
)
days = st.dictionaries(st.integers(1, 9), names, max_size=6)


@contextmanager
def fresh(empty: Path) -> Iterator[Net]:
    with TemporaryDirectory() as folder:
        copy(empty, Path(folder) / "gateway.sqlite")
        database = Database(f"sqlite:///{folder}/gateway.sqlite")
        try:
            yield Net(database)
        finally:
            database.close()


@settings(max_examples=12, deadline=None)
@given(rings, days)
def test_mirrors_come_to_rest_with_each_event_copied_once_to_each(empty, ring, events):
    asyncio.run(_rest(empty, ring, events))


async def _rest(empty, ring, events):
    with fresh(empty) as net:
        for name, kind in KINDS.items():
            net.add(name, kind)
        for day, name in events.items():
            net.shelf(name).edit("main", f"own{day}", event(f"{day}@{name}.example", "Own", f"2026112{day}T090000Z"))
        for target, sources in ring.items():
            net.mirror(sorted(sources), target)
        await net.settle()
        await net.settle()
        net.writes()
        await net.settle()
        assert net.writes() == 0
        for name in KINDS:
            own = spans(text for href, text in net.shelf(name).texts().items() if href.startswith("own"))
            of_sources = [f"2026112{day}T090000Z" for day, at in events.items() if at in ring.get(name, ())]
            assert [start for start, _ in net.blocks(name)] == sorted(of_sources)
            assert len(own) == sum(at == name for at in events.values())
        assert len(net.members()) == len(events)
