"""`@waypost/js` and `@waypost/react`: installed from what `npm pack` makes, built by Vite, opened in a browser."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from api.cli.main import cli
from tests.api.test_types_command import RULES as TYPED_RULES
from tests.conftest import StartServer
from tests.running import RunningServer
from tests.widgets.browser import WIDGETS, counted, decision, example, shown, survey_of
from tests.widgets.fake_server import STRICT_POLICY, FakeServer, name_of
from tests.widgets.packages import APP, HOSTS, compile_types, from_lock, install, run
from tests.widgets.test_real_server import RULES, known

pytestmark = [pytest.mark.node, pytest.mark.thorough]

PAGE = (
    '<!doctype html><title>App</title>{tag}<div id="root"></div><script type="module" src="/built/{entry}.js"></script>'
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty project into which `@waypost/js` was installed."""
    return install(tmp_path_factory.mktemp("project"), "js")


@pytest.fixture(scope="module")
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A React application with both packages, and what Vite built of it in `dist`."""
    folder = tmp_path_factory.mktemp("react") / "app"
    shutil.copytree(APP, folder, ignore=shutil.ignore_patterns("node_modules"))
    (folder / "package.json").write_text('{"name": "react-app", "private": true, "type": "module"}\n')
    install(folder, "js", "react")
    theirs = from_lock(request, HOSTS / "react")
    for name in ("react", "react-dom", "scheduler", "vite", "csstype", "@types"):
        if (theirs / name).exists():
            (folder / "node_modules" / name).symlink_to(theirs / name)
    run("node", str(theirs / "vite" / "bin" / "vite.js"), "build", folder=folder, NODE_ENV="development")
    return folder


def open_app(page: Any, server: FakeServer, app: Path, entry: str = "main", *, tag: bool = False, **query: str) -> None:
    """The application on the page's own origin, under the strict policy of a customer who has one."""
    server.built, server.policy = app / "dist", STRICT_POLICY
    server.body = PAGE.format(entry=entry, tag="<!-- head -->" if tag else "")
    page.goto(f"{server.page}/app?{urlencode({'key': server.key, 'host': server.sdk, **query})}")


def names(server: FakeServer) -> list[str]:
    return [name_of(message) for message in server.messages]


class TestThePackageForJavaScript:
    def test_it_holds_its_modules_and_types_and_nothing_else(self, installed: Path) -> None:
        package = installed / "node_modules" / "@waypost" / "js"
        files = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
        assert {"package.json", "LICENSE", "README.md", "global.d.ts", "dist/index.js", "dist/index.d.ts"} <= files
        assert {Path(name).suffix for name in files} <= {".json", ".md", ".js", ".ts", ""}
        assert not any("src" in Path(name).parts for name in files)

    def test_versions_are_those_of_the_snippet(self) -> None:
        version = json.loads((WIDGETS / "package.json").read_text())["version"]
        js, react = (json.loads((WIDGETS / "packages" / name / "package.json").read_text()) for name in ("js", "react"))
        assert js["version"] == react["version"] == react["peerDependencies"]["@waypost/js"] == version

    def test_without_a_window_every_call_does_nothing(self, installed: Path) -> None:
        (installed / "server.js").write_text(
            "import waypost, { version } from '@waypost/js';\n"
            "globalThis.fetch = () => { throw new Error('fetched') };\n"
            "waypost.init({key: 'wp_pub_test', host: 'https://waypost.example.com'});\n"
            "waypost.identify('ada'); waypost.track('Signed Up'); waypost.step('a.b'); waypost.page();\n"
            "waypost.on('shown', () => {}); waypost.off('shown', () => {}); waypost.reset(); waypost.optOut();\n"
            "console.log(JSON.stringify({version, report: waypost.debug(), waypost: 'waypost' in globalThis}));\n"
        )
        told = json.loads(run("node", "server.js", folder=installed))
        assert told == {"version": "0.1.0", "report": {"faults": []}, "waypost": False}

    def test_the_mock_remembers_what_it_was_told(self, installed: Path) -> None:
        (installed / "mocked.js").write_text(
            "import { createMock } from '@waypost/js/mock';\n"
            "const mock = createMock(); const heard = [];\n"
            "mock.init({key: 'k', host: 'h'}); mock.on('completed', ({guide}) => heard.push(guide));\n"
            "mock.track('Signed Up', {via: 'ad'}); mock.track('Left');\n"
            "mock.emit('completed', {guide: 'tips'});\n"
            "const tracked = mock.given('track'); const first = mock.calls[0]; mock.clear();\n"
            "console.log(JSON.stringify({tracked, first, heard, left: mock.calls}));\n"
        )
        assert json.loads(run("node", "mocked.js", folder=installed)) == {
            "tracked": [["Signed Up", {"via": "ad"}], ["Left"]],
            "first": {"name": "init", "args": [{"key": "k", "host": "h"}]},
            "heard": ["tips"],
            "left": [],
        }

    @pytest.mark.parametrize(("module", "resolution"), [("ESNext", "Bundler"), ("NodeNext", "NodeNext")])
    def test_its_types_are_found_and_whole(self, installed: Path, module: str, resolution: str) -> None:
        project = installed / f"types-{resolution}"
        project.mkdir()
        options = {"module": module, "moduleResolution": resolution, "target": "ES2022", "lib": ["ES2022", "DOM"]}
        more = {"strict": True, "noEmit": True, "types": [], "skipLibCheck": False}
        (project / "tsconfig.json").write_text(json.dumps({"compilerOptions": {**options, **more}}))
        (project / "package.json").write_text('{"type": "module"}')
        (project / "use.ts").write_text(
            "import type {} from '@waypost/js/global';\n"
            "import waypost, { type Guide } from '@waypost/js';\n"
            "import { createMock } from '@waypost/js/mock';\n"
            "waypost.init({key: 'k', host: 'https://w.example.com', headless: true, enabled: false});\n"
            "waypost.on('guide', (guide: Guide) => { if (guide.question?.type === 'nps') guide.answered(9); });\n"
            "window.waypost.track('Anything', {at: 'all'});\n"
            "const mock = createMock(); const given: unknown[][] = mock.given('track'); void given;\n"
            "// @ts-expect-error there is no such call\n"
            "waypost.trak('Signed Up');\n"
            "// @ts-expect-error there is no such event in a guide's life\n"
            "waypost.on('vanished', () => {});\n"
        )
        assert compile_types(project) == ""


