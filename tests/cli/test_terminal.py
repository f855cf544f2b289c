"""On a terminal, commands ask for what they were not told."""

from pathlib import Path

from tests.cli.run import run
from tests.cli.terminal import at_terminal


def play(folder: Path, given: list[str], conversation: list[tuple[str, str]]) -> tuple[int, str]:
    """Exit status and everything that was shown. conversation: what is waited for, and what is then typed."""
    with at_terminal(folder, given) as terminal:
        for awaited, typed in conversation:
            terminal.until(awaited)
            terminal.type(typed)
        return terminal.ended(), terminal.shown


def test_init_asks_for_what_it_needs(tmp_path):
    status, shown = play(
        tmp_path,
        ["init"],
        [
            ("people will reach the server at", "http://127.0.0.1:5232"),
            ("Name of the first admin", "anna"),
            ("e-mail address", "anna@example.com"),
            ("Password of anna", "a secret"),
            ("Repeat", "another"),
            ("Password of anna", "a secret"),
            ("Repeat", "a secret"),
        ],
    )

    assert status == 0, shown
    assert "do not match" in shown
    assert "a secret" not in shown
    assert "Next: gateway serve" in shown
    assert run(tmp_path, "user", "list").rows[1][:4] == ["anna", "person", "anna", "anna@example.com"]


def test_ctrl_c_at_a_question_leaves_nothing(tmp_path):
    status, shown = play(tmp_path, ["init"], [("people will reach the server at", "\x03")])

    assert (status, "Traceback" in shown) == (130, False)
    assert list(tmp_path.iterdir()) == []
