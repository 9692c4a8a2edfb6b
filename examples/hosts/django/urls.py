"""The three pages of Postbird."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST


def sign_up(request: HttpRequest) -> HttpResponse:
    """Create an account."""
    if request.method == "POST":
        request.session.update({"user": str(uuid.uuid4()), "first_name": request.POST["first_name"]})
        return redirect("/domains/new?signed-up")
    return render(request, "sign_up.html")


def add_domain(request: HttpRequest) -> HttpResponse:
    """Add a domain."""
    return render(request, "add_domain.html")


def verify(request: HttpRequest, domain: str) -> HttpResponse:
    """Show the records of a domain."""
    return render(request, "verify.html", {"domain": domain})


@require_POST
def check(request: HttpRequest, domain: str) -> JsonResponse:
    """Look whether the records are there."""
    return JsonResponse({"domain": domain, "verified": request.POST.get("added") == "on"})


urlpatterns = [
    path("", sign_up),
    path("domains/new", add_domain),
    path("domains/<str:domain>", verify, name="verify"),
    path("domains/<str:domain>/check", check, name="check"),
]
