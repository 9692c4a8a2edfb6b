"""The five steps of the method on the shop's log: runs what the page shows, and computes every figure in it.

`walk.md` is the page without figures: `{{name}}` stands for a figure of `_figures`, a block that begins with
```` ```console ```` for what its commands print. Nothing of both is typed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from textwrap import fill
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
TEMPLATE: Final = Path(__file__).with_name("walk.md")
PAGE: Final = ROOT / "docs" / "tutorials" / "ecom.md"

_BLOCK: Final = re.compile(r"```console\n(.*?)```", re.DOTALL)
_FIGURE: Final = re.compile(r"\{\{(\w+)\}\}")
_HEAD: Final = re.compile(r"(.*?)\s*\|\s*head -n (\d+)")
_PARAGRAPH: Final = re.compile(r"(?m)(?:^(?![#|>\n]).+\n)+(?=\n|\Z)")
WIDTH: Final = 120
"""Characters of a line of the page, outside of what commands print."""
_SHOP: Final = {"WAYPOST_DATA_DIR": "shop", "COLUMNS": "100"}
_LIFTS: Final = {"small": 0.05, "large": 0.10}
"""Lifts whose proof is planned for, as shares."""
_HOLDOUTS: Final = {"tenth": 0.1, "half": 0.5}


def walk(log: Path, folder: Path) -> str:
    """The page, from the log, with an empty folder to work in."""
    (folder / "ecom.csv.gz").symlink_to(log.resolve())
    (folder / "examples").symlink_to(ROOT / "examples")
    with chdir(folder):
        text = _BLOCK.sub(lambda block: f"```console\n{_ran(block.group(1))}```", TEMPLATE.read_text())
        figures = _figures()
    unknown = set(_FIGURE.findall(text)) - figures.keys()
    if unknown:
        raise KeyError(f"{TEMPLATE.name} asks for figures that nobody computes: {', '.join(sorted(unknown))}")
    return _wrapped(_FIGURE.sub(lambda found: figures[found.group(1)], text))


def _wrapped(text: str) -> str:
    """Paragraphs in lines of one width, as figures are of many; what is no paragraph stays as it is."""
    parts = re.split(r"(```.*?```)", text, flags=re.DOTALL)
    return "".join(part if part.startswith("```") else _PARAGRAPH.sub(_filled, part) for part in parts)


def _filled(paragraph: re.Match[str]) -> str:
    return fill(paragraph.group(), WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"


def _ran(commands: str) -> str:
    """A block of commands, each with what it prints under it."""
    out = []
    for written in re.split(r"^\$ ", commands, flags=re.MULTILINE)[1:]:
        command = written.strip()
        cut = _HEAD.fullmatch(command.replace("\\\n", " "))
        line, limit = (command.replace("\\\n", " "), None) if cut is None else (cut.group(1), int(cut.group(2)))
        name, *words = shlex.split(line)
        # What the shell is told by `export` is in _SHOP.
        printed = [] if name == "export" else _waypost(*words).rstrip().splitlines()[:limit]
        out.append("\n".join([f"$ {command}", *(each.rstrip() for each in printed)]) + "\n")
    return "\n".join(out)


def _waypost(*words: str) -> str:
    from click.testing import CliRunner  # noqa: PLC0415  (only where the page is made)

    from api.cli.main import cli  # noqa: PLC0415

    ran = CliRunner(env=_SHOP).invoke(cli, words)
    if ran.exit_code != 0:
        raise RuntimeError(f"waypost {shlex.join(words)}: {ran.output}") from ran.exception
    return ran.stdout


def _asked(*words: str) -> Any:
    return json.loads(_waypost(*words, "--json"))


def _figures() -> dict[str, str]:
    """Every figure that the text of the page names."""
    told = {
        **_of_the_log(),
        **_of_the_funnel(_asked("funnel", "checkout")),
        **_of_a_contrast("error", _asked("paths", "checkout"), "payment_error"),
        **_of_a_contrast("bug", _asked("paths", "checkout", "--at", "payment"), "checkout_bug"),
        **_of_what_was_felt(),
        **_of_the_backtest(),
        **_of_the_proof(_asked("funnel", "--steps", "payment_error,purchase", "--window", "1d")),
    }
    return {name: f"{value:,}" if isinstance(value, int) else str(value) for name, value in told.items()}


def _of_the_log() -> dict[str, Any]:
    from api.frames import frame  # noqa: PLC0415

    events = frame("events", data="shop")
    tracked = events[events.kind == "track"]
    errors = tracked[tracked.name == "payment_error"]
    return {
        "events": len(tracked),
        "users": int(tracked.user.nunique()),
        "names": int(tracked.name.nunique()),
        "first_day": f"{tracked.time.min():%-d %B %Y}",
        "last_day": f"{tracked.time.max():%-d %B %Y}",
        "errors": len(errors),
        "error_users": int(errors.user.nunique()),
        "first_error": f"{errors.time.min():%-d %B}",
        "last_error": f"{errors.time.max():%-d %B}",
        "error_days": (errors.time.max().date() - errors.time.min().date()).days + 1,
    }


def _of_the_funnel(answer: Mapping[str, Any]) -> dict[str, Any]:
    drop = answer["sharpest"]
    low, high = drop["difference_interval"]
    entered, *_, last = answer["steps"]
    return {
        "entered": entered["count"],
        "bought": last["count"],
        "bought_share": _percent(last["rate"]),
        "drop_after": drop["after"],
        "drop_step": drop["step"],
        "drop_lost": drop["lost"],
        "drop_entered": drop["entered"],
        "drop_share": _percent(drop["share"]),
        "drop_interval": " – ".join(map(_percent, drop["interval"])),
        "drop_points": f"{100 * drop['difference']:.0f}",
        "drop_points_interval": f"{100 * low:.0f} to {100 * high:.0f}",
        "runner_up": drop["runner_up"],
    }


def _of_a_contrast(prefix: str, answer: Mapping[str, Any], event: str) -> dict[str, Any]:
    """What the paths say of an event, and at which place of the list it stands."""
    place, one = next((place, one) for place, one in enumerate(answer["contrast"], 1) if one["name"] == event)
    told = {
        "place": place,
        "met": one["met"],
        "of": one["of"],
        "share": _percent(one["share"]),
        "others_met": one["others_met"],
        "others": one["others"],
        "others_share": _percent(one["others_share"]),
        "ratio": f"{one['ratio']:.1f}",
        "interval": f"{one['interval'][0]:.1f} to {one['interval'][1]:.1f}",
        "q": f"{one['q']:.3f}" if one["q"] >= 0.001 else "below 0.001",
        "holding": sum(each["is_sure"] for each in answer["contrast"]),
        "compared": answer["compared"],
    }
    return {f"{prefix}_{name}": value for name, value in told.items()}


def _of_what_was_felt() -> dict[str, Any]:
    records = _asked("records", "checkout")
    chat = _asked("paths", "checkout", "--chain", "payment_error,support_chat", "--then")
    return {
        "answers": sum(record["emotion"]["n"] for record in records),
        "signals": sum(signal["count"] for record in records for signal in record["friction"]["signals"]),
        "chat_after_error": chat["steps"][-1]["count"],
        "chat_of": chat["steps"][0]["count"],
        "chat_share": _percent(chat["steps"][-1]["count"] / chat["steps"][0]["count"]),
    }


def _of_the_backtest() -> dict[str, Any]:
    """Whom the guides would have reached, and of those who met the error and left, how many."""
    from engine.backtest import CAVEAT  # noqa: PLC0415

    told = _asked("backtest", "--rules", "examples/ecom", "--guide", "payment_rescue", "--guide", "payment_return")
    found = {guide["guide"]: guide for guide in told["guides"]}
    lost = set(_asked("paths", "checkout", "--users", "--met", "payment_error", "--limit", "100000")["data"])
    chain = _asked("paths", "checkout", "--chain", "payment_details,payment_error", "--then")
    return {
        "caveat": CAVEAT,
        "chain_condition": chain["condition"],
        "chain_ever": chain["ever"]["steps"][-1]["count"],
        "rescue_people": found["payment_rescue"]["people"],
        "rescue_shows": found["payment_rescue"]["shows"],
        "rescue_held_out": found["payment_rescue"]["held_out"],
        "return_people": found["payment_return"]["people"],
        "return_shows": found["payment_return"]["shows"],
        "return_held_out": found["payment_return"]["held_out"],
        "lost_with_error": len(lost),
        "lost_rescued": _reached(lost, "payment_rescue"),
        "lost_returned": _reached(lost, "payment_return"),
    }


def _reached(users: set[str], guide: str) -> int:
    """How many of some users a guide would have been shown to: they alone lived through, since caps are each one's."""
    from api.cli.options import opened  # noqa: PLC0415
    from api.config import read_settings  # noqa: PLC0415
    from engine.backtest import backtest  # noqa: PLC0415
    from engine.storage.histories import people_of_project  # noqa: PLC0415

    with opened(read_settings({**os.environ, **_SHOP})) as service:
        project = service.projects()[0]
        with service.database.reading() as connection:
            people = [each for each in people_of_project(connection, project.id) if each.name in users]
        ruleset = service.rules(project.id)
    if ruleset is None:
        raise RuntimeError("the walk has not published the rules of the shop")
    return backtest(ruleset, people, guides=[guide]).guides[0].people


def _of_the_proof(funnel: Mapping[str, Any]) -> dict[str, Any]:
    """How many people it takes to see a lift, for a holdout of a tenth and of a half."""
    from engine.analytics.comparing import POWER, needed  # noqa: PLC0415
    from engine.analytics.intervals import CONFIDENCE  # noqa: PLC0415

    met, bought = funnel["steps"]
    told: dict[str, Any] = {
        "power": f"{100 * POWER:.0f} %",
        "confidence": f"{100 * CONFIDENCE:.0f} %",
        "base_met": met["count"],
        "base_bought": bought["count"],
        "base_share": _percent(bought["rate"]),
        "base_interval": " – ".join(map(_percent, bought["interval"])),
    }
    for lift_name, lift in _LIFTS.items():
        told[f"lift_{lift_name}"] = f"{100 * lift:.0f}"
        for name, held_out in _HOLDOUTS.items():
            found = needed(bought["rate"], lift, held_out=held_out)
            told[f"holdout_{name}"] = f"{100 * held_out:.0f} %"
            told[f"needed_{lift_name}_{name}_once"] = found.at_once
            told[f"needed_{lift_name}_{name}"] = found.any_day
    return told


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
