"""What is drawn of a journey map, and written of it: nothing lost, nothing run, nothing outside of its page."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest

from api.maps.blocks import paragraph
from api.maps.files import FORMS
from api.maps.layout import pages, poster
from api.maps.lettering import lines_of, width_of
from api.maps.mermaid import as_mermaid
from api.maps.pdf import as_pdf, room_on
from api.maps.png import SHARP, as_png
from api.maps.rows import compared_rows, map_rows
from api.maps.scene import Path as Lines
from api.maps.scene import Rect, Scene, Text
from api.maps.svg import as_svg
from engine.analytics.releases import Release
from engine.mapping.cells import LINK_MEANS, LinkKind
from engine.mapping.comparing import compared
from engine.mapping.model import JourneyMap, Publication
from engine.mapping.rows import ROWS, Row
from engine.roadmap.metrics import Metric
from tests.api.map_scenes import NOW, a_map, measured, stale, step, typed

HOSTILE = '<script>alert(1)</script> & "]]>" \'--> \x00\x1b\x85 \u202e {{7*7}} 日本語'
LONG = "donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3
SVG = "{http://www.w3.org/2000/svg}"


def hostile() -> JourneyMap:
    said = {row: (measured(HOSTILE), typed(HOSTILE)) for row in Row}
    return a_map(
        step(1, label=HOSTILE, lines=said), step(2, label=LONG, lines={Row.OWNER: (measured(LONG),)}), label=HOSTILE
    )


def words(svg: str) -> str:
    return " ".join("".join(each.itertext()) for each in parsed(svg) if each.tag == f"{SVG}text")


def parsed(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter())  # noqa: S314  (our own document)


def test_everything_that_stands_on_the_map_stands_in_the_picture() -> None:
    drawn = a_map(
        step(1, lines={row: (measured(f"told of {row.value}"),) for row in Row}),
        step(2, stage="late", label="Send", emotion=None),
        lines={Row.PERSONA: (typed("owners of shops"),)},
    )
    said = words(as_svg(poster(drawn)))
    for text in ("The way: everyone", "A Early", "B Late", "A1", "Step 1", "Send", "owners of shops", "nothing said"):
        assert text in said, text
    assert all(f"told of {row.value}" in said for row in Row)
    assert "drawn 2026-11-02 09:00 UTC. Left out: simulated, internal." in said


def test_what_people_wrote_stays_text() -> None:
    svg = as_svg(poster(hostile()))
    found = {each.tag.removeprefix(SVG) for each in parsed(svg)}
    assert found <= {"svg", "title", "desc", "defs", "pattern", "line", "rect", "text", "polyline", "polygon", "circle"}
    assert "<script>alert(1)</script>" in words(svg)
    names = {name for each in parsed(svg) for name in each.attrib}
    assert not {name for name in names if name.startswith("on") or "href" in name}


@pytest.mark.parametrize("form", sorted(FORMS))
def test_the_same_map_gives_the_same_bytes_in_every_form(form: str) -> None:
    # A machine's own typefaces are looked through for other letters, which takes seconds.
    first_map = a_map(step(1), step(2)) if form == "png" else hostile()
    for drawn in (first_map, compared(first_map, a_map(step(1), step(3)))):
        first = FORMS[form].write(drawn, "a4")
        assert first == FORMS[form].write(drawn, "a4")
        assert first


def right_of(shape: Text) -> float:
    width = width_of(shape.text, shape.size, bold=shape.bold)
    return shape.x + {"start": width, "middle": width / 2, "end": 0}[shape.anchor]


@pytest.mark.parametrize(
    "drawn", [hostile(), a_map(*(step(number) for number in range(1, 10)))], ids=["hostile", "nine"]
)
def test_no_text_runs_out_of_the_picture_or_of_its_page(drawn: JourneyMap) -> None:
    scenes = [poster(drawn), *pages(drawn, room_on("a4"))]
    for scene in scenes:
        for shape in scene.shapes:
            if isinstance(shape, Text):
                assert right_of(shape) <= scene.width + 0.5, shape
                assert shape.y <= scene.height


def test_no_line_crosses_what_spans_several_columns() -> None:
    across = {Row.ACTIONS: (measured("A1 → A2: 60.0%, six of ten people, and this goes on beyond one column"),)}
    scene = poster(a_map(step(1, lines={}), step(2, lines={}), lines=across))
    (spanning,) = [shape for shape in scene.shapes if isinstance(shape, Text) and shape.text.startswith("A1 → A2")]
    columns = [shape for shape in scene.shapes if isinstance(shape, Lines) and shape.points[0][0] == shape.points[1][0]]
    assert not [line for line in columns if line.points[0][1] < spanning.y < line.points[1][1]]


def test_pages_hold_as_many_columns_as_fit_and_repeat_the_head() -> None:
    drawn = a_map(*(step(number, stage="early" if number < 6 else "late") for number in range(1, 10)))
    wide, high = room_on("a4")
    made = pages(drawn, (wide, high))
    assert all(scene.width <= wide and scene.height <= high for scene in made)
    heads = [[name for name in texts(scene) if re.fullmatch(r"A\d", name)] for scene in made]
    assert sorted({name for names in heads for name in names}) == [f"A{number}" for number in range(1, 10)]
    assert all(heads)
    assert len(pages(drawn, room_on("a3"))) < len(made)


def texts(scene: Scene) -> list[str]:
    return [shape.text for shape in scene.shapes if isinstance(shape, Text)]


def test_what_was_typed_is_hatched_until_it_links_evidence() -> None:
    def hatches(hatched: bool) -> tuple[int, str]:
        scene = poster(a_map(step(1, lines={Row.OWNER: (typed("Ada", hatched=hatched),)})))
        return sum(isinstance(each, Rect) and bool(each.hatched) for each in scene.shapes), " ".join(texts(scene))

    assert hatches(True)[0] == 1
    assert "assumption: no evidence linked" in hatches(True)[1]
    assert hatches(False)[0] == 0
    assert "1 piece of evidence" in hatches(False)[1]


def test_a_release_has_a_flag_on_the_curve_and_a_stale_step_says_so() -> None:
    fresh, old = (texts(poster(a_map(one))) for one in (step(1), stale(step(1), "2.1")))
    assert "release 2.1" in old
    assert "stale: 2.1 since 2026-11-02" in old
    assert not [each for each in fresh if each.startswith(("release 2", "stale:"))]


def test_what_changed_meanwhile_is_named_with_its_day() -> None:
    drawn = a_map(step(1), releases=(Release("2.1", NOW),), publications=(Publication(7, NOW),))
    told = " ".join(texts(poster(drawn)))
    assert "Releases of the period: 2.1 (2026-11-02)" in told
    assert "Rules published in the period: 7 (2026-11-02)" in told
    assert "published" not in " ".join(texts(poster(a_map(step(1)))))


def test_the_map_that_it_is_compared_with_is_a_dashed_curve() -> None:
    drawn, other = a_map(step(1, emotion=0.5), step(2, emotion=0.1)), a_map(step(1, emotion=-0.5), step(2, emotion=0.2))
    found = compared(drawn, other)
    assert dashes(poster(found)) == dashes(poster(drawn)) + 1
    said = words(as_svg(poster(found)))
    assert "emotion: 0.50 beside -0.50, +1.00" in said
    assert [row["difference"] for row in compared_rows(found) if row["metric"] == "emotion"] == [1.0, -0.1]


def dashes(scene: Scene) -> int:
    return sum(isinstance(each, Lines) and each.dashed for each in scene.shapes)


def test_a_png_is_sharp_enough_to_read() -> None:
    scene = poster(a_map(step(1)))
    image = as_png(scene)
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", image[16:24])
    assert (width, height) == (pytest.approx(SHARP * scene.width, abs=2), pytest.approx(SHARP * scene.height, abs=2))


def test_a_pdf_has_a_page_for_each_sheet() -> None:
    sheets = pages(a_map(*(step(number) for number in range(1, 10))), room_on("a4"))
    made = as_pdf(sheets, "a4")
    assert made.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", made)) == len(sheets)


FELT = [(1.0, 5), (0.6, 4), (0.24, 3), (0.0, 3), (-0.26, 2), (-0.5, 2), (-0.76, 1), (-1.0, 1), (None, 3)]


@pytest.mark.parametrize(("felt", "score"), FELT)
def test_mermaid_scores_run_from_one_to_five_as_people_felt(felt: float | None, score: int) -> None:
    last = as_mermaid(a_map(step(1, emotion=felt))).splitlines()[-1]
    few = " (not enough answers)" if felt is None else ""
    assert last == f"      A1 Step 1{few}: {score}: everyone"


def test_mermaid_can_read_whatever_people_call_their_steps() -> None:
    drawn = a_map(step(1, label="a: b; #c, %%d\nsection x"), step(2, stage="late", label=HOSTILE), label=":;#")
    head, title, _, _, *rest = as_mermaid(drawn).splitlines()
    assert (head, title) == ("journey", "    title ?")
    # The tokens of Mermaid's own grammar of journeys.
    for line in rest:
        assert re.fullmatch(r" +(section [^#:\n;]+|[^#:\n;]+: [1-5]: [^#\n;,]+)", line), line


def test_no_cell_of_a_table_is_a_formula() -> None:
    drawn = a_map(step(1, lines={Row.OWNER: (typed("=HYPERLINK(1)"), typed("@sum"))}))
    lines = FORMS["csv"].write(drawn, "a4").decode().splitlines()
    assert [line.split(",")[7] for line in lines if ",owner," in line] == ["'=HYPERLINK(1)", "'@sum"]
    assert {row["row"] for row in map_rows(drawn)} == {"figures", "owner"}


def test_a_count_stays_on_one_line() -> None:
    for width in range(70, 220, 7):
        lines = [shape.text for shape in paragraph("92.9% went on, n = 1,003", width).shapes if isinstance(shape, Text)]
        assert "n\u00a0=\u00a01,003" in lines[-1], (width, lines)


def test_lines_break_between_words_and_long_words_within() -> None:
    lines = lines_of(f"one two {LONG}", 120, 10)
    assert lines[0] == "one two"
    assert all(width_of(line, 10) <= 120 for line in lines)
    assert "".join(lines[1:]) == LONG
    cut = lines_of("one two three four five six seven", 40, 10, most=2)
    assert (len(cut), cut[-1][-1]) == (2, "…")


def test_the_reference_has_every_row_link_and_form_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "map.md").read_text()
    for spec in ROWS.values():
        assert re.sub(" +", " ", f"| {spec.label} | {spec.filled} | {spec.typed} |") in page
    assert all(f"`{form}`" in page for form in FORMS)
    assert all(means.partition(": ")[0] in page for kind, means in LINK_MEANS.items() if kind is not LinkKind.ADDRESS)
    assert all(f"`{metric.value}`" in page for metric in Metric)
