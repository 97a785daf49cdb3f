"""Who may not come in: from elsewhere while only this machine is served; without a second factor where one is asked;
and what is said where something sealed can't be opened."""

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect, render
from django.utils import timezone, translation

from apps.core.vault import Unreadable
from apps.members import queries
from apps.members.models import Role, User
from labelcrowd.safety import is_loopback

IN_ENGLISH = ("/admin/", "/api/")  # of which there is no other catalog
UNSEEN = ("/static/", "/files/")
MACHINES = "/api/"  # where no form is read
# Where frames of requesters hand in, whose requests have no cookie: the address is signed, or nothing is changed by it.
COOKIELESS = ("/mturk/externalSubmit", "/work/frames/", "/work/slots/")
FREE = ("/accounts/", "/api/", "/static/", "/files/")  # a token, or a file's signed address, is leave enough
FACTORS = [Authenticator.Type.TOTP]  # recovery codes are a way back to one, and none by themselves
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_FORWARDED")


class LoopbackOnlyMiddleware:
    """Refuse whoever is not on this machine, however the server was started, while LABELCROWD_LOOPBACK waives MFA.

    ALLOWED_HOSTS alone would not: the Host header is the caller's own word, and a proxy may write 127.0.0.1 into it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.LOOPBACK and not _is_from_here(request):
            return HttpResponseForbidden(
                "This labelcrowd serves its own machine only: LABELCROWD_LOOPBACK=true waives the second factor and "
                "https. To serve others, set it to false, and LABELCROWD_HOSTS to the site's names.",
                content_type="text/plain; charset=utf-8",
            )
        return self.get_response(request)


class LongFormsMiddleware:
    """Refuse a form in parts, unread, that is longer than who sends it has use for.

    Django reads it to find the CSRF token, and puts its files on the disk, before anybody is asked who they are.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        is_long = length.isdecimal() and int(length) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
        if not is_long or request.content_type != "multipart/form-data" or request.path.startswith(MACHINES):
            return self.get_response(request)
        if request.path.startswith(COOKIELESS):
            most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        elif isinstance(request.user, User):
            most = _longest_form(request.user)
        else:
            return redirect_to_login(request.get_full_path())
        if int(length) <= most:
            return self.get_response(request)
        sentence = f"This form has {int(length):,} bytes, and may have {most:,} from you. Nothing was done with it."
        return HttpResponse(sentence, status=413, content_type="text/plain; charset=utf-8")


def _longest_form(user: User) -> int:
    """Return how many bytes the longest form of theirs may have: files of items are for who brings items in."""
    short: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    brings = queries.with_role(user, Role.REQUESTER, Role.ADMIN).exists()
    return int(settings.MOST_UPLOAD_BYTES) + short if brings else short


class SecondFactorMiddleware:
    """Send staff without a second factor to where they set one up, wherever else they want to go."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            settings.SECOND_FACTOR_REQUIRED
            and not request.path.startswith(FREE)
            and request.user.is_authenticated
            and request.user.is_staff
            and not is_mfa_enabled(request.user, FACTORS)
        ):
            return redirect("mfa_index")
        return self.get_response(request)


def _be_in(zone: str) -> None:
    """Show times in a zone; in UTC where there is none of this name."""
    with suppress(ValueError, OSError, ZoneInfoNotFoundError):  # what a name that is none comes to
        timezone.activate(ZoneInfo(zone))


class PreferencesMiddleware:
    """Show pages in the language and the time zone that a person chose; the admin in its own and in UTC.

    Whoever chose none gets the browser's: its language as LocaleMiddleware found it, its zone once a script told it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(IN_ENGLISH):
            translation.activate(settings.LANGUAGE_CODE)
        elif not request.path.startswith(UNSEEN) and request.user.is_authenticated:
            user = request.user
            if user.language in dict(settings.LANGUAGES):
                translation.activate(user.language)
            _be_in(user.time_zone or request.COOKIES.get("time-zone", ""))  # the latter is the browser's: `times.js`
        request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()


class SealedMiddleware:
    """Say on a page, as the API does, which key is missing where something on it was sealed under another (409).

    Whatever opens it: a view, or the page as it is written.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Unreadable):
            return None
        return render(request, "409.html", {"said": str(error)}, status=HTTPStatus.CONFLICT)


def _is_from_here(request: HttpRequest) -> bool:
    # A server on a socket of this machine's file system names no address.
    address = request.META.get("REMOTE_ADDR", "")
    return (not address or is_loopback(address)) and not any(name in request.META for name in FORWARDED)
