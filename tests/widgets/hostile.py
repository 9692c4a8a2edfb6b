"""Strings that want to be code, and strings that are merely odd: some hundreds, each once.

A seed holds `CODE` where its code goes. What runs calls `ran()`, which the tests count, or `alert`, which they replace.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final
from urllib.parse import quote

MARKUP: Final = (
    "<script>CODE</script>",
    "</script><script>CODE</script>",
    "<<script>CODE//<</script>",
    "<scr<script>ipt>CODE</scr</script>ipt>",
    "--><script>CODE</script>",
    "]]><script>CODE</script>",
    "</title></textarea></style><script>CODE</script>",
    "<script src=data:text/javascript,CODE></script>",
    "<script type=module>CODE</script>",
    "<img src=x onerror=CODE>",
    "<img src=x onerror='CODE'",
    '<img """><script>CODE</script>">',
    "<img src=x:x onerror\x0b=CODE>",
    "<img/src=`x`onerror=CODE>",
    "<image src=x onerror=CODE>",
    "<picture><source srcset=x><img onerror=CODE src=x></picture>",
    "<svg onload=CODE>",
    "<svg/onload=CODE>",
    "<svg\nonload=CODE>",
    "<svg><script>CODE</script></svg>",
    "<svg><animate onbegin=CODE attributeName=x dur=1s>",
    "<svg><set attributeName=href to=javascript:CODE>",
    "<svg><a xlink:href=javascript:CODE><text y=9>x</text></a></svg>",
    "<svg><foreignObject><iframe src=javascript:CODE></iframe></foreignObject></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg onload=CODE>#x'>",
    "<math><mi xlink:href=javascript:CODE>x</mi></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=CODE>",
    "<iframe src=javascript:CODE></iframe>",
    "<iframe srcdoc='<script>parent.CODE</script>'></iframe>",
    "<object data=javascript:CODE></object>",
    "<embed src=javascript:CODE>",
    "<body onload=CODE>",
    "<details open ontoggle=CODE>x</details>",
    "<input autofocus onfocus=CODE>",
    "<select autofocus onfocus=CODE></select>",
    "<textarea autofocus onfocus=CODE></textarea>",
    "<video><source onerror=CODE></video>",
    "<audio src=x onerror=CODE></audio>",
    "<video poster=javascript:CODE></video>",
    "<marquee onstart=CODE>x</marquee>",
    "<form action=javascript:CODE><button>x</button></form>",
    "<button formaction=javascript:CODE>x</button>",
    "<isindex action=javascript:CODE type=submit>",
    "<a href=javascript:CODE>x</a>",
    "<a href='jav&#x09;ascript:CODE'>x</a>",
    "<a href=x ping=javascript:CODE onclick=CODE>x</a>",
    "<style>@import 'javascript:CODE';*{background:url(javascript:CODE)}</style>",
    "<link rel=stylesheet href=javascript:CODE>",
    "<meta http-equiv=refresh content='0;url=javascript:CODE'>",
    "<base href='javascript:CODE//'>",
    "<template><script>CODE</script></template>",
    "<template shadowrootmode=open><img src=x onerror=CODE></template>",
    "<noscript><p title='</noscript><img src=x onerror=CODE>'>",
    "<xss style='animation-name:tooltip-in' onanimationstart=CODE>",
    "<x onpointerenter=CODE onmouseover=CODE style=position:fixed;inset:0>x</x>",
    "<x contenteditable onbeforeinput=CODE tabindex=1 onfocus=CODE autofocus>x</x>",
    "<p popover onbeforetoggle=CODE id=x><button popovertarget=x>x</button>",
    "<dialog open onclose=CODE><form method=dialog><button>x</button></form></dialog>",
    "<waypost-guide onclick=CODE><script>CODE</script></waypost-guide>",
    "<?xml-stylesheet href='javascript:CODE'?>",
    "<!--[if gte IE 4]><script>CODE</script><![endif]-->",
)
"""Markup whose reading as markup would run something."""

