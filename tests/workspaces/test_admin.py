import pytest

from workspaces.admin import platform_admin
from workspaces.models import User


@pytest.fixture
def root(db, client):
    client.force_login(User.objects.create_superuser("root@platform.example", "slow water good"))
    return client


def test_the_platforms_admin_shows_its_own_tables_to_superusers(root, kettle):
    assert root.get("/admin/").status_code == 200
    for model in platform_admin._registry:
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert root.get(path).status_code == 200, path
        assert root.get(path + "?q=kettle").status_code in {200, 302}, path


def test_a_superuser_is_no_member_of_any_workspace(root, kettle):
    assert root.get("/w/kettle/").status_code == 404
    assert root.get("/w/kettle/admin/").status_code == 404


def test_the_platforms_admin_is_closed_to_everybody_else(as_ada, client):
    assert as_ada.get("/admin/workspaces/user/")["Location"].startswith("/admin/login/")
    assert as_ada.get("/admin/", follow=True).status_code == 403
    assert "/accounts/login/" in client.__class__().get("/admin/", follow=True).redirect_chain[-1][0]


def test_a_key_and_an_invitation_never_show_their_secret(root, kettle, ada):
    from workspaces.current import working_in
    from workspaces.keys import make_key

    with working_in(kettle):
        key, _clear = make_key("server", "Shop", by=ada)

    assert key.secret_hash not in root.get(f"/admin/workspaces/apikey/{key.pk}/change/").text
