"""Whatever stands where words, names and addresses belong is words, names and addresses: nothing of it ever runs.

The decisions are handed to the browser as they are, past the checks of the server: this is the second lock alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.markdown import read_markdown
from tests.widgets.browser import decision, example, opened, shown, survey_of
from tests.widgets.fake_server import FakeServer
from tests.widgets.hostile import strings

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

WATCH = """
window.runs = [];
window.ran = () => runs.push('ran');
window.alert = window.prompt = window.confirm = () => runs.push('dialog');
"""

DRAW = """async (decisions) => {
  const ALLOWED = /^(https?|mailto|tel):$/;
  const TAGS = new Set(('div dialog button a img h2 h3 p span strong em code pre ul ol li br blockquote svg path '
    + 'circle progress input textarea i b').split(' '));
  const wrong = [];
  const until = async (holds) => {
    for (const end = Date.now() + 30_000; Date.now() < end; ) {
      const found = holds();
      if (found) return found;
      await new Promise((done) => setTimeout(done, 5));
    }
  };
  for (const decision of decisions) {
    waypost.reset();
    await until(() => !document.querySelector('waypost-guide'));
    waypost.show(decision);
    const root = await until(() => document.querySelector('waypost-guide')?.shadowRoot?.querySelector('.root > *')
      && document.querySelector('waypost-guide').shadowRoot);
    if (!root) { wrong.push([decision.id, 'is not drawn']); continue; }
    root.querySelector('.mark, .launcher')?.click();
    const unsaid = () => decision.said.filter((said) => !root.textContent.includes(said));
    await until(() => !unsaid().length);
    await new Promise((done) => setTimeout(done, 15));
    for (const each of root.querySelectorAll('.root *')) {
      if (!TAGS.has(each.localName)) wrong.push([decision.id, 'element ' + each.localName]);
      for (const { name, value } of each.attributes) {
        if (/^on|^style$|^srcdoc$|^formaction$/.test(name)) wrong.push([decision.id, 'attribute ' + name]);
        if (/^(href|src)$/.test(name) && !ALLOWED.test(new URL(value, document.baseURI).protocol))
          wrong.push([decision.id, 'address ' + value]);
      }
    }
    wrong.push(...unsaid().map((said) => [decision.id, 'not said: ' + said]));
  }
  return wrong;
}"""


def paragraph(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "children": list(children)}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def opens(address: str) -> dict[str, Any]:
    return {"type": "open", "url": address}


def paragraphs(words: str) -> list[dict[str, Any]]:
    """The words in every place of a text, and what is read where they are an author's."""
    strong, code = {"type": "strong", "children": [text(words)]}, {"type": "code", "text": words}
    link = {"type": "link", "href": words, "children": [text(words)]}
    block = {"type": "code", "text": words, "language": None}
    return [paragraph(text(words), strong, code, link), block, *read_markdown(words).filled(lambda _path: words)]


def message(some: list[str]) -> dict[str, Any]:
    """A card with the first of the words in every place of it, and all of them in its text and on its buttons."""
    return {
        "title": some[0],
        "body": [each for words in some for each in paragraphs(words)],
        "image": {"src": some[0], "alt": some[0]},
        "video": some[0],
        "buttons": [{"text": each, "action": opens(each)} for each in some if each.strip()]
        + [{"text": some[0], "action": {"type": "complete"}}],
    }


def choice(words: str) -> dict[str, Any]:
    return {"id": words, "text": words, "other": False, "then": None}


def contents(all_words: list[str], *, at_once: int) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Content that holds them, each with the words that are to be read in it."""
    for start in range(0, len(all_words), at_once):
        some = all_words[start : start + at_once]
        yield {**example("modal"), **message(some)}, some
    for start in range(0, len(all_words), 40):
        some = all_words[start : start + 40]
        first, last = some[:1], some[-1:]
        question = {**example("survey/questions/choice"), "text": some[0], "choices": [choice(each) for each in some]}
        yield {**survey_of(question), "thanks": some[0]}, some
        items = [{"text": each, "done": False, "action": opens(each)} for each in some]
        yield {**example("checklist"), "title": some[0], "items": items}, some
        yield {**example("feedback"), "label": some[0], "questions": [question]}, some
        yield {**example("hotspot"), **message(first)}, first
        yield {**example("tooltip"), **message(last)}, last
        yield {**example("banner"), **message(first), "language": some[-1]}, first
        step = {**example("tour")["steps"][0], **message(first), "page": "*" + some[-1].replace("*", "") + "*"}
        yield {**example("tour"), "steps": [{**step, "page": None}, step]}, first


@pytest.fixture
def watched(page: Any, server: FakeServer) -> Any:
    """A page that would run anything, and counts what runs."""
    page.add_init_script(WATCH)
    page.on("dialog", lambda dialog: dialog.dismiss())
    opened(page, server)
    return page


def test_there_are_hundreds_of_them_each_once() -> None:
    found = strings()
    assert len(found) == len(set(found)) >= 500


def draw_all(page: Any, *, at_once: int) -> None:
    # Pictures are asked for as soon as they are drawn.
    page.context.route(lambda address: "nowhere.invalid" in address, lambda route: route.abort())
    made = [
        {**decision(content, id=f"{content['widget']}: {said[0][:60]}", guide=said[0]), "said": said}
        for content, said in contents(strings(), at_once=at_once)
    ]
    for start in range(0, len(made), 50):
        assert page.evaluate(DRAW, made[start : start + 50]) == []
        assert page.evaluate("runs") == []


def test_nothing_runs_wherever_it_stands(watched: Any) -> None:
    draw_all(watched, at_once=12)


@pytest.mark.slow
def test_nothing_runs_in_any_place_of_a_card(watched: Any) -> None:
    draw_all(watched, at_once=1)


SOME = [each for each in strings() if each.strip()][::43]


def test_a_selector_that_is_none_shows_nothing_and_throws_nothing(watched: Any) -> None:
    made = [decision({**example("tooltip"), "target": {"selector": each}}, guide=each, id=each) for each in strings()]
    watched.evaluate("(made) => made.forEach((each) => { waypost.show(each); waypost.reset(); })", made)
    watched.wait_for_timeout(100)
    assert watched.evaluate("runs") == []
    assert watched.locator("waypost-guide").count() == 0


def test_answers_and_names_are_sent_as_they_are(watched: Any, server: FakeServer) -> None:
    for number, words in enumerate(SOME):
        one = {**example("survey/questions/choice"), "id": words, "choices": [choice(words), choice("b")]}
        two = {**example("survey/questions/text"), "id": "own", "limit": None}
        content = {**survey_of(one, two), "language": None}
        server.answer(f"Asked {number}", decision(content, id=f"dec_{number}", guide=words))
        watched.evaluate(f"waypost.track('Asked {number}')")
        shown(watched).get_by_role("radio").first.click()
        field = watched.locator("waypost-guide").get_by_role("textbox")
        field.fill(words)
        typed = field.input_value()
        watched.get_by_role("button", name="Send", exact=True).click()
        answers = lambda: [each for name, each in server.events() if name == "$answered" and each["guide"] == words]  # noqa: B023, E731
        server.wait_for(lambda: len(answers()) == 2)  # noqa: B023
        first, second = answers()
        assert (first["question"], first["value"]) == (words, words)
        assert second["value"] == typed.strip()
        watched.evaluate("waypost.reset()")
        watched.locator("waypost-guide").wait_for(state="detached")
    assert watched.evaluate("runs") == []
