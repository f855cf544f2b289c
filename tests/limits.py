"""Sizes that no linter knows: a function of at most 50 lines, a file of at most 400. Prints what is over, exits 1."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

LINES_OF_FUNCTION = 50
LINES_OF_FILE = 400


def over(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if text.count("\n") > LINES_OF_FILE:
        yield f"{path}: {text.count(chr(10))} lines, {LINES_OF_FILE} allowed"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LINES_OF_FUNCTION:
                yield f"{path}:{node.lineno} {node.name}: {lines} lines, {LINES_OF_FUNCTION} allowed"


def main() -> int:
    root = Path(__file__).parent.parent / "gateway"
    found = [line for path in sorted(root.rglob("*.py")) for line in over(path)]
    for line in found:
        sys.stdout.write(line + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
