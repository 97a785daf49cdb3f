"""Every page of workers in another language, from right to left; amounts and dates as that language writes them."""

import os
import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from apps.core.languages import language as name_of
from apps.members.models import Role, User
from apps.workbench import wording
from infra.catalogs import LOCALE, MEMBERS, ROOT, brought_up, catalog_of, messages, missing, path_of, written
from labelcrowd import catalogs
from tests.factories import UserFactory, member
from tests.running import running, worker_of
from tests.workbench.at_work import filled, html, logged_in, started

OTHERS = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
HELD = re.compile(r"%\(\w+\)(?:[sd]|\.\df)|<[^>]+>")
MARKED = re.compile(r"\bn?gettext(?:_lazy|_noop)?\b|{% (?:blocktranslate|translate) ")
NUMBER = {"%(n)s", "%(n)d"}  # the plural forms for none, one and two say it in a word


@pytest.fixture(autouse=True)
def _english_afterwards():
    """A request leaves its language to the thread; the next one sets its own, a test that comes after does not."""
    yield
    translation.activate(settings.LANGUAGE_CODE)


def forms(text):
    return text if isinstance(text, tuple) else (text,)


def differing(message):
    """Return what a translation puts in that the message doesn't, or leaves out."""
    wanted = {found for text in forms(message.id) for found in HELD.findall(text)}
    found = [wanted ^ set(HELD.findall(text)) for text in forms(message.string)]
    return {one for form in found for one in form} - (NUMBER if isinstance(message.id, tuple) else set())


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_that_workers_read_is_missing_in_a_catalog(language):
    assert missing(catalog_of(language)) == []


def marking(place):
    """Return the files at a place that mark sentences, other than models, of which only the choices are translated."""
    files = [place] if place.is_file() else [*place.rglob("*.py"), *place.rglob("*.html")]
    code = [path for path in files if not {"migrations", "models", "models.py"} & set(path.relative_to(ROOT).parts)]
    return {path for path in code if MARKED.search(path.read_text())}


def test_whatever_marks_a_sentence_is_for_workers_unless_it_is_named_as_the_members():
    members = {name: marking(ROOT / name) for name in MEMBERS}
    found = {ROOT / path for path, _message in messages()}

    assert marking(ROOT / "apps") - found == set().union(*members.values())
    assert all(members.values()), "what has nothing to translate need not be named"