CALLS = """
import waypost from "@waypost/js";
import { createMock } from "@waypost/js/mock";

waypost.track("Domain Added", { provider: "google", records: 2, tags: ["a"], verified: true });
waypost.track("Domain Added", { provider: null });
waypost.track("Domain Added");
waypost.track("Signed Up", { anything: [1, 2] });
waypost.identify("ada", { plan: "trial", undeclared: 1 });
waypost.identify({ "Company Size": 7 });
waypost.group("acme", { renews_at: new Date(0) });
waypost.step("activation.verify");
waypost.show("tips");
createMock().track("Signed Up");

// @ts-expect-error a slip in the name
waypost.track("Domain Aded");
// @ts-expect-error none of the two
waypost.track("Domain Added", { provider: "amazon" });
// @ts-expect-error a text for a number
waypost.track("Domain Added", { records: "2" });
// @ts-expect-error a property that the event does not have
waypost.track("Domain Added", { colour: "red" });
// @ts-expect-error the snippet sends it by itself
waypost.track("Opened help");
// @ts-expect-error a plan that is not there
waypost.identify("ada", { plan: "gold" });
// @ts-expect-error a number, of an account
waypost.group("acme", { renews_at: 7 });
// @ts-expect-error a step that is not there
waypost.step("activation.pay");
// @ts-expect-error a guide that is not there
waypost.show("trips");
// @ts-expect-error of the mock it is the same
createMock().track("Signed Upp");
"""


class TestTypedCalls:
    def test_with_the_names_of_the_rules_right_calls_compile_and_wrong_ones_do_not(self, installed: Path) -> None:
        project = installed / "typed"
        project.mkdir()
        (project / "rules.way").write_text(TYPED_RULES)
        made = CliRunner().invoke(cli, ["types", str(project / "rules.way")])
        (project / "waypost-events.d.ts").write_text(made.stdout)
        options = {"module": "ESNext", "moduleResolution": "Bundler", "target": "ES2022", "lib": ["ES2022", "DOM"]}
        more = {"strict": True, "noEmit": True, "types": [], "skipLibCheck": False}
        (project / "tsconfig.json").write_text(json.dumps({"compilerOptions": {**options, **more}}))
        (project / "calls.ts").write_text(CALLS)
        assert compile_types(project) == ""

    def test_without_them_any_name_may_be_sent(self, installed: Path) -> None:
        project = installed / "untyped"
        project.mkdir()
        options = {"module": "ESNext", "moduleResolution": "Bundler", "target": "ES2022", "strict": True, "types": []}
        (project / "tsconfig.json").write_text(json.dumps({"compilerOptions": {**options, "noEmit": True}}))
        (project / "calls.ts").write_text(
            "import waypost from '@waypost/js';\nwaypost.track('Domain Aded', {colour: 'red'}); waypost.step('a.b');\n"
        )
        assert compile_types(project) == ""


