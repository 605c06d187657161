"""The documentation hangs together: every link leads somewhere, every page can be reached, every picture is there."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]
START = "docs/README.md"
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(ROOT.glob("docs/**/*.md"))
MADE = ROOT / "docs" / "images" / "tutorials"
"""Pictures that `make pictures` takes; the windows' tests hold pages and pictures together."""
LINK = re.compile(r"\]\(([^()\s]*(?:\([^()\s]*\))?[^()\s]*)\)")


def prose(page: Path) -> str:
    """Give a page without its examples, in which brackets are code."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    return re.sub(r"`[^`\n]*`", "``", text)


def links(page: Path) -> list[tuple[Path, str]]:
    """Give where a page leads to inside the project: file, and heading or nothing."""
    found = [link for link in LINK.findall(prose(page)) if not re.match(r"[a-z]+:", link)]
    parts = [link.partition("#") for link in found]
    return [((page.parent / unquote(path)).resolve() if path else page, anchor) for path, _, anchor in parts]


def anchors(page: Path) -> set[str]:
    """Give the headings of a page as GitHub names them: small letters, no signs, blanks as hyphens."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    made: list[str] = []
    for title in re.findall(r"^#{1,6} +(.+?) *#*$", text, re.M):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).lower())
        name = plain.replace(" ", "-")
        made.append(f"{name}-{made.count(name)}" if name in made else name)
    return set(made)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target, anchor in links(page):
        assert target.exists() or target.parent == MADE, f"{target} is not there"
        assert target.is_relative_to(ROOT), f"{target} lies outside the project"
        if anchor:
            assert anchor in anchors(target), f"{target.name} has no heading #{anchor}"


def test_every_page_can_be_reached_from_the_first():
    seen, waiting = set(), [ROOT / START]
    while waiting:
        page = waiting.pop()
        if page.suffix == ".md" and page not in seen:
            seen.add(page)
            waiting += [target for target, _ in links(page)]
    assert {page.relative_to(ROOT) for page in PAGES} <= {page.relative_to(ROOT) for page in seen}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_of_the_project_that_a_page_names_are_there(page):
    folders = "addon|benchmarks|core|operators|panels|requirements|tests|tools|training"
    named = re.findall(rf"`((?:{folders})/[\w./-]*)`", page.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_picture_is_shown_somewhere():
    shown = {target for page in PAGES for target, _ in links(page)}
    there = sorted((ROOT / "docs" / "images").glob("*.*"))
    assert [path.name for path in there if path not in shown] == []
