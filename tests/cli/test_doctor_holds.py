"""Of accounts that are left alone for a while, `gateway doctor` says how long and why."""

from gateway.accounts.pace import key_of
from gateway.cli.doctor import about_accounts
from gateway.config import Settings
from gateway.store import accounts, budgets, principals
from gateway.store.budgets import Budget

NOW = 1_795_262_400


def test_each_account_of_a_mailbox_that_is_left_alone_is_named(db):
    def fill(conn):
        for number, primary in enumerate(("box", "box", "another", ""), 1):
            name = f"user{number}"
            user = principals.add(conn, name=name, email=f"{name}@example.com", zone="UTC", created=1)
            accounts.add(conn, user, "outlook", "Outlook", {"primary": primary} if primary else {}, None, 1)
        for account, primary in ((1, "box"), (4, "")):
            key = key_of("outlook", account, primary)
            budgets.lock(conn, [(key, account)])
            budgets.keep(conn, [Budget(key, account, held_until=NOW + 60.0, failures=1, reason="503")])
        return about_accounts(conn, Settings(), NOW)

    found = [(one.about, one.text) for one in db.write_now(fill) if "not asked" in one.text]
    said = "not asked for another 60 s; last time: 503"
    assert found == [(f"user{number}'s outlook Outlook", said) for number in (1, 2, 4)]