class TestInABrowser:
    pytestmark = pytest.mark.browser

    def test_it_sends_and_shows_and_loads_what_draws_from_the_server(
        self, page: Any, server: FakeServer, app: Path
    ) -> None:
        server.answer("Asked", decision(example("slideout")))
        open_app(page, server, app, "plain")
        page.wait_for_function("() => window.fromPackage")
        page.evaluate("fromPackage.track('Before')")
        page.evaluate("fromPackage.init({key: 'wp_pub_test', host: new URLSearchParams(location.search).get('host')})")
        page.evaluate("fromPackage.track('Asked')")
        shown(page).get_by_role("button").first.wait_for()
        assert names(server)[:3] == ["Before", "$page", "Asked"]
        newest = json.loads((WIDGETS / "dist" / "manifest.json").read_text())["parts"]["drawing"]
        drawing = [path for path in server.loaded if "drawing" in path]
        assert drawing == ["/sdk/drawing.js", f"/sdk/{newest}"], "by its plain name, and once"
        assert page.evaluate("window.waypost.debug().key") == "wp_pub_test", "the console of the browser finds it"
        assert page.complaints.console == []

    def test_switched_off_it_touches_nothing(self, page: Any, server: FakeServer, app: Path) -> None:
        open_app(page, server, app, "plain")
        page.wait_for_function("() => window.fromPackage")
        host = "new URLSearchParams(location.search).get('host')"
        page.evaluate(f"fromPackage.init({{key: 'wp_pub_test', host: {host}, enabled: false}})")
        page.evaluate("fromPackage.identify('ada'); fromPackage.track('Off'); fromPackage.page()")
        page.wait_for_timeout(300)
        assert server.messages == server.asked == []
        assert not any(path.startswith("/sdk/") for path in server.loaded)
        assert page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))") == []
        # Consent was given: it begins, and what was said before stays unsaid.
        page.evaluate(f"fromPackage.init({{key: 'wp_pub_test', host: {host}}}); fromPackage.track('On')")
        server.wait_for(lambda: "On" in names(server))
        assert "Off" not in names(server)

    def test_a_page_that_has_the_tag_too_has_one_waypost(self, page: Any, server: FakeServer, app: Path) -> None:
        open_app(page, server, app, "plain", tag=True)
        page.wait_for_function("() => window.fromPackage && window.waypost?.loaded")
        page.evaluate("fromPackage.track('Through the package'); waypost.track('Through the tag')")
        page.evaluate("fromPackage.init({key: 'wp_pub_other', host: 'https://elsewhere.example.com'})")
        server.wait_for(lambda: "Through the tag" in names(server))
        assert names(server).count("$page") == 1
        assert "Through the package" in names(server)
        assert {batch["writeKey"] for batch in server.batches} == {"wp_pub_test"}

    def test_the_mock_offers_guides_to_what_draws_them(self, page: Any, server: FakeServer, app: Path) -> None:
        open_app(page, server, app, "plain")
        page.wait_for_function("() => window.createMock")
        told = page.evaluate(
            "(content) => { const mock = createMock(); const seen = [];"
            " mock.on('guide', (guide) => seen.push([guide.isOpen, guide.question?.id]));"
            " const guide = mock.offer({content, guide: 'effort'});"
            " guide.shown(); guide.answered(7); guide.dismissed();"
            " return {seen, reports: mock.reports.map(({event}) => event), question: guide.question.id} }",
            survey_of({**example("survey/questions/effort"), "id": "ease"}),
        )
        assert told == {
            "seen": [[True, "ease"], [True, None], [False, None]],
            "reports": ["$shown", "$started", "$answered", "$completed"],
            "question": "ease",
        }


