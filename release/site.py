"""`make docs`: the documentation as a website, from `docs/` and the first pages, into `dist/site`.

The pages are the files of the repository. What differs on a website is made here: which page stands where in the
navigation (by folder, in the order of SECTIONS), a page of contents for every folder, links to files that are no pages,
and pictures that a test run has taken anew. Zensical draws them, and ends with an error where a link or an anchor leads
nowhere.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from release.licences import ROOT

CONFIG: Final = ROOT / "docs" / "zensical.toml"
LOGO: Final = "examples/demo/assets/waypost.svg"

SECTIONS: Final[Mapping[str, str]] = {
    "tutorials": "Tutorials",
    "guides": "Guides",
    "how-to": "How to",
    "reference": "Reference",
    "explanation": "Explanation",
    "operate": "Operate",
    "figures": "Figures",
    "decisions": "Decisions",
    "project": "Project",
}
"""Folder of the website → what the navigation calls it, in its order."""

ELSEWHERE: Final[Mapping[str, str]] = {
    "README.md": "index.md",
    "docs/operate.md": "operate/operate.md",
    "docs/scale.md": "operate/scale.md",
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "examples/hosts/README.md": "guides/host-applications.md",
}
"""A file of the repository → its place on the website, where that is not its place in `docs/`."""

FIRST: Final = ("tutorials/tour.md",)
"""Pages that stand before the others of their folder, which go by title."""

_LINK: Final = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?:|mailto:|#|/)([^)\s#]+)(#[^)\s]*)?\)")
_PROSE: Final = re.compile(r"(?!```|\*\*|-|#|\|)\S")
_FENCE: Final = re.compile(r"^ {0,3}(```|~~~)", re.MULTILINE)


class Unbuildable(Exception):
    """The website cannot be made as it has to be."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: the file in the repository, its place on the website, its title and how it begins."""

    source: PurePosixPath
    place: PurePosixPath
    title: str
    lead: str


def pages(root: Path = ROOT) -> tuple[Page, ...]:
    """Every page of the website, in the order of the navigation."""
    found = [root / name for name in ELSEWHERE if not name.startswith("docs/")]
    found += [*(root / "docs").rglob("*.md"), *(root / "benchmarks" / "results").glob("*.md")]
    read = [_read(path, PurePosixPath(path.relative_to(root).as_posix())) for path in found]
    order = list(SECTIONS)

    def rank(page: Page) -> tuple[int, bool, str]:
        section = page.place.parts[0] if len(page.place.parts) > 1 else ""
        if section and section not in order:
            raise Unbuildable(f"{page.source}: the navigation knows no folder {section!r}; add it to SECTIONS")
        number = order.index(section) if section else -1
        by_name = page.place.name if section == "decisions" else page.title.casefold()
        return number, str(page.place) not in FIRST, by_name

    return tuple(sorted(read, key=rank))


def place_of(source: PurePosixPath) -> PurePosixPath | None:
    """Where a file of the repository stands on the website; None for what is not part of it."""
    if (named := ELSEWHERE.get(str(source))) is not None:
        return PurePosixPath(named)
    if source.is_relative_to("docs"):
        return source.relative_to("docs")
    if source.is_relative_to("benchmarks/results"):
        return PurePosixPath("figures") / source.relative_to("benchmarks/results")
    return None


