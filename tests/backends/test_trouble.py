"""Every way a provider can fail belongs to one of three groups: try again, sign in again, never."""

import json

import pytest

from gateway.backends.google.api import SyncTokenExpired, read_error
from gateway.backends.outlook.graph import refusal
from gateway.errors import BackendUnavailable, SignInExpired, Throttled

LATER, SIGN_IN, NEVER = "later", "sign in again", "never"


def group(error):
    if isinstance(error, BackendUnavailable):
        return LATER
    return SIGN_IN if isinstance(error, SignInExpired) else NEVER


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        *((403, reason, LATER) for reason in ("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded")),
        (403, "dailyLimitExceeded", LATER),
        *((429, reason, LATER) for reason in ("rateLimitExceeded", "quotaExceeded", "")),
        *((status, "backendError", LATER) for status in (408, 500, 502, 503, 504)),
        (401, "authError", SIGN_IN),
        (403, "insufficientPermissions", SIGN_IN),
        *((403, reason, NEVER) for reason in ("forbiddenForNonOrganizer", "requiredAccessLevel", "forbidden", "")),
        *((400, reason, NEVER) for reason in ("invalid", "timeRangeTooLong", "required")),
        (404, "notFound", NEVER),
        (409, "duplicate", NEVER),
        (410, "deleted", NEVER),
        (412, "conditionNotMet", NEVER),
    ],
)
def test_three_groups_of_google(status, reason, expected):
    body = json.dumps({"error": {"errors": [{"reason": reason}], "message": "Said so"}}).encode()
    assert group(read_error({"status": str(status)}, body)) == expected


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (429, "ApplicationThrottled", LATER),
        (429, "TooManyRequests", LATER),
        *((status, "x", LATER) for status in (408, 500, 502, 503, 504, 509)),
        (400, "ErrorServerBusy", LATER),
        (404, "ErrorMailboxStoreUnavailable", LATER),
        (401, "InvalidAuthenticationToken", SIGN_IN),
        *((400, code, NEVER) for code in ("ErrorInvalidRequest", "RequestBodyRead", "ErrorOccurrenceCrossingBoundary")),
        (403, "ErrorAccessDenied", NEVER),
        (404, "ErrorItemNotFound", NEVER),
        (409, "ErrorDuplicateTransactionId", NEVER),
        (410, "SyncStateNotFound", NEVER),
        (412, "ErrorIrresolvableConflict", NEVER),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_three_groups_of_outlook(method, status, code, expected):
    text = json.dumps({"error": {"code": code, "message": "No."}})
    assert group(refusal(method, status, {}, text)) == expected


@pytest.mark.parametrize(
    ("header", "seconds"), [("17", 17.0), ("Sat, 21 Nov 2026 08:00:30 GMT", 30.0), ("", None), ("soon", None)]
)
def test_how_long_to_wait_is_kept(header, seconds):
    sent = "Sat, 21 Nov 2026 08:00:00 GMT"
    at_google = read_error({"status": "503", "retry-after": header, "date": sent}, b"")
    at_outlook = refusal("GET", 503, {"Retry-After": header, "Date": sent}, "")
    assert [error.retry_after for error in (at_google, at_outlook)] == [seconds, seconds]


@pytest.mark.parametrize(
    ("status", "row", "message", "lost"),
    [
        (410, {"reason": "fullSyncRequired"}, "Sync token is no longer valid, a full sync is required.", True),
        (400, {"reason": "invalid", "location": "syncToken"}, "Invalid value", True),
        (400, {"reason": "invalid"}, "Invalid sync token value.", True),
        (400, {"reason": "invalid", "location": "maxResults"}, "Invalid value", False),
        (400, {"reason": "required", "location": "syncToken"}, "Required", False),
        (410, {"reason": "deleted"}, "Resource has been deleted", False),
        (404, {"reason": "notFound"}, "Not Found", False),
    ],
)
def test_what_says_that_a_sync_token_is_lost(status, row, message, lost):
    body = json.dumps({"error": {"errors": [row], "message": message}}).encode()
    assert isinstance(read_error({"status": str(status)}, body), SyncTokenExpired) is lost


def test_the_days_limit_is_everybodys():
    body = json.dumps({"error": {"errors": [{"reason": "dailyLimitExceeded"}], "message": "Enough"}}).encode()
    found = read_error({"status": "403"}, body)
    assert isinstance(found, Throttled)
    assert found.whole_app
