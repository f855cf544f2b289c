"""Every error of the gateway, and what each one means to a client.

    GatewayError                      500
      InvalidRequest                  400  the request itself is malformed
        InvalidXml                    400
        SignInFailed                  400  a sign-in at a provider came to no good end; why is named
      NotSignedIn                     401
      Forbidden                       403  DAV:need-privileges
        ReadOnlyCalendar              403
        RefusedByProvider             403  the provider said no, for good
      ScopeMissing                    403  the API key does not allow it
      NotFound                        404
      MethodNotAllowed                405
      Conflict                        409
        SlotTaken                     409  somebody else was faster, or the time is closed
      AnswerPending                   409  the request of this Idempotency-Key is still being answered
      PreconditionFailed              412
      PayloadTooLarge                 413  CALDAV:max-resource-size
      UnsupportedContent              415
      InvalidInput                    422  parameters or a body that cannot be meant, each flaw with its place
      KeyReused                       422  an Idempotency-Key came before, with another request
      TooManyAttempts                 429  with Retry-After
      Precondition                    403  a named WebDAV/CalDAV precondition
        InvalidCalendarData           403  CALDAV:valid-calendar-data
          DateOutOfRange              403  CALDAV:min-date-time / max-date-time
        InvalidCalendarObject         403  CALDAV:valid-calendar-object-resource
        UnknownTimezone               403  CALDAV:valid-timezone
        UnsupportedCalendarData       403  CALDAV:supported-calendar-data (415 where the media type is wrong)
        UnsupportedComponent          403  CALDAV:supported-calendar-component
        CalendarExists                403  DAV:resource-must-be-null
        WrongLocation                 403  CALDAV:calendar-collection-location-ok
        InvalidResourceType           403  DAV:valid-resourcetype
        DefaultCalendarNeeded         403  CALDAV:default-calendar-needed
        UidConflict                   403  CALDAV:no-uid-conflict, with the href that has it
          UniqueSchedulingObject      403  CALDAV:unique-scheduling-object-resource, likewise
        TooManyInstances              403  CALDAV:max-instances
        TooManyAttendees              403  CALDAV:max-attendees-per-instance
        TooManyMatches                507  DAV:number-of-matches-within-limits
        TimeRangeTooWide              403  CALDAV:max-date-time
        InvalidFilter                 403  CALDAV:valid-filter
        UnsupportedFilter             403  CALDAV:supported-filter
        UnsupportedCollation          403  CALDAV:supported-collation
        UnsupportedReport             403  DAV:supported-report
        InvalidSyncToken              403  DAV:valid-sync-token
        InfiniteDepth                 403  DAV:propfind-finite-depth
        ProtectedProperty             403  DAV:cannot-modify-protected-property
        InvalidPropertyValue          403  CALDAV:valid-calendar-data, or as it says
        InvalidSchedulingMessage      403  CALDAV:valid-scheduling-message
        InvalidOrganizer              403  CALDAV:valid-organizer
        MixedOrganizers               403  CALDAV:same-organizer-in-all-components
        OrganizerChangeRefused        403  CALDAV:allowed-organizer-scheduling-object-change
        AttendeeChangeRefused         403  CALDAV:allowed-attendee-scheduling-object-change
        InvalidSubscription           403  webdav-push: invalid-subscription
        PushNotAvailable              403  webdav-push: push-not-available
        NoSupportedTrigger            403  webdav-push: no-supported-trigger
      BadDestination                  502  COPY or MOVE to another server
      InsufficientStorage             507
      BackendError                    502  something between us and a provider
        BackendUnavailable            503  try again later
          MailUnavailable             503  the mail server cannot take the mail now
          ProviderUnreachable         503  no answer at all: no connection, or none in time
          Throttled                   503  the provider wants fewer requests
          NotYet                      503  our own budget, or a provider known to be down; nothing was asked
        SignInExpired                 502  the owner has to sign in at the provider again
          AccessTooNarrow             502  the sign-in is good, but allows less than is needed
        RemoteConflict                412  the provider's copy changed meanwhile
        RemoteGone                    404  the provider has no such object or calendar any more
        MailRefused                   502  the mail server will never take this mail
      ConfigError                     -    a setting is wrong; command line only
      UsageError                      -    a command cannot do what it was asked
        OtherAccount                  -    somebody signed in with another account than the one to be renewed

A class carries its HTTP status and its precondition element; one middleware turns them into answers.
"""

