from manage import LOCK_TIMEOUT, prepare


def test_migrations_run_as_the_owner_and_never_wait_long_for_a_lock():
    env = {"DATABASE_URL": "app", "OWNER_DATABASE_URL": "owner"}

    prepare(["migrate"], env)

    assert (env["DATABASE_URL"], env["PGOPTIONS"]) == ("owner", LOCK_TIMEOUT)


def test_everything_else_runs_as_the_app():
    env = {"DATABASE_URL": "app", "OWNER_DATABASE_URL": "owner"}

    prepare(["shell"], env)

    assert env == {"DATABASE_URL": "app", "OWNER_DATABASE_URL": "owner", "DJANGO_SETTINGS_MODULE": "ecrm.settings"}
