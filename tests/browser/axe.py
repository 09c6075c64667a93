"""Whether a page can be used by everybody, as far as axe-core can tell: contrast, names, roles, order, targets."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_FILE = Path(__file__).parents[2] / "api" / "web" / "node_modules" / "axe-core" / "axe.min.js"
#: WCAG 2.2 at AA, which the pages promise, and what axe's makers call good practice beside it.
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_SCAN = """async (tags) => {
  const found = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
  return found.violations.map(({ id, help, nodes }) => ({
    id,
    help,
    nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`),
  }));
}"""


@cache
def _source() -> str:
    assert _FILE.exists(), "axe-core is missing. To scan the pages: make setup"
    return _FILE.read_text("utf-8")


def violations(page: Page) -> list[dict[str, Any]]:
    """What is wrong with the page as it stands: `{id, help, nodes}` each, where a node is its HTML and why it fails."""
    if not page.evaluate("'axe' in window"):
        # Through the browser's own door: the page's policy lets no script in from elsewhere.
        page.evaluate(_source())
    found: list[dict[str, Any]] = page.evaluate(_SCAN, _TAGS)
    return found


def demand_access(page: Page) -> None:
    """Fail with all that is wrong when anything is."""
    found = violations(page)
    report = "\n".join(f"{one['id']}: {one['help']}\n" + "\n".join(one["nodes"]) for one in found)
    assert not found, f"{page.url}\n{report}"