def moved(text: str, page: Page, *, root: Path = ROOT, code: str | None = None) -> str:
    """The text of a page with its links as they are on the website.

    A link to a file that is no page leads to the code, if `code` says where that can be read (an address that ends
    before the path in the repository); otherwise its words stand alone.
    """

    def link(match: re.Match[str]) -> str:
        mark, words, target, anchor = match.groups()
        source = PurePosixPath(os.path.normpath(page.source.parent / target))
        place = place_of(source)
        if place is not None:
            index = "/index.md" if (root / source).is_dir() else ""
            return f"{mark}[{words}]({_way(page.place, place)}{index}{anchor or ''})"
        return f"[{words}]({code.rstrip('/')}/{source})" if code else words

    parts = re.split(r"(^ {0,3}(?:```|~~~).*?^ {0,3}(?:```|~~~)[ \t]*$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if _FENCE.match(part) else _LINK.sub(link, part) for part in parts)


def pictures_shown(root: Path = ROOT) -> frozenset[str]:
    """The names of the files in `docs/images` that a page shows."""
    shown = (
        m[3] for page in pages(root) for m in _LINK.finditer((root / page.source).read_text(encoding="utf-8")) if m[1]
    )
    return frozenset(PurePosixPath(name).name for name in shown)


def contents(section: str, listed: Sequence[Page]) -> str:
    """The page of contents of a folder: each page with how it begins."""
    lines = (
        f"- [{page.title}]({page.place.relative_to(section)})" + (f": {page.lead}" if page.lead else "")
        for page in listed
    )
    return f"# {SECTIONS[section]}\n\n" + "\n".join(lines) + "\n"


def build(to: Path, *, pictures: Path | None = None, code: str | None = None) -> int:
    """Make the website, and say how many pages it has.

    Raises Unbuildable where a link leads nowhere, or `pictures` lacks one that is shown.
    """
    listed = pages()
    with tempfile.TemporaryDirectory() as folder:
        away = Path(folder)
        _stage(away / "docs", listed, code)
        if pictures is not None:
            _take(pictures, away / "docs" / "images")
        (away / "zensical.toml").write_text(
            CONFIG.read_text(encoding="utf-8").replace('"NAVIGATION"', _navigation(listed))
        )
        told = subprocess.run(
            (sys.executable, "-m", "zensical", "build", "--strict"),
            cwd=away,
            env={**os.environ, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if told.returncode:
            raise Unbuildable(f"{told.stdout}{told.stderr}".partition("Traceback")[0].strip())
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(away / "site", to)
    return len(listed)


def _read(path: Path, source: PurePosixPath) -> Page:
    text = path.read_text(encoding="utf-8")
    heading = re.search(r"^# (.+)$", text, re.MULTILINE)
    place = place_of(source)
    if heading is None or place is None:
        raise Unbuildable(f"{source}: a page begins with a heading (`# …`)")
    first = text[heading.end() :].lstrip("\n").partition("\n\n")[0]
    lead = _plain(" ".join(first.split())) if _PROSE.match(first) else ""
    return Page(source, place, _plain(heading[1]), re.split(r"(?<=[.:]) ", lead)[0].rstrip(":"))


def _plain(text: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).strip()


def _way(here: PurePosixPath, there: PurePosixPath) -> str:
    return PurePosixPath(os.path.relpath(there, here.parent)).as_posix()


def _stage(docs: Path, listed: Sequence[Page], code: str | None) -> None:
    shutil.copytree(ROOT / "docs", docs, ignore=shutil.ignore_patterns("*.md", "*.toml"))
    shutil.copy(ROOT / LOGO, docs / "images")
    for page in listed:
        (docs / page.place).parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / page.source).read_text(encoding="utf-8")
        (docs / page.place).write_text(moved(text, page, code=code), encoding="utf-8")
    for section, within in _by_section(listed):
        (docs / section / "index.md").write_text(contents(section, within), encoding="utf-8")


def _take(pictures: Path, images: Path) -> None:
    """Show what a test run has taken; what a page shows and no test took would show an older product."""
    missing = sorted(name for name in pictures_shown() if not (pictures / name).is_file())
    if missing:
        raise Unbuildable(f"{pictures} has no {', '.join(missing)}: run the tests with SCREENSHOTS_TO={pictures}")
    for name in pictures_shown():
        shutil.copy(pictures / name, images / name)


def _by_section(listed: Sequence[Page]) -> Iterator[tuple[str, list[Page]]]:
    for section in SECTIONS:
        yield section, [page for page in listed if page.place.parts[0] == section]


def _navigation(listed: Sequence[Page]) -> str:
    def entry(title: str, place: object) -> str:
        return f"{{{_quoted(title)} = {_quoted(str(place))}}}"

    entries = [entry("Waypost", "index.md")]
    for section, within in _by_section(listed):
        inner = [_quoted(f"{section}/index.md"), *(entry(page.title, page.place) for page in within)]
        entries.append(f"{{{_quoted(SECTIONS[section])} = [{', '.join(inner)}]}}")
    return f"[{', '.join(entries)}]"


def _quoted(text: str) -> str:
    return '"' + text.replace("`", "").replace("\\", "\\\\").replace('"', '\\"') + '"'


def main() -> None:
    """The command line."""
    asked = argparse.ArgumentParser(
        prog="python -m release.site", description=__doc__.partition("\n")[0] if __doc__ else ""
    )
    asked.add_argument("to", nargs="?", type=Path, default=ROOT / "dist" / "site", help="where to write it")
    asked.add_argument("--pictures", type=Path, help="a folder of pictures that a test run has taken (SCREENSHOTS_TO)")
    asked.add_argument(
        "--code", help="where files of the repository can be read, such as https://example.com/waypost/blob/main"
    )
    given = asked.parse_args()
    try:
        count = build(given.to, pictures=given.pictures, code=given.code)
    except Unbuildable as error:
        sys.exit(f"{error}")
    print(f"{count} pages in {given.to}; open {given.to / 'index.html'}")


if __name__ == "__main__":
    main()
