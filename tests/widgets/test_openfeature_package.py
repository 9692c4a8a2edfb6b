"""`@waypost/openfeature`: installed from what `npm pack` makes, asked through OpenFeature's own web SDK under Node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.config import read_settings
from api.openfeature import word_of
from engine.reasons import Reason
from tests.api.test_flags import RULES
from tests.running import PUBLIC_KEY, SECRET_KEY
from tests.serving import serving
from tests.widgets.browser import WIDGETS
from tests.widgets.packages import compile_types, install, run

pytestmark = [pytest.mark.node, pytest.mark.thorough]

SDK = WIDGETS / "node_modules" / "@openfeature"

BEGIN = """
import { createServer } from "node:http";
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";
import { WaypostProvider } from "@waypost/openfeature";

export const asked = [];
export const server = { status: 200, flags: {}, revision: "r1", problem: "no" };
const http = createServer((request, response) => {
  let text = "";
  request.on("data", (part) => (text += part));
  request.on("end", () => {
    asked.push(JSON.parse(text));
    response.writeHead(server.status, { "Content-Type": "application/json" });
    const flags = Object.entries(server.flags).map(([key, value]) => ({
      key, kind: key.split(":")[0], reason: "TARGETING_MATCH", revision: server.revision, variant: null, widget: null,
      content: null, ...(typeof value === "object" ? value : { value }),
    }));
    const whole = { revision: server.revision, flags };
    response.end(JSON.stringify(server.status === 200 ? whole : { detail: server.problem }));
  });
});
await new Promise((done) => http.listen(0, "127.0.0.1", done));
export const host = `http://127.0.0.1:${http.address().port}/`;
export const heard = [];
for (const event of Object.values(ProviderEvents)) {
  OpenFeature.addHandler(event, (details) => heard.push([event, details?.flagsChanged ?? null]));
}
export const made = (options = {}) => new WaypostProvider({ key: "wp_pub_test", host, refreshEvery: 0, ...options });
export const client = OpenFeature.getClient();
export const end = async (told) => {
  await OpenFeature.close();
  http.closeAllConnections();
  http.close();
  console.log(JSON.stringify(told));
};
export const settled = () => new Promise((done) => setTimeout(done, 20));
export { OpenFeature };
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody's project with the package and the SDK."""
    folder = install(tmp_path_factory.mktemp("flags"), "openfeature")
    (folder / "node_modules" / "@openfeature").symlink_to(SDK)
    (folder / "begin.js").write_text(BEGIN)
    return folder


def told(project: Path, script: str, **environment: str) -> Any:
    names = "OpenFeature, asked, client, end, heard, host, made, server, settled"
    (project / "script.js").write_text(f'import {{ {names} }} from "./begin.js";\n{script}')
    return json.loads(run("node", "script.js", folder=project, **environment))


def test_it_holds_its_module_and_types_and_nothing_else(project: Path) -> None:
    package = project / "node_modules" / "@waypost" / "openfeature"
    files = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
    assert files == {"package.json", "LICENSE", "README.md", "dist/index.js", "dist/index.d.ts"}


def test_a_flag_is_a_look_at_what_was_fetched_for_the_user(project: Path) -> None:
    found = told(
        project,
        """
server.flags = { "segment:team": true, "persona:starter": { value: false, reason: "CONDITION_FALSE" },
                 "guide:help": { value: true, reason: "SPLIT", variant: "B", widget: "modal",
                                 content: { title: "Hi" } } };
await OpenFeature.setProviderAndWait(made(), { targetingKey: "ada", "page.path": "/dns", locale: "de" });
await end({
  asked, title: client.getObjectValue("guide:help", {}).title, guide: client.getBooleanDetails("guide:help", false),
  team: client.getBooleanDetails("segment:team", false), starter: client.getBooleanDetails("persona:starter", true),
});
""",
    )
    (asked,) = found["asked"]
    assert (asked["writeKey"], asked["userId"], asked["anonymousId"]) == ("wp_pub_test", "ada", None)
    assert asked["context"] == {"page": {"path": "/dns"}, "locale": "de"}
    assert (found["team"]["value"], found["team"]["reason"], found["team"]["variant"]) == (
        True,
        "TARGETING_MATCH",
        "on",
    )
    assert (found["starter"]["value"], found["starter"]["reason"], found["starter"]["variant"]) == (
        False,
        "DEFAULT",
        "off",
    )
    assert (found["guide"]["variant"], found["guide"]["reason"], found["title"]) == ("B", "SPLIT", "Hi")
    assert found["guide"]["flagMetadata"] == {"reason": "SPLIT", "revision": "r1", "kind": "guide", "widget": "modal"}


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        ('client.getStringDetails("segment:team", "x")', "TYPE_MISMATCH"),
        ('client.getNumberDetails("guide:help", 7)', "TYPE_MISMATCH"),
        ('client.getObjectDetails("segment:team", {a: 1})', "TYPE_MISMATCH"),
        ('client.getBooleanDetails("segment:secret", true)', "FLAG_NOT_FOUND"),
        ('client.getBooleanDetails("team", true)', "FLAG_NOT_FOUND"),
        ('client.getBooleanDetails("constructor:x", true)', "FLAG_NOT_FOUND"),
        ('client.getBooleanDetails("guide:broken", true)', "GENERAL"),
    ],
)
def test_what_cannot_be_answered_gives_the_default_with_its_code(project: Path, ask: str, code: str) -> None:
    found = told(
        project,
        'server.flags = { "segment:team": true, "guide:help": true,\n'
        '                 "guide:broken": { value: false, reason: "ERROR" } };\n'
        'await OpenFeature.setProviderAndWait(made(), { targetingKey: "ada" });\n'
        f"await end({ask});\n",
    )
    assert (found["errorCode"], found["reason"]) == (code, "ERROR")
    assert found["value"] in ("x", 7, {"a": 1}, True)


