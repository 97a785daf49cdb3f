"""Access keys to the MTurk service: made and shown once, by the admin and from the shell, and revoked."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.core import vault
from apps.members.models import Role
from apps.turkapi.models import AccessKey
from tests.console.house import client
from tests.factories import OrganizationFactory, member

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]


def test_a_requester_makes_a_key_and_sees_its_secret_once():
    organization = OrganizationFactory()
    user = member(organization, Role.REQUESTER)
    browser = client(user)

    shown = browser.post(
        "/admin/turkapi/accesskey/add/", {"organization": organization.pk, "note": "batch scripts"}
    ).content.decode()

    key = AccessKey.objects.get()
    assert (key.user, key.organization, key.note) == (user, organization, "batch scripts")
    assert f"<code>{vault.open_sealed(key.secret)}</code>" in shown
    assert "http://testserver/mturk/" in shown
    later = browser.get(f"/admin/turkapi/accesskey/{key.pk}/change/").content.decode()
    assert vault.open_sealed(key.secret) not in later


def test_a_key_is_revoked_by_its_button():
    organization = OrganizationFactory()
    browser = client(member(organization, Role.REQUESTER))
    browser.post("/admin/turkapi/accesskey/add/", {"organization": organization.pk})
    key = AccessKey.objects.get()

    browser.post(f"/admin/turkapi/accesskey/{key.pk}/revoke/")

    key.refresh_from_db()
    assert key.revoked_at is not None


def test_a_key_for_another_organization_is_refused():
    browser = client(member(OrganizationFactory(), Role.REQUESTER))

    browser.post("/admin/turkapi/accesskey/add/", {"organization": OrganizationFactory().pk})

    assert not AccessKey.objects.exists()


def test_the_command_prints_what_a_shell_takes(capsys):
    organization = OrganizationFactory()
    user = member(organization, Role.REQUESTER)

    call_command("turk_key", user.email, organization=organization.slug)

    said = capsys.readouterr().out
    key = AccessKey.objects.get()
    assert f"export AWS_ACCESS_KEY_ID={key.pk}\n" in said
    assert re.search(r"AWS_SECRET_ACCESS_KEY=(.+)", said)[1] == vault.open_sealed(key.secret)


def test_the_command_makes_none_for_who_is_no_requester():
    organization = OrganizationFactory()
    reviewer = member(organization, Role.REVIEWER)

    for who in (reviewer.email, "nobody@example.org"):
        with pytest.raises(CommandError):
            call_command("turk_key", who, organization=organization.slug)
    assert not AccessKey.objects.exists()


@pytest.mark.parametrize("page", ["mturk-service", "mturk-migration"])
def test_the_documented_line_keeps_the_secret_to_its_owner_and_out_of_the_tree(page, tmp_path):
    lines = (ROOT / f"infra/docs/{page}.md").read_text().splitlines()
    (line,) = [line for line in lines if "turk_key" in line and ">" in line]
    home, tree = tmp_path / "home", tmp_path / "tree"
    home.mkdir()
    tree.mkdir()

    program = f"umask 022; manage.py() {{ echo export AWS_SECRET_ACCESS_KEY=x; }}; {line}"
    subprocess.run(["bash", "-c", program], check=True, cwd=tree, env={"HOME": str(home), "PATH": os.environ["PATH"]})

    assert list(tree.iterdir()) == []
    (kept,) = home.iterdir()
    assert kept.read_text() == "export AWS_SECRET_ACCESS_KEY=x\n"
    assert kept.stat().st_mode & 0o777 == 0o600
