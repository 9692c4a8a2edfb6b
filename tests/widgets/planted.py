"""A page with a secret in every place that a recorder of pages could read, and what else happens on it later.

Each secret is a word or number of its own, so that what is found says where it was.
"""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Final
from urllib.parse import quote, quote_plus

STANDING: Final[dict[str, str]] = {
    "text": "quokka-text-01",
    "text in bold": "numbat02bold",
    "mail address": "ada.lovelace@wombat03.example",
    "card number": "4556 7375 8689 9855",
    "social security number": "078-05-1120",
    "one-time code": "914 207",
    "iban": "DE89 3704 0044 0532 0130 00",
    "bearer token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwb3Rvcm9vMDgifQ.c2ln",
    "key": "sk_live_51Bilby09Zq",
    "document title": "dunnart10title",
    "meta content": "kowari11meta",
    "csrf token": "mulgara12csrf",
    "open graph": "antechinus13og",
    "comment": "phascogale14comment",
    "script": "bettong15script",
    "json script": "potoroo16json",
    "noscript": "pademelon17noscript",
    "template": "quoll18template",
    "title attribute": "thylacine19title",
    "alt": "bandicoot20alt",
    "aria-label": "betong21aria",
    "aria-description": "wallaby22aria",
    "data attribute": "euro23data",
    "own attribute": "wallaroo24own",
    "id with an address": "user-grace@glider25.example",
    "class with an address": "for-alan@possum26.example",
    "class with a key": "tok_9f8e7d6c5b4a3f2e1d27",
    "link query": "token28=cuscus",
    "link fragment": "cuscus29frag",
    "link path": "cuscus30path",
    "mail link": "charles@ringtail31.example",
    "image address": "dasyurid32src",
    "image srcset": "ningaui33srcset",
    "data url": "planigale34",
    "image map": "dibbler35map",
    "video address": "numbat36video",
    "video track": "bilby37track",
    "audio address": "honey38audio",
    "object data": "mole39object",
    "object fallback": "mole40fallback",
    "srcdoc": "rock41srcdoc",
    "frame address": "swamp42frame",
    "frame name": "swamp43name",
    "canvas fallback": "agile44canvas",
    "svg text": "nabarlek45svg",
    "svg title": "quoll46svgtitle",
    "svg description": "quoll47desc",
    "svg use": "monjon48use",
    "svg metadata": "monjon49meta",
    "placeholder": "hare50place",
    "value": "hare51value",
    "button value": "hare52button",
    "hidden value": "hare53hidden",
    "password": "Hunter2-hare54",
    "textarea": "hare55textarea",
    "checkbox value": "hare56check",
    "option": "hare57option",
    "option value": "hare58optvalue",
    "optgroup": "hare59optgroup",
    "option label": "hare60optlabel",
    "datalist": "hare61datalist",
    "form action": "hare62action",
    "input name with a key": "k3y1a2b3c4d5e6f7a8b963",
    "pattern": "hare64pattern",
    "output": "hare65output",
    "meter title": "hare66meter",
    "inline style address": "nail67inline",
    "inline custom property": "nail68custom",
    "inline custom property without quotes": "nail69bare",
    "inline property of nobody": "nail70nobody",
    "style content": "nail71content",
    "style address": "nail72url",
    "style comment": "nail73comment",
    "style custom property": "nail74custom",
    "style import": "nail75import",
    "style attribute selector": "nail76selector",
    "style font": "nail77font",
    "style class with an address": "mary@nail78.example",
    "linked sheet content": "nail79linked",
    "shadow text": "crest80shadow",
    "shadow attribute": "crest81attribute",
    "shadow style": "crest82style",
    "slot": "crest83slot",
    "custom element attribute": "crest84custom",
    "adopted style sheet": "crest85adopted",
    "contenteditable": "brush86editable",
    "summary": "brush87summary",
    "dialog": "brush88dialog",
    "popover": "brush89popover",
    "microdata": "brush90item",
    "cite": "brush91cite",
    "base target": "brush92base",
    "kept out": "brush93ignore",
    "ruby": "brush94ruby",
    "mathml": "brush95math",
}
"""What stands on the page as it comes, by where."""

