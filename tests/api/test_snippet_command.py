"""`waypost snippet`: the tag to paste."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from api.cli.main import cli

RUNNER = CliRunner()


def test_the_tag_names_the_server_and_the_key() -> None:
    done = RUNNER.invoke(cli, ["snippet", "--host", "https://w.example.com/", "--key", "wp_pub_1"])
    tag = '<script async src="https://w.example.com/sdk/waypost.js" data-key="wp_pub_1"></script>\n'
    assert (done.exit_code, done.stdout) == (0, tag)


def test_the_server_s_own_address_is_the_default() -> None:
    done = RUNNER.invoke(cli, ["snippet"], env={"WAYPOST_PUBLIC_URL": "https://w.example.com/guide"})
    assert 'src="https://w.example.com/guide/sdk/waypost.js"' in done.stdout


@pytest.mark.parametrize("host", [[], ["--host", "w.example.com"], ["--host", "javascript:alert(1)"]])
def test_without_an_address_it_asks_for_one(host: list[str]) -> None:
    done = RUNNER.invoke(cli, ["snippet", *host], env={"WAYPOST_PUBLIC_URL": None})
    assert done.exit_code == 2
    assert "--host https://waypost.example.com" in done.output


def test_nothing_breaks_out_of_the_tag() -> None:
    done = RUNNER.invoke(cli, ["snippet", "--host", 'https://w.example.com/"><b>', "--key", '"><script>'])
    assert done.stdout.count("<") == 2
    assert done.stdout.count('"') == 4


def test_pinned_it_has_the_hash_and_machines_get_json() -> None:
    done = RUNNER.invoke(cli, ["snippet", "--pin", "--host", "https://w.example.com", "--json"])
    document = json.loads(done.stdout)
    assert document["integrity"].startswith("sha384-")
    assert document["integrity"] in document["tag"]
    assert document["src"] in document["tag"]