def test_no_page_of_workers_imports_what_only_members_read():
    pages = [*(ROOT / "apps" / "workbench").rglob("*.py"), ROOT / "apps" / "turkapi" / "asking.py"]
    imports = "\n".join(re.findall(r"^(?:from|import) .*", "\n".join(page.read_text() for page in pages), re.MULTILINE))
    modules = [name.removesuffix(".py").replace("/", ".").rpartition(".") for name in MEMBERS]

    assert [name for within, _, name in modules if re.search(rf"{within}(?: import .*\b|\.){name}\b", imports)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_holds_what_is_put_in_and_nothing_else(language):
    wrong = {message.id: differing(message) for message in catalog_of(language) if message.id and differing(message)}

    assert wrong == {}


def test_a_message_without_a_translation_is_found():
    catalog = catalog_of("ar")
    catalog.delete("Earnings")
    catalog.get("Account").string = ""

    lacking = {line.split(": ")[1] for line in missing(catalog)}

    assert lacking == {"'Earnings'", "'Account'"}


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalog_is_what_make_catalogs_writes_so_that_who_runs_it_next_changes_nothing_of_others(language):
    assert path_of(language).read_bytes() == written(brought_up(language)), "run `make catalogs`"


def test_every_folder_of_catalogs_is_a_language_that_is_offered():
    assert sorted(folder.name for folder in LOCALE.iterdir()) == sorted(OTHERS)
    assert len(set(messages())) > 300, "the messages were not found, so these tests would see nothing"


def test_a_catalog_is_compiled_when_it_is_newer_and_only_then(tmp_path):
    catalogs.compiled(tmp_path)
    mo = next(tmp_path.rglob("*.mo"))
    made = mo.stat().st_mtime_ns

    catalogs.compiled(tmp_path)
    same = mo.stat().st_mtime_ns
    os.utime(mo, (0, 0))
    catalogs.compiled(tmp_path)

    assert same == made
    assert mo.stat().st_mtime > 0


def test_amounts_and_lengths_of_time_are_written_as_the_language_does():
    with translation.override("ar"):
        assert wording.amount(123450, "USD") == "\u20661234,50 USD\u2069"
        assert wording.share(10, 4, "USD") == "\u20660,025 USD\u2069"
        assert wording.duration(120) == "دقيقتان"
        assert wording.duration(3 * 3600) == "3 ساعات"
    assert wording.amount(123450, "USD") == "1,234.50 USD"


@pytest.mark.django_db
def test_among_words_from_the_right_an_amount_and_the_name_beside_it_are_each_kept_together():
    campaign = running(items=2, page_size=2, price=35)
    client = logged_in(campaign)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "ar"
    page = started(client, campaign)

    text = html(client.get(f"/work/pages/{page.pk}/"))
    handed_in = html(client.post(f"/work/pages/{page.pk}/submit", filled(page, "cat", then="stop"), follow=True))

    assert "\u20660,35 USD\u2069" in text
    assert f"<bdi>{campaign.organization.name}</bdi>" in text
    assert "\u20660,35 USD\u2069" in handed_in
    assert "0.35" not in handed_in


@pytest.mark.django_db
def test_pages_are_in_the_language_that_the_browser_asks_for():
    campaign = running()
    client = Client(headers={"accept-language": "ar,en;q=0.5"})
    user = UserFactory()
    worker_of(campaign, user=user)
    client.force_login(user)

    for address in ("/work/", "/work/earnings/", "/work/account/", f"/work/{campaign.pk}/"):
        text = html(client.get(address))
        assert '<html lang="ar" dir="rtl"' in text
        assert "تسجيل الخروج" in text
    assert "تسجيل الدخول" in html(Client(headers={"accept-language": "ar"}).get("/accounts/login/"))


@pytest.mark.django_db
def test_the_language_that_a_person_chose_goes_before_the_browsers():
    client = Client(headers={"accept-language": "en"})
    user = UserFactory()
    worker_of(running(), user=user)
    client.force_login(user)

    kept = client.post("/work/account/", {"name": "W.", "language": "ar", "time_zone": ""}, follow=True)

    assert User.objects.get(pk=user.pk).language == "ar"
    assert "تم الحفظ." in html(kept)
    assert 'dir="rtl"' in html(client.get("/work/"))


@pytest.mark.django_db
def test_what_the_requester_wrote_is_in_the_language_of_the_campaign_and_an_item_may_have_its_own():
    campaign = running(items=2, page_size=2, redundancy=1, language="ar")
    own = campaign.dataset.items.first()
    own.data = {"text": {"text": "Hello", "lang": "en"}}
    own.save()
    client = logged_in(campaign)

    text = html(client.get(f"/work/pages/{started(client, campaign).pk}/"))

    assert '<html lang="en" dir="ltr"' in text
    assert f'<h1 class="lc-work-title" id="title" tabindex="-1"><bdi lang="ar">{campaign.name}</bdi></h1>' in text
    assert '<legend class="lc-legend" lang="ar"' in text
    assert '<span class="lc-option-label" lang="ar"' in text
    assert '<div class="lc-prose" lang="ar"' in text
    assert '<p class="lc-text" lang="ar" dir="rtl">' in text
    assert '<p class="lc-text" lang="en" dir="ltr">Hello</p>' in text


@pytest.mark.django_db
def test_a_campaigns_name_is_said_in_its_language_wherever_a_worker_meets_it():
    campaign = running(items=4, page_size=2, redundancy=1, language="ar", name="حيوانات <b>")
    client = logged_in(campaign)
    page = started(client, campaign)
    while_in_hand = [html(client.get(address)) for address in ("/work/", f"/work/{campaign.pk}/")]
    client.post(f"/work/pages/{page.pk}/submit", filled(page, "cat"))

    afterwards = [html(client.get(path)) for path in ("/work/answers/", "/work/earnings/", f"/work/pages/{page.pk}/")]

    for text in (*while_in_hand, *afterwards):
        body = text.partition("<body")[2]
        assert body.count("حيوانات") == body.count('<bdi lang="ar">حيوانات &lt;b&gt;</bdi>') > 0


@pytest.mark.django_db
def test_where_the_language_of_a_campaign_is_not_known_nothing_claims_one():
    campaign = running()
    client = logged_in(campaign)

    text = html(client.get(f"/work/pages/{started(client, campaign).pk}/"))

    assert text.count(" lang=") == text.count("<html lang=")


@pytest.mark.django_db
def test_the_admin_stays_in_english():
    client = Client(headers={"accept-language": "ar"})
    client.force_login(member(running().organization, Role.REQUESTER, language="ar"))

    assert 'lang="en' in html(client.get("/admin/"))


@pytest.mark.django_db
def test_why_not_is_said_in_the_readers_language():
    campaign = running(languages=["de"])
    client = Client(headers={"accept-language": "ar"})
    user = UserFactory()
    worker_of(campaign, user=user, languages=["ar"])
    client.force_login(user)

    with translation.override("ar"):
        german = name_of("de")
    assert german != "German"
    assert f"تشترط هذه الحملة إحدى هذه اللغات: {german}" in html(client.get("/work/"))
