"""Calendar objects for these tests."""


def event(uid, summary="Talk", *, start="20261124T090000Z", end="20261124T100000Z", lines=(), after=""):
    rows = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//test//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20261101T000000Z",
        f"DTSTART:{start}",
        f"DTEND:{end}",
        f"SUMMARY:{summary}",
        *lines,
        "END:VEVENT",
        *after.split(),
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(rows)


def todo(uid, summary="Write"):
    rows = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "BEGIN:VTODO", f"UID:{uid}"]
    rows += ["DTSTAMP:20261101T000000Z", f"SUMMARY:{summary}", "END:VTODO", "END:VCALENDAR", ""]
    return "\r\n".join(rows)
