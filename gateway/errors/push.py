"""What is wrong with a subscription to changes (WebDAV-Push)."""

from gateway.errors.base import Precondition

PUSH = "{https://bitfire.at/webdav-push}"


class InvalidSubscription(Precondition):
    """Nothing can be pushed to what the subscription says."""

    condition = PUSH + "invalid-subscription"


class PushNotAvailable(Precondition):
    condition = PUSH + "push-not-available"


class NoSupportedTrigger(Precondition):
    """A subscription to nothing that is told of here."""

    condition = PUSH + "no-supported-trigger"