@pytest.mark.parametrize(
    ("before", "context", "status", "code"),
    [
        ("", "{}", "ERROR", "TARGETING_KEY_MISSING"),
        ("server.status = 403;", '{ targetingKey: "ada" }', "FATAL", "PROVIDER_FATAL"),
        ("server.status = 422;", '{ targetingKey: "ada" }', "ERROR", "INVALID_CONTEXT"),
        ("server.status = 503;", '{ targetingKey: "ada" }', "ERROR", "GENERAL"),
    ],
)
def test_a_start_that_fails_is_told_with_its_code(
    project: Path, before: str, context: str, status: str, code: str
) -> None:
    found = told(
        project,
        f"{before}\nlet fault;\n"
        f"try {{ await OpenFeature.setProviderAndWait(made(), {context}); }} catch (error) {{ fault = error.code; }}\n"
        'await end({fault, status: client.providerStatus, value: client.getBooleanValue("segment:team", true)});\n',
    )
    assert found == {"fault": code, "status": status, "value": True}


def test_another_user_gets_other_answers_and_never_those_of_the_one_before(project: Path) -> None:
    found = told(
        project,
        """
server.flags = { "segment:team": true };
await OpenFeature.setProviderAndWait(made(), { targetingKey: "ada" });
const first = client.getBooleanValue("segment:team", false);
server.flags = { "segment:team": false };
await OpenFeature.setContext({ anonymousId: "a1" });
const second = client.getBooleanValue("segment:team", true);
server.status = 503;
await OpenFeature.setContext({ targetingKey: "bob" });
const third = client.getBooleanDetails("segment:team", true);
server.status = 200;
await OpenFeature.setContext({ targetingKey: "bob", locale: "de" });
await end({ first, second, third, status: client.providerStatus,
            users: asked.map((each) => [each.userId, each.anonymousId]),
            events: heard.map(([event]) => event) });
""",
    )
    assert (found["first"], found["second"], found["status"]) == (True, False, "READY")
    assert (found["third"]["value"], found["third"]["errorCode"]) == (True, "GENERAL")
    assert found["users"] == [["ada", None], [None, "a1"], ["bob", None], ["bob", None]]
    assert found["events"].count("PROVIDER_CONTEXT_CHANGED") == 2
    assert "PROVIDER_ERROR" in found["events"]


def test_a_server_that_is_away_makes_it_stale_then_an_error_and_ready_again(project: Path) -> None:
    found = told(
        project,
        """
server.flags = { "segment:team": true, "segment:big": false };
let now = 0;
const provider = made({ now: () => now });
await OpenFeature.setProviderAndWait(provider, { targetingKey: "ada" });
heard.length = 0;
server.status = 500;
await provider.refresh(); await provider.refresh(); await settled();
const stale = [client.providerStatus, client.getBooleanDetails("segment:team", false)];
now = 300_001;
const late = client.getBooleanDetails("segment:team", false);
await provider.refresh(); await settled();
const gone = client.providerStatus;
server.status = 200;
await provider.refresh(); await settled();
const back = [client.providerStatus, client.getBooleanValue("segment:team", false)];
server.flags = { "segment:team": true, "segment:big": true };
await provider.refresh(); await provider.refresh(); await settled();
server.revision = "r2";
await provider.refresh(); await settled();
await end({ stale, late, gone, back, heard });
""",
    )
    status, answer = found["stale"]
    assert (status, answer["value"], answer["reason"]) == ("STALE", True, "STALE")
    assert (found["late"]["value"], found["late"]["errorCode"]) == (False, "GENERAL")
    assert found["gone"] == "ERROR"
    assert found["back"] == ["READY", True]
    assert found["heard"] == [
        ["PROVIDER_STALE", None],
        ["PROVIDER_ERROR", None],
        ["PROVIDER_READY", None],
        ["PROVIDER_CONFIGURATION_CHANGED", ["segment:big"]],
        ["PROVIDER_CONFIGURATION_CHANGED", []],
    ]