ADDRESSES: Final = (
    "javascript:CODE",
    "JaVaScRiPt:CODE",
    "java\tscript:CODE",
    "java\nscript:CODE",
    "java\r\nscript:CODE",
    "\x01javascript:CODE",
    " javascript:CODE",
    "javascript :CODE",
    "javascript&colon;CODE",
    "&#106;avascript:CODE",
    "javascript://%0aCODE",
    "javascript:/*-->*/CODE",
    "vbscript:CODE",
    "livescript:CODE",
    "data:text/html,<script>CODE</script>",
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='CODE'/>",
    "data:application/javascript,CODE",
    "blob:null/CODE",
    "feed:javascript:CODE",
    "view-source:javascript:CODE",
    "jar:javascript:CODE!/",
    "intent:CODE#Intent;end",
    "file:///etc/passwd",
    "about:blank#CODE",
    "\\\\nowhere.invalid\\CODE",
    "//nowhere.invalid/CODE.js",
    'https://nowhere.invalid/" onmouseover="CODE',
    "https://nowhere.invalid/'><script>CODE</script>",
    "mailto:a@nowhere.invalid?body=<script>CODE</script>",
    "tel:+1<script>CODE</script>",
    "http://[javascript:CODE",
    "https://user:CODE@nowhere.invalid:99999/",
)
"""Addresses that are none to be opened, or that want to break out of where they stand."""

WORDS: Final = (
    "[x](javascript:CODE)",
    "[x](<javascript:CODE>)",
    "![x](javascript:CODE)",
    "[x][y]\n\n[y]: javascript:CODE",
    "<javascript:CODE>",
    "[x](data:text/html,CODE 'onclick=CODE')",
    "`</code><script>CODE</script>`",
    '{{ first_name | "<script>CODE</script>" }}',
    "{{constructor.constructor('CODE')()}}",
    "${CODE}",
    "#{CODE}",
    "<%= CODE %>",
    "';CODE;//",
    '";CODE;//',
    "`-CODE-`",
    "*/CODE/*",
    "expression(CODE)",
    "url(javascript:CODE)",
    '{"__html":"<img src=x onerror=CODE>"}',
    '{"dangerouslySetInnerHTML":{"__html":"<script>CODE</script>"}}',
)
"""Words that some other reader than a browser would take for code."""

ODD: Final = (
    "__proto__", "constructor", "hasOwnProperty", "toString", "undefined", "null", "NaN", "Infinity", "true", "-0",
    "1e309", "0x1F", "%s%n%x%d", "%00", "\\", "\\0", "../../../etc/passwd", "'; DROP TABLE events; --",
    "1; WAITFOR DELAY",
    "$(reboot)", "`reboot`", "| ls", "&&", "<>", "<", ">", "&", '"', "'", "&lt;script&gt;", "&amp;amp;", "&#0;",
    "\ufeff", "\u200b\u200c\u200d", "\u202egnirts", "\u2066x\u2069", "\u2028\u2029", "\x00x", "\x1b[31mred", "\x7f",
    "e\u0301\u0301\u0301\u0301", "Z\u0351\u036b\u0343a\u035cl\u034fgo", "ﷺ" * 20, "𒐫𒈙⸻꧅", "👩‍👩‍👧‍👦🏳️‍🌈👋🏿", "🇩🇪🇫🇷",
    "ＳＣＲＩＰＴ", "ßẞſı", "ΑΩ", "إختبار النص", "שלום olleh", "日本語テキスト", "นี่คือ", "हिन्दी", "Ω≈ç√∫˜µ≤≥÷",
    "A" * 5_000, "a b " * 1_000, "-" * 900, "\n" * 200, "\t tab \t", "https://" + "x" * 1_500 + ".invalid/",
    "x" * 300 + "@nowhere.invalid", "0000-00-00", "2027-02-30T25:61:61Z", "1,000.00", "１２３", "½", "☃", "Ⅷ",
)  # fmt: skip
"""Text that trips up programs without wanting to run anything."""

WRAPPINGS: Final[tuple[Callable[[str], str], ...]] = (
    str,
    lambda text: f'">{text}',
    lambda text: f"'>{text}<'",
    escape,
    lambda text: quote(text, safe=":"),
)
"""Ways in which a seed is put down: as it is, out of an attribute, and in the two usual codes."""

CODES: Final = ("ran()", "alert(1)")


def strings() -> list[str]:
    """All of them, in a fixed order."""
    seeds = [*MARKUP, *ADDRESSES, *WORDS]
    made = [
        wrap(seed.replace("CODE", CODES[number % len(CODES)]))
        for number, seed in enumerate(seeds)
        for wrap in WRAPPINGS
    ]
    return list(dict.fromkeys([*made, *ODD]))
