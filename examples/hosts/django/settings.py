"""Postbird on Django: as small as a project can be. Waypost is a context processor and a line of the base template."""

import os
from pathlib import Path

HERE = Path(__file__).parent

SECRET_KEY = os.environ.get("POSTBIRD_SECRET", "only for this example")
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["django.contrib.staticfiles"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "waypost_host.content_security_policy",
]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
STATIC_URL = "static/"
STATICFILES_DIRS = [HERE / "static"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request", "waypost_host.guidance"]},
    }
]

WAYPOST_URL = os.environ["WAYPOST_URL"]
WAYPOST_PUBLIC_KEY = os.environ["WAYPOST_PUBLIC_KEY"]
WAYPOST_SIGNING_SECRET = os.environ["WAYPOST_SIGNING_SECRET"]