def test_a_look_for_changes_meanwhile_takes_no_answer_from_a_start_or_another_user(project: Path) -> None:
    found = told(
        project,
        """
server.flags = { "segment:team": true };
const provider = made();
const start = OpenFeature.setProviderAndWait(provider, { targetingKey: "ada" });
// It is asked as soon as the SDK begins, and looked for again before the answer is there.
await Promise.resolve();
const look = provider.refresh();
await start;
const first = [client.providerStatus, client.getBooleanValue("segment:team", false), asked.length];
await look;
const other = OpenFeature.setContext({ targetingKey: "bob" });
const again = provider.refresh();
await other;
const second = [client.providerStatus, client.getBooleanValue("segment:team", false), asked.length];
await again;
server.status = 503;
const failing = OpenFeature.setContext({ targetingKey: "eve" });
await provider.refresh();
await failing;
const third = client.providerStatus;
server.status = 200;
await provider.refresh(); await settled();
await end({ first, second, third, last: client.providerStatus, users: asked.map((each) => each.userId) });
""",
    )
    assert found["first"] == ["READY", True, 1]
    assert found["second"] == ["READY", True, 2]
    assert (found["third"], found["last"]) == ("ERROR", "READY")
    assert found["users"] == ["ada", "bob", "eve", "eve"]


def test_a_secret_key_is_refused_before_it_leaves_the_page(project: Path) -> None:
    found = told(
        project,
        'let fault;\ntry { made({ key: "wp_sec_abc" }); } catch (error) { fault = error.message; }\n'
        "await end({ fault, asked: asked.length });\n",
    )
    assert "must never stand in a web page" in found["fault"]
    assert found["asked"] == 0


def test_its_words_for_reasons_are_those_of_the_python_provider(project: Path) -> None:
    flags = {f"segment:{each.value.lower()}": {"value": False, "reason": each.value} for each in Reason}
    found = told(
        project,
        f"server.flags = {json.dumps(flags)};\n"
        'await OpenFeature.setProviderAndWait(made(), { targetingKey: "ada" });\n'
        "await end(Object.fromEntries(Object.keys(server.flags).map((key) => "
        "[key.slice(8).toUpperCase(), client.getBooleanDetails(key, false).reason])));\n",
    )
    assert found == {each.value: word_of(each).value for each in Reason}


def test_a_real_server_answers_it(project: Path, tmp_path: Path) -> None:
    settings = {
        "WAYPOST_WORKER": "off",
        "WAYPOST_INIT_PUBLIC_KEY": PUBLIC_KEY,
        "WAYPOST_INIT_SECRET_KEY": SECRET_KEY,
    }
    app = create_app(read_settings(settings, data_dir=str(tmp_path / "data")))
    http, head = app.test_client(), {"Authorization": f"Bearer {SECRET_KEY}"}
    assert http.post("/api/v1/rules", json={"files": {"a.way": RULES}}, headers=head).status_code == 200
    said = [{"type": "identify", "userId": "ada", "traits": {"plan": "team"}}]
    assert http.post("/v1/batch", json={"batch": said}, headers=head).status_code == 202
    chosen = {"flags": ["segment:team", "guide:for_teams"], "revision": 0}
    assert http.put("/api/v1/flags/public", json=chosen, headers=head).status_code == 200
    with serving(app) as address:
        found = told(
            project,
            """
await OpenFeature.setProviderAndWait(made({ host: process.env.REAL, key: process.env.KEY }), {
  targetingKey: "ada",
  page: { path: "/team" },
});
await end({
  team: client.getBooleanValue("segment:team", false),
  guide: client.getObjectValue("guide:for_teams", {}),
  quiet: client.getBooleanDetails("segment:quiet", true).errorCode,
});
""",
            REAL=address,
            KEY=PUBLIC_KEY,
        )
    assert (found["team"], found["quiet"]) == (True, "FLAG_NOT_FOUND")
    assert "title" in found["guide"]


def test_its_types_fit_the_sdk(project: Path) -> None:
    options = {"module": "NodeNext", "moduleResolution": "NodeNext", "target": "ES2022", "lib": ["ES2022", "DOM"]}
    more = {"strict": True, "noEmit": True, "types": [], "skipLibCheck": True}
    (project / "tsconfig.json").write_text(json.dumps({"compilerOptions": {**options, **more}, "files": ["use.ts"]}))
    (project / "use.ts").write_text(
        'import { OpenFeature } from "@openfeature/web-sdk";\n'
        'import { WaypostProvider } from "@waypost/openfeature";\n'
        'const options = { key: "k", host: "https://w.example.com", userToken: () => "t" };\n'
        "OpenFeature.setProvider(new WaypostProvider(options));\n"
        "// @ts-expect-error a key is needed\n"
        'new WaypostProvider({ host: "https://w.example.com" });\n'
    )
    assert compile_types(project) == ""