from gateway.errors.api import AnswerPending as AnswerPending
from gateway.errors.api import Flaw as Flaw
from gateway.errors.api import InvalidInput as InvalidInput
from gateway.errors.api import KeyReused as KeyReused
from gateway.errors.api import ScopeMissing as ScopeMissing
from gateway.errors.backends import AccessTooNarrow as AccessTooNarrow
from gateway.errors.backends import BackendError as BackendError
from gateway.errors.backends import BackendUnavailable as BackendUnavailable
from gateway.errors.backends import MailRefused as MailRefused
from gateway.errors.backends import MailUnavailable as MailUnavailable
from gateway.errors.backends import NoRoomAccount as NoRoomAccount
from gateway.errors.backends import NotYet as NotYet
from gateway.errors.backends import ProviderUnreachable as ProviderUnreachable
from gateway.errors.backends import RemoteConflict as RemoteConflict
from gateway.errors.backends import RemoteGone as RemoteGone
from gateway.errors.backends import SignInExpired as SignInExpired
from gateway.errors.backends import Throttled as Throttled
from gateway.errors.base import CALDAV as CALDAV
from gateway.errors.base import DAV as DAV
from gateway.errors.base import GatewayError as GatewayError
from gateway.errors.base import Precondition as Precondition
from gateway.errors.push import PUSH as PUSH
from gateway.errors.push import InvalidSubscription as InvalidSubscription
from gateway.errors.push import NoSupportedTrigger as NoSupportedTrigger
from gateway.errors.push import PushNotAvailable as PushNotAvailable
from gateway.errors.scheduling import AttendeeChangeRefused as AttendeeChangeRefused
from gateway.errors.scheduling import InvalidOrganizer as InvalidOrganizer
from gateway.errors.scheduling import InvalidSchedulingMessage as InvalidSchedulingMessage
from gateway.errors.scheduling import MixedOrganizers as MixedOrganizers
from gateway.errors.scheduling import OrganizerChangeRefused as OrganizerChangeRefused


class InvalidRequest(GatewayError):
    status = 400


class InvalidXml(InvalidRequest):
    """The body is not well-formed XML, declares a document type, or is nested too deeply."""