LATER: Final[dict[str, str]] = {
    "typed into a field": "later01typed",
    "typed password": "later02Passw0rd",
    "typed password that is shown": "later03shown",
    "typed card": "5425233430109903",
    "typed one-time code": "884213",
    "typed into a textarea": "later06area",
    "typed into contenteditable": "later07edit",
    "value set by a script": "later08set",
    "chosen option": "later09chosen",
    "text inserted": "later10text",
    "text changed": "later11changed",
    "element inserted": "later12element",
    "attribute changed": "later13attribute",
    "title attribute changed": "later14title",
    "placeholder changed": "later15place",
    "document title changed": "later16doctitle",
    "address pushed": "later17-3f9a1c7be2d04a58",
    "address query": "later18query",
    "console": "later19console",
    "inserted rule": "later20rule",
    "nested rule": "later21nested",
    "adopted sheet": "later22adopted",
    "sheet replaced": "later23replaced",
    "style text changed": "later24styletext",
    "style element inserted": "later25stylenode",
    "declared property": "later26declared",
    "inline style changed": "later27inline",
    "inline custom property set": "later28custom",
    "shadow root attached": "later29shadow",
    "shadow text changed": "later30shadowtext",
    "frame inserted": "later31frame",
    "frame text changed": "later32frametext",
    "typed into a frame": "later33frametyped",
    "image inserted": "later34image",
    "blob image": "later35blob",
    "canvas drawn": "later36canvas",
    "custom element defined": "later37custom",
    "svg inserted": "later38svg",
    "link inserted": "later39link",
    "class changed": "later40-kate@numbat.example",
    "file chosen": "later41file",
    "date chosen": "1987-06-05",
    "selected text": "quokka-text-01",
    "comment inserted": "later44comment",
    "error": "later45error",
    "moved": "later46moved",
    "option inserted": "later47option",
    "textarea text node": "later48node",
    "data attribute of state": "later49state",
}
"""What comes to the page once it is recorded, by how."""