class TestReact:
    def test_the_application_is_rightly_typed(self, app: Path) -> None:
        assert compile_types(app) == ""

    def test_a_server_renders_it_without_a_word_to_anybody(self, app: Path) -> None:
        (app / "render.mjs").write_text(
            "import { createElement as h } from 'react'; import { renderToString } from 'react-dom/server';\n"
            "import { GuideSlot, useDecisions, useStep, useWaypost, WaypostProvider } from '@waypost/react';\n"
            "globalThis.fetch = () => { throw new Error('fetched') };\n"
            "const Inside = () => { useStep('a.b'); useWaypost().track('Rendered');\n"
            "  return h('p', null, `${useDecisions().length} guides`) };\n"
            "const options = {key: 'k', host: 'https://w.example.com', headless: true};\n"
            "console.log(renderToString(h(WaypostProvider, {options, user: {id: 'ada'}}, h(Inside),\n"
            "  h(GuideSlot, {children: () => 'never'}))));\n"
        )
        assert run("node", "render.mjs", folder=app) == "<p>0 guides</p>\n"

    @pytest.mark.browser
    def test_strict_mode_begins_once_and_says_everything_once(self, page: Any, server: FakeServer, app: Path) -> None:
        open_app(page, server, app)
        page.get_by_role("heading", name="Verify your domain").wait_for()
        server.wait_for(lambda: len(names(server)) >= 5)
        page.wait_for_timeout(300)
        assert sorted(names(server)) == ["$group", "$identify", "$page", "$step", "Page Rendered"]
        assert names(server)[:2] == ["$identify", "$group"], "who it is, before what happens"
        assert {message.get("userId") for message in server.messages} == {"ada"}
        assert server.wait_for_event("$step") == {"journey": "activation", "step": "verify_domain"}
        assert page.complaints.console == []

    @pytest.mark.browser
    def test_a_user_whom_the_server_signed_is_sent_with_the_token(
        self, page: Any, server: FakeServer, app: Path
    ) -> None:
        open_app(page, server, app, token="signed.by.ours")
        server.wait_for(lambda: "$identify" in names(server))
        assert server.batches[0]["userToken"] == "signed.by.ours"

    @pytest.mark.browser
    def test_switched_off_it_says_nothing(self, page: Any, server: FakeServer, app: Path) -> None:
        open_app(page, server, app, off="1")
        page.get_by_role("button", name="Check", exact=True).click()
        page.wait_for_timeout(300)
        assert server.messages == []

    @pytest.mark.browser
    def test_nobody_is_signed_in_any_more(self, page: Any, server: FakeServer, app: Path) -> None:
        open_app(page, server, app)
        server.wait_for(lambda: "Page Rendered" in names(server))
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name="Verified").click()
        server.wait_for_event("Domain Verified")
        (verified,) = (message for message in server.messages if name_of(message) == "Domain Verified")
        assert "userId" not in verified

    @pytest.mark.browser
    def test_a_component_that_comes_later_is_handed_what_is_there(
        self, page: Any, server: FakeServer, app: Path
    ) -> None:
        server.answer("Domain Verified", decision(survey_of({**example("survey/questions/effort"), "id": "ease"})))
        open_app(page, server, app)
        page.get_by_role("button", name="Verified").click()
        page.locator(".corner section").wait_for()
        page.get_by_role("button", name="Leave").click()
        page.locator(".corner").wait_for(state="detached")
        page.get_by_role("button", name="Leave").click()
        page.locator(".corner section").wait_for()

    @pytest.mark.browser
    def test_against_a_running_server_guides_and_surveys_are_drawn_by_the_application(
        self, page: Any, server: FakeServer, app: Path, start_server: StartServer, tmp_path: Path
    ) -> None:
        rules = tmp_path / "rules"
        rules.mkdir()
        (rules / "rules.way").write_text(RULES)
        real: RunningServer = start_server(rules=rules, WAYPOST_ALLOWED_ORIGINS=server.page)
        server.elsewhere, server.key = real.url, real.public_key
        open_app(page, server, app)
        page.get_by_role("button", name="Check", exact=True).click()
        page.get_by_role("button", name="Check", exact=True).click()
        card = page.locator("aside")
        card.get_by_text("Two records to add").wait_for()
        page.locator("aside[data-beside=dns-records]").wait_for()
        counted(page)
        card.get_by_role("button", name="Done").click()
        card.wait_for(state="detached")
        assert known(real, "ada", guide="verify_help", until="completed")["shown_count"] == 1

        page.get_by_role("button", name="Verified").click()
        page.get_by_role("heading", name="How easy was it?").wait_for()
        page.get_by_role("button", name="Lowest").click()
        page.get_by_role("button", name="It kept failing").click()
        page.get_by_role("heading", name="What should we fix first?").wait_for()
        page.get_by_role("button", name="Skip").click()
        page.get_by_text("Thanks!").wait_for()
        history = known(real, "ada", guide="effort", until="completed")
        answers = {question: answer["value"] for question, answer in history["answers"].items()}
        assert answers == {"ease": 1, "cause": "It kept failing"}
        page.get_by_role("button", name="Close").click()
        page.locator(".corner").wait_for(state="detached")
        page.locator("output", has_text="effort completed").wait_for(state="attached")
        assert page.locator("waypost-guide").count() == 0, "nothing of ours is drawn"
        assert page.complaints.console == []
