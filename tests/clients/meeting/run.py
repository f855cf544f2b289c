"""Starts the demo, Dovecot and Thunderbird, and lets the meetings take place."""

import argparse
import re
import sys
import tempfile
from pathlib import Path

import caldav
import common

from meeting import carol, emil, erika
from meeting.steps import STORIES
from meeting.story import Meeting
from meeting.world import Town, running_town, sent
from tests.fakes.dovecot import MISSING, installed, running_dovecot


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--port", type=int, default=0, help="of the gateway (default: a free one)")
    words.add_argument("--display", default="", help="use this X display (default: no screen)")
    words.add_argument("--wire", action="store_true", help="say what Thunderbird wrote, after each step")
    words.add_argument("--only", default="", help=f"comma-separated: {', '.join(STORIES)}")
    args = words.parse_args()
    if not installed():
        sys.exit(MISSING)
    check = common.Checks()
    port = args.port or carol.thunderbird.free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_dovecot() as dovecot,
        running_town(Path(folder), port, dovecot) as town,
    ):
        town.add_person("emil", "Europe/Berlin")
        try:
            with (
                carol.running_thunderbird(args.display) as program,
                emil.signed_in(town.base, "emil") as caller,
                emil.signed_in(town.base, "carol") as side,
            ):
                boxes = {"carol": side.principal, "emil": caller.principal}
                _begin(check, town, program)
                for name in args.only.split(",") if args.only else STORIES:
                    sys.stdout.write(f"-- {STORIES[name].__doc__}\n")
                    uid, title = common.new_uid(), common.tag(name.capitalize())
                    meeting = Meeting(check, town, program, caller, boxes, uid, title, args.wire)
                    STORIES[name](meeting, erika.Erika(town))
            _end(check, town)
        except (OSError, RuntimeError, ValueError, LookupError, caldav.lib.error.DAVError) as error:
            check("no crash", False, f"{type(error).__name__}: {error}")
            raise
    return check.done()


def _begin(check: common.Checks, town: Town, program: carol.Carol) -> None:
    check("start", True, f"Thunderbird {program.version}, caldav {caldav.__version__}")
    uri, state, who = program.sign_in(town.base, town.smtp_port)
    check("signed in", bool(state) and not state["disabled"] and not state["readOnly"], f"{uri} {state}")
    check("invitations are the server's to send", bool(state) and state["autoschedule"], state and state["scheduling"])
    known = ["mailto:" + carol.MAIL, carol.MAIL, "CalItipEmailTransport"]
    check("Thunderbird could send mail itself", who == known, who)
    town.mails(0)


def _end(check: common.Checks, town: Town) -> None:
    late = [str(sent(one)) for one in town.mails(0)]
    check("no mail came later", not late, late or "none")
    ours = [one for one in town.world.mail.messages if sent(one).by == "gateway"]
    told = [str(sent(one)) for one in ours if re.search("X-MOZ-|RECEIVED-|X-GATEWAY-", one.calendar)]
    check("no mail tells what programs note for themselves", not told, told or f"none of {len(ours)}")
