"""P14: a signed link to a file opens it for who may have it anyway; here it is signed right, and the file is there.

(tests/security/permissions.txt has these rows without a signature: nobody gets in.)
"""

import pytest

from apps.console import exports, label_files, written
from apps.members.models import Role
from apps.pipeline import operations
from apps.pipeline.models import Operation
from tests.factories import OrganizationFactory, UserFactory, member

pytestmark = pytest.mark.django_db
FILES = {
    "/admin/campaigns/campaign/labels-file/": (label_files.VERB, {Role.REQUESTER, Role.ADMIN}),
    "/admin/payments/obligation/file/": (exports.VERB, {Role.FINANCE, Role.ADMIN}),
}


@pytest.mark.parametrize("address", FILES)
def test_p14_a_signed_link_opens_a_file_for_the_roles_of_its_organization_that_may_have_it(
    address, client, settings, tmp_path
):
    settings.EXPORT_ROOT = tmp_path
    verb, roles = FILES[address]
    link = address + "?signed=" + a_link(here := OrganizationFactory(), verb)
    visitors = {role: member(here, role) for role in Role}
    visitors |= {"elsewhere": member(OrganizationFactory(), Role.ADMIN), "no member": UserFactory()}

    let_in = set()
    for who, user in visitors.items():
        client.force_login(user)
        answer = client.get(link)
        let_in |= {who} if answer.status_code == 200 and b"".join(answer) == b"a file" else set()
    client.logout()

    assert let_in == roles
    assert client.get(link).status_code in (302, 403, 404)
    client.force_login(visitors[Role.ADMIN])
    assert client.get(link[:-1]).status_code == 404
    assert client.get(f"{address}?signed={a_link(here, 'another verb')}").status_code == 404


def a_link(organization, verb: str) -> str:
    """Return what signs a file of this verb, which is there."""
    done = Operation.objects.create(organization=organization, verb=verb, subject="x", result={"file": "a.csv"})
    (operations.folder_of(done) / "a.csv").write_bytes(b"a file")
    return written._signer.sign(done.pk.hex)
