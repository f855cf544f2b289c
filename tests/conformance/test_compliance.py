"""docs/compliance.md says what the tables of the program say."""

from tests.conformance.compliance import FILE, page, unplaced


def test_the_document_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), "run: make compliance"


def test_every_section_that_a_row_names_has_its_state() -> None:
    assert unplaced() == []
