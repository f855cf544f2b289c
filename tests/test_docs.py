"""What the documents say is held by a test is held by a test there is."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"`((?:[\w/]+/)?test_\w+\.py)::(\w+)`")


def functions(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def named(document: str) -> list[tuple[str, str]]:
    return NAMED.findall((ROOT / "docs" / document).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("document", "least"), [("providers.md", 300)])
def test_every_test_that_a_document_names_is_there(document, least):
    rows = named(document)
    assert len(rows) >= least
    known = {file: functions(ROOT / "tests" / file) for file in {file for file, _ in rows}}
    assert [f"{file}::{name}" for file, name in rows if name not in known[file]] == []


def test_every_line_of_the_providers_document_names_a_test():
    lines = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| what happens")]
    assert [row for row in rows if not NAMED.search(row)] == []
