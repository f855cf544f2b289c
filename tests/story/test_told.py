"""WebDAV-Push across the whole: a change at Google reaches a phone that has not asked for days."""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from xml.etree import ElementTree

import pytest

from gateway.store import push_keys
from tests.fakes.push_service import PushService, running_push_service
from tests.story.stage import MERGED, Stage

P = "{https://bitfire.at/webdav-push}"


@pytest.fixture
def service(stage: Stage) -> Iterator[PushService]:
    stack = AsyncExitStack()
    found = stage.run(stack.enter_async_context(running_push_service(stage.clock)))
    pair = stage.read(push_keys.get)
    assert pair is not None
    found.key = pair.public
    yield found
    stage.run(stack.aclose())


def register(service: PushService) -> str:
    phone = service.device("phone")
    return (
        '<push-register xmlns="https://bitfire.at/webdav-push"><subscription><web-push-subscription>'
        f"<push-resource>{phone.resource}</push-resource><content-encoding>aes128gcm</content-encoding>"
        f'<subscription-public-key type="p256dh">{phone.public}</subscription-public-key>'
        f"<auth-secret>{phone.auth}</auth-secret></web-push-subscription></subscription>"
        "<trigger><content-update/></trigger></push-register>"
    )


def test_a_change_at_google_reaches_a_phone_that_only_listens(stage: Stage, service: PushService) -> None:
    stage.pull()
    answer = stage.http("POST", MERGED, register(service), Content_Type="application/xml")
    assert answer.status_code == 204, answer.text
    stage.pass_time(60)
    assert service.asked == 0
    stage.at("google", do="add", summary="Only there", start="2026-10-30T07:00")
    stage.pull()
    stage.pass_time(15)
    phone = service.device("phone")
    assert (len(phone.messages), service.refused) == (1, [])
    token = ElementTree.fromstring(phone.messages[0]).findtext(f"{P}content-update/{{DAV:}}sync-token")
    asked = '<propfind xmlns="DAV:"><prop><sync-token/></prop></propfind>'
    now = ElementTree.fromstring(stage.http("PROPFIND", MERGED, asked, Depth="0").content)
    assert token == now.findtext(".//{DAV:}sync-token")
    assert stage.http("DELETE", answer.headers["Location"].removeprefix(stage.base)).status_code == 204
