"""The addresses for operators, the snippet's files, and what is true of every answer."""

from __future__ import annotations

import gzip

import orjson
import pytest

from api.app import create_app
from api.auth import open_to_all
from api.config import read_settings
from api.routes import sdk
from api.version import VERSION
from engine.errors import Busy, StorageUnavailable
from tests.api.asking import ORIGIN, PUBLIC_KEY, Site, problem

BATCH = {"batch": [{"type": "track", "event": "Signed Up", "userId": "u1"}]}


def test_the_process_says_that_it_lives_and_that_it_is_ready(site: Site) -> None:
    assert site.client.get("/healthz").json == {"status": "ok"}
    assert site.client.get("/readyz").json == {"status": "ready"}
    assert site.client.get("/version").json == {"version": VERSION}


def test_a_closed_service_is_alive_but_not_ready(site: Site) -> None:
    site.service.close()
    assert site.client.get("/healthz").status_code == 200
    answer = site.client.get("/readyz")
    assert (answer.status_code, problem(answer)["code"]) == (503, "not_ready")


@pytest.mark.parametrize(
    ("error", "code", "seconds"),
    [
        (Busy(retry_after=3), "busy", "3"),
        (StorageUnavailable("host db.internal", retry_after=2), "storage_unavailable", "2"),
    ],
)
def test_when_nothing_can_be_written_the_client_is_told_when_to_come_back(
    site: Site, error: Exception, code: str, seconds: str
) -> None:
    def refuse() -> str:
        raise error

    site.app.add_url_rule("/full", view_func=open_to_all(refuse))
    answer = site.client.get("/full")
    assert (answer.status_code, problem(answer)["code"]) == (503, code)
    assert answer.headers["Retry-After"] == seconds
    assert "db.internal" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/openapi.json"])
def test_no_answer_is_sniffed_or_kept(site: Site, path: str) -> None:
    answer = site.client.get(path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.fixture
def built(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.mktemp("dist")
    (folder / "waypost.js").write_text("export const size = 1;\n" * 100)
    (folder / "survey-ABCD2345.js").write_text("export const survey = 1;\n")
    (folder / "notes.py").write_text("secret = 1\n")
    (folder / "manifest.json").write_text('{"contract": 2, "parts": {"survey": "survey-ABCD2345.js"}, "files": {}}')
    earlier = tmp_path_factory.mktemp("released")
    (earlier / "survey-OLDOLD22.js").write_text("export const survey = 0;\n")
    (earlier / "contract-1.json").write_text('{"contract": 1, "parts": {"survey": "survey-OLDOLD22.js"}, "files": {}}')
    (earlier / "waypost.js").write_text("old\n")
    monkeypatch.setattr(sdk, "FOLDER", folder)
    monkeypatch.setattr(sdk, "EARLIER", earlier)


def test_the_snippet_is_looked_at_again_after_five_minutes_and_its_parts_never(site: Site, built: None) -> None:
    snippet = site.client.get("/sdk/waypost.js")
    part = site.client.get("/sdk/survey-ABCD2345.js")
    assert snippet.content_type == part.content_type == "text/javascript; charset=utf-8"
    assert snippet.headers["Cache-Control"] == "public, max-age=300, stale-while-revalidate=86400"
    assert part.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    # Pages of any origin load it, and its parts through import().
    assert snippet.headers["Access-Control-Allow-Origin"] == "*"
    assert site.client.get("/sdk/notes.py").status_code == 404


@pytest.mark.parametrize(("contract", "file"), [(1, "survey-OLDOLD22.js"), (2, "survey-ABCD2345.js")])
def test_a_part_by_its_plain_name_is_the_newest_of_its_contract_and_looked_at_again(
    site: Site, built: None, contract: int, file: str
) -> None:
    plain = site.client.get(f"/sdk/survey.js?contract={contract}")
    assert plain.get_data(as_text=True) == f'export * from "./{file}";\n'
    assert site.client.get(f"/sdk/{file}").status_code == 200
    assert plain.content_type == "text/javascript; charset=utf-8"
    assert plain.headers["Access-Control-Allow-Origin"] == "*"
    assert plain.headers["Cache-Control"] == "public, max-age=300, stale-while-revalidate=86400"
    assert site.client.get("/sdk/manifest.json").headers["Cache-Control"] == plain.headers["Cache-Control"]


@pytest.mark.parametrize("asked", ["survey.js?contract=3", "survey.js?contract=../1", "tour.js?contract=2"])
def test_a_core_of_another_contract_is_given_nothing(site: Site, built: None, asked: str) -> None:
    assert site.client.get(f"/sdk/{asked}").status_code == 404


def test_files_of_earlier_releases_are_still_there_under_the_names_that_have_a_hash(site: Site, built: None) -> None:
    earlier = site.client.get("/sdk/survey-OLDOLD22.js")
    assert earlier.get_data() == b"export const survey = 0;\n"
    assert earlier.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert b"old" not in site.client.get("/sdk/waypost.js").get_data()


def test_the_snippet_is_sent_packed_and_only_when_it_has_changed(site: Site, built: None) -> None:
    plain = site.client.get("/sdk/waypost.js")
    packed = site.client.get("/sdk/waypost.js", headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert len(packed.get_data()) < len(plain.get_data())
    again = site.client.get("/sdk/waypost.js", headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")


def test_the_openapi_document_is_served(site: Site) -> None:
    document = orjson.loads(site.client.get("/openapi.json").get_data())
    assert document["openapi"].startswith("3.1")
    assert "/v1/batch" in document["paths"]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.7", "127.0.0.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (2, "198.51.100.1, 203.0.113.7", "198.51.100.1"),
    ],
)
def test_only_as_many_proxies_are_believed_as_there_are(site: Site, proxies: int, forwarded: str, address: str) -> None:
    settings = read_settings({"WAYPOST_TRUSTED_PROXIES": str(proxies)})
    app = create_app(settings, service=site.service, clock=site.clock)
    headers = {
        "Authorization": f"Bearer {PUBLIC_KEY}",
        "Origin": ORIGIN,
        "User-Agent": "Mozilla/5.0",
        "X-Forwarded-For": forwarded,
    }
    assert app.test_client().post("/v1/batch", json=BATCH, headers=headers).status_code == 202
    (logged,) = site.service.history(1, user_id="u1")
    assert logged.event.context["ip"] == address


def test_the_page_of_the_documentation_is_found_with_a_slash_too(site: Site) -> None:
    answer = site.client.get("/docs/")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/docs")