class SignInFailed(InvalidRequest):
    """why: "expired" (or begun elsewhere), "denied", "too-little", "refused".

    missing: of "too-little": what was not allowed, in the provider's names.
    """

    def __init__(self, reason: str, why: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.why = why
        self.missing = missing


class NotSignedIn(GatewayError):
    status = 401


class Forbidden(GatewayError):
    status = 403
    condition: str | None = DAV + "need-privileges"


class ReadOnlyCalendar(Forbidden):
    """The calendar takes no changes from us."""


class RefusedByProvider(Forbidden):
    """The provider refused a change for good (its 4xx); the change has been undone."""

    condition = None


class NotFound(GatewayError):
    status = 404


class LinkOver(GatewayError):
    """A link that was good for so many bookings, or so long."""

    status = 410


class MethodNotAllowed(GatewayError):
    """allowed: the methods the resource does take."""

    status = 405

    def __init__(self, reason: str, allowed: frozenset[str] = frozenset()) -> None:
        super().__init__(reason)
        self.allowed = allowed


class Conflict(GatewayError):
    status = 409


class SlotTaken(Conflict):
    """The chosen time is not free any more, or was never offered."""


class PreconditionFailed(GatewayError):
    status = 412


class PayloadTooLarge(GatewayError):
    status = 413
    condition = CALDAV + "max-resource-size"


class UnsupportedContent(GatewayError):
    status = 415


class TooManyAttempts(GatewayError):
    """retry_after: whole seconds until the next try is heard."""

    status = 429

    def __init__(self, reason: str, retry_after: int) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class InvalidCalendarData(Precondition):
    """The text is not iCalendar.

    line: first line that could not be read, counted from 1; None if the whole is wrong.
    """

    condition = CALDAV + "valid-calendar-data"

    def __init__(self, reason: str, *, line: int | None = None) -> None:
        super().__init__(reason if line is None else f"line {line}: {reason}")
        self.line = line


class DateOutOfRange(InvalidCalendarData):
    def __init__(self, reason: str, *, early: bool) -> None:  # before the first date there is, or after the last
        super().__init__(reason)
        self.condition = CALDAV + ("min-date-time" if early else "max-date-time")


class InvalidCalendarObject(Precondition):
    """iCalendar, but not one calendar object (RFC 4791 4.1): two UIDs, METHOD, no component, …"""

    condition = CALDAV + "valid-calendar-object-resource"


class UnknownTimezone(Precondition):
    condition = CALDAV + "valid-timezone"


class UnsupportedCalendarData(Precondition):
    condition = CALDAV + "supported-calendar-data"


class UnsupportedComponent(Precondition):
    condition = CALDAV + "supported-calendar-component"


class CalendarExists(Precondition):
    condition = DAV + "resource-must-be-null"


class WrongLocation(Precondition):
    """No calendar can be made here."""

    condition = CALDAV + "calendar-collection-location-ok"


class InvalidResourceType(Precondition):
    """Only calendars are made here."""

    condition = DAV + "valid-resourcetype"


class DefaultCalendarNeeded(Precondition):
    """New events go to this calendar, so it stays until they go to another one."""

    condition = CALDAV + "default-calendar-needed"


class UidConflict(Precondition):
    """href: absolute path of the member that already has the UID, or None before it is known."""

    condition = CALDAV + "no-uid-conflict"

    def __init__(self, reason: str, href: str | None = None) -> None:
        super().__init__(reason)
        self.href = href


class UniqueSchedulingObject(UidConflict):
    """Of one person, a meeting stands in one calendar only."""

    condition = CALDAV + "unique-scheduling-object-resource"


class TooManyInstances(Precondition):
    condition = CALDAV + "max-instances"


class TooManyAttendees(Precondition):
    condition = CALDAV + "max-attendees-per-instance"


class TooManyMatches(Precondition):
    status = 507
    condition = DAV + "number-of-matches-within-limits"


class TimeRangeTooWide(Precondition):
    condition = CALDAV + "max-date-time"


class InvalidFilter(Precondition):
    condition = CALDAV + "valid-filter"


class UnsupportedFilter(Precondition):
    condition = CALDAV + "supported-filter"


class UnsupportedCollation(Precondition):
    condition = CALDAV + "supported-collation"


class UnsupportedReport(Precondition):
    condition = DAV + "supported-report"


class InvalidSyncToken(Precondition):
    condition = DAV + "valid-sync-token"


class InfiniteDepth(Precondition):
    condition = DAV + "propfind-finite-depth"


class ProtectedProperty(Precondition):
    condition = DAV + "cannot-modify-protected-property"


class InvalidPropertyValue(Precondition):
    """condition: the precondition of that property, None: it has none."""

    def __init__(self, reason: str, condition: str | None = CALDAV + "valid-calendar-data") -> None:
        super().__init__(reason)
        self.condition = condition


class BadDestination(GatewayError):
    """A COPY or MOVE to another server."""

    status = 502


class InsufficientStorage(GatewayError):
    """The disk is full or the database cannot be written; nothing was changed."""

    status = 507


class ConfigError(GatewayError):
    """A setting is wrong; the text names it and says what to write instead."""


class UsageError(GatewayError):
    """A command cannot do what it was asked; the text says why."""


class OtherAccount(UsageError):
    """Signed in with another account than the one to be renewed.

    name: of the one signed in with. known: whether it is connected as well.
    """

    def __init__(self, reason: str, name: str, *, known: bool) -> None:
        super().__init__(reason)
        self.name = name
        self.known = known


def root_of(error: Exception) -> str:
    """What the system said, in words: libraries wrap it in all that they were doing. Others speak for themselves."""
    root: BaseException = error
    while isinstance(error, OSError) and (cause := root.__cause__ or root.__context__) is not None:
        root = cause
    return getattr(root, "strerror", None) or str(root) or type(root).__name__
