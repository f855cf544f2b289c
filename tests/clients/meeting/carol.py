"""Carol has Thunderbird. What she does goes the way that its menus, dialogs and its bar above mails take."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import davlog
import thunderbird_client as thunderbird

from meeting.shown import LOOK, Shown, day, shown, stamp
from meeting.world import until

MAIL = "carol@example.com"
WINDOW = "const win = Services.wm.getMostRecentWindow('mail:3pane'); const k = cal.manager.getCalendarById(args[0]);"
ACCOUNT = """
  const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
  const server = MailServices.outgoingServer.createServer("smtp").QueryInterface(Ci.nsISmtpServer);
  server.hostname = "127.0.0.1"; server.port = args[1]; server.socketType = 0; server.authMethod = 1;
  MailServices.outgoingServer.defaultServer = server;
  const identity = MailServices.accounts.createIdentity();
  identity.email = args[2]; identity.fullName = "Carol"; identity.smtpServerKey = server.key; identity.doFcc = false;
  const account = MailServices.accounts.createAccount();
  const box = MailServices.accounts.createIncomingServer("carol", "127.0.0.1", "pop3");
  box.port = args[1]; box.loginAtStartUp = false; box.doBiff = false;
  account.incomingServer = box; account.addIdentity(identity);
  MailServices.accounts.defaultAccount = account;
"""
KNOWN_AS = """
  const identity = k.getProperty("imip.identity");
  return [k.getProperty("organizerId"), identity ? identity.QueryInterface(Ci.nsIMsgIdentity).email : null,
          cal.provider.getImipTransport(k).constructor.name];
"""
ADD = """
  const { CalEvent } = ChromeUtils.importESModule("resource:///modules/CalEvent.sys.mjs");
  const item = new CalEvent(args[1]); item.calendar = k;
  await win.doTransaction("add", item, k, null, null, {responseMode: Ci.calIItipItem.AUTO});
"""
MOVE = """
  const old = await k.getItem(args[1]); const item = old.clone();
  const length = old.duration; item.startDate = cal.createDateTime(args[2]);
  const end = item.startDate.clone(); end.addDuration(length); item.endDate = end;
  await win.doTransaction("modify", item, k, old, null, {responseMode: Ci.calIItipItem.AUTO});
"""
DROP = """
  const old = await k.getItem(args[1]); const item = old.clone();
  item.recurrenceInfo.removeOccurrenceAt(cal.createDateTime(args[2]));
  await win.doTransaction("modify", item, k, old, null, {responseMode: Ci.calIItipItem.AUTO});
"""
DELETE = """
  const item = await k.getItem(args[1]);
  await win.doTransaction("delete", item, k, null, null, {responseMode: Ci.calIItipItem.AUTO});
"""
MENU = """
  let item = await k.getItem(args[1]);
  if (args[3]) {
    const from = cal.createDateTime(args[3]), to = from.clone(); to.addDuration(cal.createDuration("PT1M"));
    [item] = item.recurrenceInfo.getOccurrences(from, to, 1);
  }
  const entry = win.document.createXULElement("menuitem");
  entry.setAttribute("respvalue", args[2]); entry.setAttribute("respmode", "AUTO");
  entry.setAttribute("scope", args[3] ? "this-occurrence" : "all-occurrences");
  win.setContextPartstat(entry, [item]);
"""
DIALOG = """
  const pause = () => new Promise(done => win.setTimeout(done, 100));
  const until = async found => { for (let i = 0; i < 150; i++) { if (await found()) return; await pause(); } };
  win.openInvitationsDialog();
  let dialog = null;
  const windows = () => [...Services.wm.getEnumerator(null)];
  const find = () => windows().find(one => one.location.href.endsWith("invitations-dialog.xhtml"));
  await until(() => (dialog = find()) && dialog.document.readyState == "complete");
  const rows = () => [...dialog.document.querySelectorAll("richlistitem")];
  await until(() => rows().length);
  const listed = rows().map(row => row.calendarItem.title);
  for (const row of rows()) {
    if (row.calendarItem.id == args[1]) {
      row.querySelector(`.calendar-invitations-richlistitem-${args[2]}-button`).doCommand();
    }
  }
  dialog.document.querySelector("dialog").acceptDialog();
  await until(() => !find());
  return listed;
"""
SEE = """
  if (args[4]) { k.refresh(); await new Promise(done => win.setTimeout(done, 600)); }
  const found = await k.getItemsAsArray(Ci.calICalendar.ITEM_FILTER_TYPE_EVENT
    | Ci.calICalendar.ITEM_FILTER_CLASS_OCCURRENCES, 0, cal.createDateTime(args[2]), cal.createDateTime(args[3]));
  return found.filter(one => one.id == args[1]).map(one => ({
    start: one.startDate.getInTimezone(cal.dtz.UTC).icalString, status: one.status, title: one.title,
    sequence: cal.itip.getSequence(one),
    answers: Object.fromEntries(one.getAttendees().map(who => [who.id, who.participationStatus])),
  }));