def page() -> str:
    """The page, to be served as `FakeServer.body`; what a test calls afterwards is `HAPPENS`.

    Nothing that it embeds is a page with a snippet, which would make a recording of its own.
    """
    s = {name: html.escape(value) for name, value in STANDING.items()}
    raw = STANDING
    return f"""<!doctype html>
<html lang="en"><head><!-- head -->
<title>{s["document title"]}</title>
<base target="{s["base target"]}">
<meta name="author" content="{s["meta content"]}"><meta name="csrf-token" content="{s["csrf token"]}">
<meta name="session" content="{s["csrf token"]}"><meta property="og:title" content="{s["open graph"]}">
<link rel="stylesheet" href="/art/planted.css?{s["linked sheet content"]}">
<style>
/* {raw["style comment"]} */
@import url("/nowhere.css?{raw["style import"]}");
:root {{ --who: "{raw["style custom property"]}"; --code: 4111 1111 1111 1111; }}
:root {{ --bare: {raw["style custom property"]}; }}
p::after {{ content: "{raw["style content"]}"; font-family: "{raw["style font"]}", sans-serif }}
.hero {{ background: url("/a.png?{raw["style address"]}") }}
[data-user="{raw["style attribute selector"]}"] {{ color: red }}
.of-mary\\@nail78\\.example {{ color: blue }}
#box {{ width: 120px; color: rgb(1, 2, 3) }}
</style>
<script type="application/json">{{"k": "{raw["json script"]}"}}</script>
<script>window.nothing = "{raw["script"]}"; const kept = "{raw["script"]}";</script>
</head><body>
<!-- {s["comment"]} -->
<noscript><p>{s["noscript"]}</p></noscript><template><p>{s["template"]}</p></template>
<main id="main" class="hero" data-theme="dark">
<p id="plain">{s["text"]} <b>{s["text in bold"]}</b> {s["mail address"]} <i>{s["card number"]}</i>
 {s["social security number"]} code: {s["one-time code"]} {s["iban"]} {s["bearer token"]} {s["key"]}</p>
<p title="{s["title attribute"]}" aria-label="{s["aria-label"]}" aria-description="{s["aria-description"]}"
 data-user="{s["data attribute"]}" secret="{s["own attribute"]}" itemprop="x" content="{s["microdata"]}">.</p>
<p id="{s["id with an address"]}" class="lead {s["class with an address"]} {s["class with a key"]}">.</p>
<a href="/go?{s["link query"]}#{s["link fragment"]}">a</a> <a href="/p/{s["link path"]}">b</a>
<a href="mailto:{s["mail link"]}">c</a> <blockquote cite="/c/{s["cite"]}">q</blockquote>
<img src="/art/none.svg?{s["image address"]}" srcset="/art/none.svg?{s["image srcset"]} 2x" alt="{s["alt"]}" width="40"
 height="30"><img src="data:image/svg+xml,%3Csvg%20id='{s["data url"]}'/%3E" width="9" height="9" alt="">
<map name="m"><area alt="{s["image map"]}" href="/x"></map>
<video src="/v.mp4?{s["video address"]}"><track src="/t.vtt?{s["video track"]}"></video>
<audio src="/a.mp3?{s["audio address"]}"></audio>
<object data="/art/planted.css?{s["object data"]}"><p>{s["object fallback"]}</p></object>
<iframe id="frame" name="{s["frame name"]}" srcdoc="<p id=inside>{s["srcdoc"]}</p><input id=field>"></iframe>
<iframe src="/art/planted.css?{s["frame address"]}"></iframe>
<canvas id="canvas" width="60" height="20">{s["canvas fallback"]}</canvas>
<svg width="90" height="20"><title>{s["svg title"]}</title><desc>{s["svg description"]}</desc>
<metadata>{s["svg metadata"]}</metadata><text y="9">{s["svg text"]}</text><use href="#{s["svg use"]}"/></svg>
<form id="form" action="/f?{s["form action"]}">
<input id="typed" name="nick" placeholder="{s["placeholder"]}"><input value="{s["value"]}" title="{s["meter title"]}">
<input type="submit" value="{s["button value"]}"><input type="hidden" name="h" value="{s["hidden value"]}">
<input id="password" type="password" value="{s["password"]}"><input id="shown" type="password">
<input id="card" autocomplete="cc-number"><input id="code" autocomplete="one-time-code" inputmode="numeric">
<input name="{s["input name with a key"]}" pattern="{s["pattern"]}"><input id="day" type="date">
<input type="checkbox" id="tick" value="{s["checkbox value"]}"><input id="file" type="file">
<textarea id="area">{s["textarea"]}</textarea><textarea id="other"></textarea>
<select id="select"><optgroup label="{s["optgroup"]}"><option value="{s["option value"]}">{s["option"]}</option>
<option value="later09chosen" label="{s["option label"]}">later09chosen</option></optgroup></select>
<input list="list"><datalist id="list"><option value="{s["datalist"]}"></datalist><output>{s["output"]}</output></form>
<p style="background: url(/i.png?{s["inline style address"]}); --who: '{s["inline custom property"]}';
 --bare: {s["inline custom property without quotes"]}; nobody: {s["inline property of nobody"]}; color: green">.</p>
<div id="box">.</div>
<div id="host"><span slot="one">{s["slot"]}</span></div><x-card label="{s["custom element attribute"]}">.</x-card>
<div id="editable" contenteditable>{s["contenteditable"]}</div>
<details open><summary>{s["summary"]}</summary></details><dialog open>{s["dialog"]}</dialog>
<div popover id="pop">{s["popover"]}</div><ruby>a<rt>{s["ruby"]}</rt></ruby>
<math><mi>{s["mathml"]}</mi></math><div data-waypost-ignore>{s["kept out"]}</div>
</main>
<script>
const root = document.getElementById("host").attachShadow({{mode: "open"}});
root.innerHTML = '<style>b::after {{content: "{raw["shadow style"]}"}}</style>' +
  '<b title="{raw["shadow attribute"]}">{raw["shadow text"]}</b><slot name="one"></slot>';
const adopted = new CSSStyleSheet();
adopted.replaceSync('i::after {{ content: "{raw["adopted style sheet"]}" }}');
document.adoptedStyleSheets = [adopted];
root.adoptedStyleSheets = [adopted];
</script></body></html>"""


