"""Settings come from the environment, and every fault in them is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.config import BadSettings, read_settings, unknown_variables

READABLE = [
    ({}, "port", 8000),
    ({"WAYPOST_PORT": "9001"}, "port", 9001),
    ({"WAYPOST_PORT": ""}, "port", 8000),
    ({"WAYPOST_PORT": "  9001 "}, "port", 9001),
    ({}, "rules", None),
    ({"WAYPOST_RULES": "rules"}, "rules", Path("rules")),
    ({}, "database_url", None),
    ({"WAYPOST_ZONE": "Europe/Berlin"}, "zone", "Europe/Berlin"),
    ({"WAYPOST_ALLOWED_ORIGINS": "https://a.example"}, "allowed_origins", ("https://a.example",)),
    (
        {"WAYPOST_ALLOWED_ORIGINS": "https://A.example/, http://localhost:3000"},
        "allowed_origins",
        ("https://a.example", "http://localhost:3000"),
    ),
    ({"WAYPOST_ALLOWED_ORIGINS": "*"}, "allowed_origins", ("*",)),
    ({"WAYPOST_INIT_PUBLIC_KEY": "wp_pub_0123456789abcdef"}, "init_public_key", "wp_pub_0123456789abcdef"),
    ({"WAYPOST_ANALYSIS_MEMORY": "500MB"}, "analysis_memory", "500MB"),
    ({}, "analysis_memory", None),
]


@pytest.mark.parametrize(("environ", "name", "value"), READABLE)
def test_a_setting_is_read(environ: dict[str, str], name: str, value: object) -> None:
    assert getattr(read_settings(environ), name) == value


UNREADABLE = [
    ("WAYPOST_PORT", "http"),
    ("WAYPOST_PORT", "0"),
    ("WAYPOST_PORT", "65536"),
    ("WAYPOST_PORT", "-1"),
    ("WAYPOST_PORT", "８０００"),
    ("WAYPOST_PORT", "tcp://10.0.0.7:8000"),  # Kubernetes sets this for a service named `waypost`
    ("WAYPOST_THREADS", "0"),
    ("WAYPOST_ZONE", "Berlin"),
    ("WAYPOST_ZONE", "../../etc/passwd"),
    ("WAYPOST_ALLOWED_ORIGINS", "app.example.com"),
    ("WAYPOST_ALLOWED_ORIGINS", "https://app.example.com/path"),
    ("WAYPOST_ALLOWED_ORIGINS", "https://*.example.com"),
    ("WAYPOST_ALLOWED_ORIGINS", "ftp://app.example.com"),
    ("WAYPOST_INIT_PUBLIC_KEY", "wp_sec_0123456789abcdef"),
    ("WAYPOST_INIT_SECRET_KEY", "wp_sec_short"),
    ("WAYPOST_LOG_LEVEL", "loud"),
    ("WAYPOST_ANALYSIS_MEMORY", "much"),
    ("WAYPOST_ANALYSIS_MEMORY", "4"),
]


@pytest.mark.parametrize(("variable", "text"), UNREADABLE)
def test_a_setting_that_cannot_be_read_is_named(variable: str, text: str) -> None:
    with pytest.raises(BadSettings, match=variable) as raised:
        read_settings({variable: text})
    assert len(raised.value.problems) == 1


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(BadSettings) as raised:
        read_settings({"WAYPOST_PORT": "x", "WAYPOST_ZONE": "y", "WAYPOST_THREADS": "z"})
    assert [problem.split(":")[0] for problem in raised.value.problems] == [
        "WAYPOST_PORT",
        "WAYPOST_THREADS",
        "WAYPOST_ZONE",
    ]


def test_a_secret_is_not_repeated_in_a_message() -> None:
    with pytest.raises(BadSettings) as raised:
        read_settings({"WAYPOST_INIT_SECRET_KEY": "my-own-secret"})
    assert "my-own-secret" not in str(raised.value)


def test_what_is_chosen_on_the_command_line_wins() -> None:
    assert read_settings({"WAYPOST_PORT": "9001"}, port="9002").port == 9002
    assert read_settings({"WAYPOST_PORT": "9001"}, port=None).port == 9001


def test_without_a_database_address_sqlite_lies_in_the_data_folder() -> None:
    assert read_settings({"WAYPOST_DATA_DIR": "/srv/waypost"}).url == "sqlite:////srv/waypost/waypost.sqlite"
    assert read_settings({"DATABASE_URL": "postgresql://h/n"}).url == "postgresql://h/n"


def test_a_mistyped_variable_is_found() -> None:
    found = dict(
        unknown_variables({"WAYPOST_PROT": "1", "WAYPOST_SERVICE_HOST": "x", "PATH": "y", "WAYPOST_PORT": "1"})
    )
    assert found["WAYPOST_PROT"] == "WAYPOST_PORT"
    assert set(found) == {"WAYPOST_PROT", "WAYPOST_SERVICE_HOST"}