"""
BAR = """
  const [, text, method, sender, own, press] = args;
  const item = Cc["@mozilla.org/calendar/itip-item;1"].createInstance(Ci.calIItipItem);
  item.init(text);
  cal.itip.initItemFromMsgData(item, method, {author: sender, recipients: own, ccList: "", accountKey: ""});
  const [rc, action, found] = await new Promise(done =>
    cal.itip.processItipItem(item, (_item, ...rest) => done(rest)));
  const options = cal.itip.getOptionsText(item, rc, action, found);
  let said = "";
  if (press !== null && action) {
    said = await new Promise(done => {
      win.setTimeout(() => done("no answer"), 15000);
      const go = cal.itip.executeAction(win, press, "AUTO", action, item, found,
        ({label}) => { if (label !== undefined) { done(label); } });
      if (!go) { done("refused"); }
    });
  }
  cal.itip.cleanupItipItem(item);
  return {buttons: options.showItems, label: options.label, said};
"""


@dataclass
class Carol:
    marionette: thunderbird.Marionette
    version: str
    calendar: str = ""
    wire: davlog.Wire = field(default_factory=davlog.Wire)
    """What it said to the gateway, and was answered."""
    seen: int = 0

    def js(self, script: str, *args: Any) -> Any:
        return self.marionette.js(WINDOW + script, self.calendar, *args)

    def sign_in(self, base: str, smtp_port: int) -> tuple[str, dict[str, Any], list[str]]:
        """Finds her calendar by itself, and gets a mail server to send with.

        Returns: its address; what Thunderbird knows of it; whom it takes her for, as organizer and as a sender of
        mail, and what it would send that with.
        """
        address, self.wire, _ = davlog.start(base)
        found = self.marionette.js(thunderbird.DETECT, "carol", "demo", address)
        self.js(ACCOUNT, smtp_port, MAIL)
        [uri] = [one["uri"] for one in found if one["provider"] == "caldav" and one["uri"].endswith("/merged/")]
        self.calendar = self.marionette.js(thunderbird.SUBSCRIBE, "carol", uri, "Team", MAIL)
        state = until(lambda: self._checked() or {})
        return uri, state, self.js(KNOWN_AS)

    def _checked(self) -> dict[str, Any] | None:
        state: dict[str, Any] = self.marionette.js(thunderbird.STATE, self.calendar)
        return state if state["checked"] else None

    def written(self) -> list[dict[str, Any]]:
        """PUT and DELETE since the last time."""
        new, self.seen = self.wire.items[self.seen :], len(self.wire.items)
        return [one for one in new if one["method"] in {"PUT", "DELETE"} and one["status"] != 401]

    def prefers_mail(self, wanted: bool) -> None:
        """What the calendar's settings call client-side email scheduling."""
        self.js("k.setProperty('forceEmailScheduling', args[1]);", wanted)

    def adds(self, text: str) -> None:
        self.js(ADD, text)

    def moves(self, uid: str, start: datetime) -> None:
        self.js(MOVE, uid, stamp(start))

    def takes_out(self, uid: str, date: datetime) -> None:
        self.js(DROP, uid, stamp(date))

    def deletes(self, uid: str) -> None:
        self.js(DELETE, uid)

    def answers(self, uid: str, partstat: str, date: datetime | None = None) -> None:
        """With the menu of the event, or of one date."""
        self.js(MENU, uid, partstat, stamp(date) if date else "")

    def answers_in_dialog(self, uid: str, button: str) -> list[str]:
        """button: accept or decline. Titles of all that its dialog of invitations lists."""
        listed: list[str] = self.js(DIALOG, uid, button)
        return listed

    def opens_mail(self, text: str, method: str, sender: str, press: str | None = None) -> dict[str, Any]:
        """What the bar above a mail with this iTIP message offers; press: what is chosen there."""
        bar: dict[str, Any] = self.js(BAR, text, method, sender, MAIL, press)
        return bar

    def sees(self, uid: str, *, refresh: bool = True) -> list[Shown]:
        found = self.js(SEE, uid, stamp(day(LOOK[0])), stamp(day(LOOK[1])), refresh)
        return sorted(
            shown(one["start"], one["status"], one["answers"], one["title"], one["sequence"]) for one in found
        )


@contextmanager
def running_thunderbird(display: str = "") -> Iterator[Carol]:
    """With a profile of its own, and without a screen where no X display is named."""
    home = tempfile.mkdtemp(prefix="meeting-")
    port = thunderbird.free_port()
    process = thunderbird.launch(home, port, display)
    marionette = None
    try:
        marionette = thunderbird.Marionette(port)
        wanted = {"alwaysMatch": {"timeouts": {"script": 120000}}}
        opened = marionette.cmd("WebDriver:NewSession", capabilities=wanted)
        marionette.cmd("Marionette:SetContext", value="chrome")
        ready = "return !!Services.wm.getMostRecentWindow('mail:3pane')?.doTransaction && !!cal.manager;"
        if not until(lambda: _tried(marionette, ready), 60):
            raise RuntimeError("Thunderbird's main window does not come up")
        yield Carol(marionette, opened["capabilities"]["browserVersion"])
    finally:
        with suppress(OSError, RuntimeError, json.JSONDecodeError):
            if marionette is not None:
                marionette.cmd("Marionette:Quit", flags=["eForceQuit"])
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(home, ignore_errors=True)


def _tried(marionette: thunderbird.Marionette, script: str) -> bool:
    try:
        return bool(marionette.js(script))
    except RuntimeError:
        return False