HAPPENS: Final = """async (later) => {
  const find = (id) => document.getElementById(id);
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const add = (html) => find("main").insertAdjacentHTML("beforeend", html);
  find("plain").append(" ", later["text inserted"]);
  find("plain").firstChild.data = later["text changed"];
  add(`<section><h2>${later["element inserted"]}</h2></section>`);
  find("box").setAttribute("data-user", later["attribute changed"]);
  find("box").setAttribute("data-state", later["data attribute of state"]);
  find("box").title = later["title attribute changed"];
  find("typed").placeholder = later["placeholder changed"];
  find("typed").value = later["value set by a script"];
  document.title = later["document title changed"];
  history.pushState({}, "", `/reset/${later["address pushed"]}?t=${later["address query"]}#${later["address query"]}`);
  console.log(later.console);
  const sheet = document.styleSheets[1];
  sheet.insertRule(`u::after { content: "${later["inserted rule"]}" }`, sheet.cssRules.length);
  const media = sheet.insertRule(`@media all { u { color: red } }`, sheet.cssRules.length);
  sheet.cssRules[media].insertRule(`u::before { content: "${later["nested rule"]}" }`);
  const more = new CSSStyleSheet();
  more.replaceSync(`s::after { content: "${later["adopted sheet"]}" }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, more];
  more.replaceSync(`s::after { content: "${later["sheet replaced"]}" }`);
  const style = document.createElement("style");
  style.textContent = `em::after { content: "${later["style element inserted"]}" }`;
  document.head.append(style);
  await wait(50);
  const text = later["style text changed"];
  style.firstChild.data = `em::after { content: "${text}" } /* ${text} */`;
  more.cssRules[0].style.setProperty("content", `"${later["declared property"]}"`);
  find("box").style.backgroundImage = `url("/b.png?${later["inline style changed"]}")`;
  find("box").style.setProperty("--later", later["inline custom property set"]);
  add('<div id="host2"></div>');
  const root = find("host2").attachShadow({ mode: "open" });
  root.innerHTML = `<p>${later["shadow root attached"]}</p>`;
  await wait(50);
  root.firstChild.textContent = later["shadow text changed"];
  add(`<iframe srcdoc="<p>${later["frame inserted"]}</p>"></iframe>`);
  const inside = find("frame").contentDocument;
  inside.getElementById("inside").textContent = later["frame text changed"];
  inside.getElementById("field").value = later["typed into a frame"];
  inside.getElementById("field").dispatchEvent(new Event("input", { bubbles: true }));
  add(`<img src="/art/none.svg?${later["image inserted"]}" alt="${later["image inserted"]}">`);
  const blob = URL.createObjectURL(new Blob([later["blob image"]], { type: "image/svg+xml" }));
  add(`<img src="${blob}#${later["blob image"]}">`);
  find("canvas").getContext("2d").fillText(later["canvas drawn"], 0, 10);
  customElements.define("x-card", class extends HTMLElement {
    connectedCallback() { this.textContent = later["custom element defined"]; }
  });
  add(`<svg><text>${later["svg inserted"]}</text><a href="?${later["svg inserted"]}"></a></svg>`);
  add(`<a href="/x?${later["link inserted"]}">x</a><!-- ${later["comment inserted"]} -->`);
  find("box").className = later["class changed"];
  find("select").append(new Option(later["option inserted"], later["option inserted"]));
  find("other").textContent = later["textarea text node"];
  add(`<p id="moves">${later.moved}</p>`);
  await wait(50);
  find("box").append(find("moves"));
  getSelection().selectAllChildren(find("plain"));
  setTimeout(() => { throw new Error(later.error); });
  await wait(100);
}"""
"""What a test evaluates, with `LATER` as its argument."""


def forms(secret: str) -> set[bytes]:
    """The secret as it may stand in bytes: plain, in an address, in HTML, in JSON, in base64 at any offset."""
    texts = {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        html.escape(secret),
        json.dumps(secret)[1:-1],
        secret.lower(),
    }
    texts |= {secret.replace(" ", ""), secret.replace("-", ""), "".join(f"&#{ord(letter)};" for letter in secret)}
    found = {text.encode() for text in texts}
    for text in (secret, secret.replace(" ", "")):
        for offset in range(3):
            encoded = base64.b64encode(b"\0" * offset + text.encode()).rstrip(b"=")
            # The first letters mix with what stands before, the last ones with what follows.
            middle = encoded[(offset + 2) // 3 * 4 if offset else 0 : -2]
            if len(middle) >= 8:
                found |= {middle, middle.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def traces(sent: bytes, secrets: dict[str, str]) -> list[str]:
    """Where the secrets were that are found in what was sent."""
    small = sent.lower()
    return [name for name, secret in secrets.items() if any(_stands_in(form.lower(), small) for form in forms(secret))]


def _stands_in(form: bytes, sent: bytes) -> bool:
    """A number counts where it stands for itself: six digits in a row are part of many an instant in milliseconds."""
    if form not in sent:
        return False
    return not form.isdigit() or re.search(rb"(?<!\d)" + form + rb"(?!\d)", sent) is not None
