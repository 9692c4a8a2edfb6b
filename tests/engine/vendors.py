"""Help desks and stores as their public documentation describes them: what they insist on, and what they answer.

Each is a function from a request to an answer. What is answered is checked against a JSON Schema of the documented
shape first, so that a reader that fits here fits the vendor's words.
"""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jsonschema import Draft202012Validator


@dataclass(frozen=True)
class Request:
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


Response = tuple[int, dict[str, str], bytes]
Vendor = Callable[[Request], Response]


@contextmanager
def served(vendor: Vendor) -> Iterator[tuple[str, list[Request]]]:
    """A vendor's server: its address, and what it was asked."""
    asked: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = Request(parts.path, query, {name.lower(): text for name, text in self.headers.items()}, body)
            asked.append(request)
            status, headers, content = vendor(request)
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def silent() -> Iterator[str]:
    """The address of a server that begins an answer without a length, and then says nothing any more."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        over = threading.Event()

        def begin() -> None:
            with listening.accept()[0] as taken:
                taken.sendall(b"HTTP/1.1 200 OK\r\n\r\nid,text\n1,It")
                over.wait(10)

        thread = threading.Thread(target=begin)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        over.set()
        thread.join()


def fits(document: Any, schema: dict[str, Any]) -> Response:
    """A document as an answer, if it has the documented shape."""
    Draft202012Validator(schema).validate(document)
    return 200, {"Content-Type": "application/json"}, json.dumps(document).encode()


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


REFUSED: Response = (401, {}, b'{"error": "Couldn\'t authenticate you"}')

# --- Zendesk: developer.zendesk.com, Incremental Exports, "Incremental Ticket Export, Cursor Based"

ZENDESK_SHAPE = {
    "required": ["tickets", "after_cursor", "after_url", "before_cursor", "before_url", "end_of_stream"],
    "properties": {
        "end_of_stream": {"type": "boolean"},
        "after_cursor": {"type": ["string", "null"]},
        "tickets": {
            "type": "array",
            "items": {
                "required": ["id", "subject", "description", "created_at", "updated_at", "status", "requester_id"],
                "properties": {
                    "id": {"type": "integer"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "satisfaction_rating": {
                        "type": ["object", "null"],
                        "properties": {"score": {"enum": ["offered", "unoffered", "good", "bad"]}},
                    },
                },
            },
        },
        "users": {"type": "array", "items": {"required": ["id", "email", "external_id", "locale"]}},
    },
}


def ticket(number: int, subject: str, *, status: str = "open", rating: Any = None, **members: Any) -> dict[str, Any]:
    return {
        "id": number,
        "subject": subject,
        "description": f"{subject}, since this morning.",
        "created_at": "2026-06-02T14:00:00Z",
        "updated_at": "2026-06-02T14:30:00Z",
        "status": status,
        "requester_id": 7,
        "tags": ["dns"],
        "satisfaction_rating": rating,
        **members,
    }


@dataclass
class Zendesk:
    """Tells tickets from a start, then from its cursor on. pages: by the cursor that leads to each."""

    pages: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"": []})

    def __call__(self, asked: Request) -> Response:
        if asked.headers.get("authorization") != basic("admin@acme.example/token", "s3cret-token"):
            return REFUSED
        if asked.path != "/api/v2/incremental/tickets/cursor.json":
            return 404, {}, b'{"error": "InvalidEndpoint"}'
        cursor = asked.query.get("cursor", "")
        if not cursor and not asked.query.get("start_time", "").isdigit():
            return 422, {}, b'{"error": "StartTimeMissing"}'
        names = list(self.pages)
        at = names.index(cursor) if cursor in names else len(names)
        after = names[at + 1] if at + 1 < len(names) else "end"
        user = {"id": 7, "email": "ada@acme.example", "external_id": "ada", "locale": "en-US", "name": "Ada"}
        return fits(
            {
                "tickets": self.pages.get(cursor, []),
                "after_cursor": after,
                "after_url": f"https://acme.zendesk.com/api/v2/incremental/tickets/cursor.json?cursor={after}",
                "before_cursor": None,
                "before_url": None,
                "end_of_stream": at + 1 >= len(names),
                **({"users": [user]} if asked.query.get("include") == "users" else {}),
            },
            ZENDESK_SHAPE,
        )


# --- Intercom: developers.intercom.com, "Search conversations" and the model "Conversation"

INTERCOM_SHAPE = {
    "required": ["type", "conversations", "total_count", "pages"],
    "properties": {
        "type": {"const": "conversation.list"},
        "conversations": {
            "type": "array",
            "items": {
                "required": ["type", "id", "created_at", "updated_at", "source", "contacts"],
                "properties": {
                    "id": {"type": "string"},
                    "created_at": {"type": "integer"},
                    "updated_at": {"type": "integer"},
                    "source": {"required": ["type", "id", "body", "author"]},
                    "conversation_rating": {"type": ["object", "null"]},
                    "tags": {"properties": {"type": {"const": "tag.list"}, "tags": {"type": "array"}}},
                },
            },
        },
        "pages": {"required": ["type", "page", "per_page", "total_pages"]},
    },
}


def conversation(number: int, body: str, *, updated: int, author: str = "user", rating: Any = None) -> dict[str, Any]:
    return {
        "type": "conversation",
        "id": str(number),
        "created_at": 1_780_000_000,
        "updated_at": updated,
        "title": None,
        "source": {
            "type": "conversation",
            "id": f"m{number}",
            "delivered_as": "customer_initiated",
            "subject": "<p>Help</p>",
            "body": body,
            "author": {"type": author, "id": "a1", "name": "Ada", "email": "ada@acme.example"},
            "url": "https://app.acme.example/dns?token=123",
        },
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "c1", "external_id": "ada"}]},
        "conversation_rating": rating,
        "tags": {"type": "tag.list", "tags": [{"type": "tag", "id": "1", "name": "dns"}]},
    }


def intercom(found: list[dict[str, Any]]) -> Vendor:
    """Two conversations a page, those that changed after what is asked for."""

    def answer(asked: Request) -> Response:
        if asked.headers.get("authorization") != "Bearer s3cret-token":
            return REFUSED
        if asked.path != "/conversations/search" or "intercom-version" not in asked.headers:
            return 404, {}, b"{}"
        wanted = json.loads(asked.body)
        [condition] = wanted["query"]["value"]
        assert (condition["field"], condition["operator"]) == ("updated_at", ">")
        assert 1 <= wanted["pagination"]["per_page"] <= 150
        new = [each for each in found if each["updated_at"] > condition["value"]]
        start = int(wanted["pagination"].get("starting_after", "0"))
        pages: dict[str, Any] = {
            "type": "pages",
            "page": start // 2 + 1,
            "per_page": 2,
            "total_pages": -(-len(new) // 2),
        }
        if start + 2 < len(new):
            pages["next"] = {"page": start // 2 + 2, "starting_after": str(start + 2)}
        document = {
            "type": "conversation.list",
            "conversations": new[start : start + 2],
            "total_count": len(new),
            "pages": pages,
        }
        return fits(document, INTERCOM_SHAPE)

    return answer


# --- Freshdesk: developers.freshdesk.com/api, "List All Tickets"

FRESHDESK_SHAPE = {
    "type": "array",
    "items": {
        "required": ["id", "subject", "created_at", "updated_at", "tags", "spam", "status", "requester_id"],
        "properties": {"id": {"type": "integer"}, "description_text": {"type": "string"}},
    },
}


def freshdesk(found: list[dict[str, Any]], *, per_page: int = 2) -> Vendor:
    def answer(asked: Request) -> Response:
        if asked.headers.get("authorization") != basic("s3cret-token", "X"):
            return REFUSED
        query = asked.query
        if asked.path != "/api/v2/tickets" or (query["order_by"], query["order_type"]) != ("updated_at", "asc"):
            return 404, {}, b"{}"
        assert set(query["include"].split(",")) <= {"stats", "requester", "description"}
        assert 1 <= int(query["per_page"]) <= 100
        new = sorted(
            (each for each in found if each["updated_at"] >= query["updated_since"]),
            key=lambda each: each["updated_at"],
        )
        at = (int(query["page"]) - 1) * per_page
        status, headers, body = fits(new[at : at + per_page], FRESHDESK_SHAPE)
        if at + per_page < len(new):
            headers["Link"] = f'<https://acme.freshdesk.com/api/v2/tickets?page={int(query["page"]) + 1}>; rel="next"'
        return status, headers, body

    return answer


def fresh(number: int, subject: str, updated: str, **members: Any) -> dict[str, Any]:
    return {
        "id": number,
        "subject": subject,
        "description": f"<div>{subject} &amp; more</div>",
        "description_text": f"{subject} & more",
        "created_at": "2026-06-02T14:00:00Z",
        "updated_at": updated,
        "tags": ["dns"],
        "spam": False,
        "status": 2,
        "requester_id": 7,
        "requester": {"id": 7, "name": "Ada", "email": "ada@acme.example", "mobile": None, "phone": None},
        **members,
    }


# --- Apple: the feed of customer reviews as JSON

APPLE_SHAPE = {
    "required": ["feed"],
    "properties": {
        "feed": {
            "required": ["author", "updated", "title", "id", "link"],
            "properties": {
                "entry": {
                    "type": ["array", "object"],
                    "items": {"required": ["id", "title", "content", "im:rating", "im:version", "updated", "author"]},
                }
            },
        }
    },
}


def review(number: int, title: str, stars: int, updated: str = "2026-06-02T07:00:00-07:00") -> dict[str, Any]:
    def label(text: str) -> dict[str, str]:
        return {"label": text}

    return {
        "author": {"uri": label("https://itunes.apple.com/us/reviews/id1"), "name": label("Ada L."), "label": ""},
        "updated": label(updated),
        "im:rating": label(str(stars)),
        "im:version": label("4.2.0"),
        "id": label(str(number)),
        "title": label(title),
        "content": {"label": f"{title}: it hangs.", "attributes": {"type": "text"}},
        "link": {"attributes": {"rel": "related", "href": "https://itunes.apple.com/us/review?id=1"}},
    }


def app_store(pages: dict[tuple[str, int], Any]) -> Vendor:
    """pages: the entries by country and page: a list, one alone as an object, or None for no member at all."""

    def answer(asked: Request) -> Response:
        _, country, rss, kind, page, app, sort, form = asked.path.split("/")
        assert (rss, kind, app, sort, form) == ("rss", "customerreviews", "id=123", "sortby=mostrecent", "json")
        entries = pages.get((country, int(page.removeprefix("page="))))
        feed: dict[str, Any] = {name: {"label": "x"} for name in ("author", "updated", "title", "id", "link")}
        return fits({"feed": feed if entries is None else {**feed, "entry": entries}}, APPLE_SHAPE)

    return answer


# --- Google: developers.google.com/android-publisher, "reviews.list" and OAuth 2.0

PLAY_SHAPE = {
    "properties": {
        "reviews": {
            "type": "array",
            "items": {
                "required": ["reviewId", "authorName", "comments"],
                "properties": {
                    "comments": {
                        "items": {
                            "oneOf": [
                                {
                                    "required": ["userComment"],
                                    "properties": {
                                        "userComment": {
                                            "required": ["text", "lastModified", "starRating", "reviewerLanguage"],
                                            "properties": {
                                                "starRating": {"type": "integer"},
                                                "lastModified": {"properties": {"seconds": {"type": "string"}}},
                                            },
                                        }
                                    },
                                },
                                {"required": ["developerComment"]},
                            ]
                        }
                    }
                },
            },
        },
        "tokenPagination": {"properties": {"nextPageToken": {"type": "string"}}},
    }
}


def play(number: int, text: str, stars: int) -> dict[str, Any]:
    said = {
        "text": text,
        "lastModified": {"seconds": "1780400000", "nanos": 1000000},
        "starRating": stars,
        "reviewerLanguage": "en",
        "appVersionCode": 42,
        "appVersionName": "4.2.0",
        "thumbsUpCount": 1,
    }
    ours = {"developerComment": {"text": "Thank you", "lastModified": {"seconds": "1780400001"}}}
    return {"reviewId": f"gp{number}", "authorName": "Ada L.", "comments": [{"userComment": said}, ours]}


def google_play(pages: list[list[dict[str, Any]]], grants: Callable[[dict[str, str]], bool]) -> Vendor:
    def answer(asked: Request) -> Response:
        if asked.path == "/token":
            form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
            if not grants(form):
                return 400, {}, b'{"error": "invalid_grant"}'
            return fits({"access_token": "ya29.grant", "expires_in": 3599, "token_type": "Bearer"}, {})
        if asked.headers.get("authorization") != "Bearer ya29.grant":
            return REFUSED
        assert asked.path == "/androidpublisher/v3/applications/com.acme.app/reviews"
        at = int(asked.query.get("token", "0"))
        document: dict[str, Any] = {"reviews": pages[at]} if pages else {}
        if at + 1 < len(pages):
            document["tokenPagination"] = {"nextPageToken": str(at + 1)}
        return fits(document, PLAY_SHAPE)

    return answer
