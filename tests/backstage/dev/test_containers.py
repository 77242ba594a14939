"""The files for containers, without containers: they parse, hang together, and name only documented settings."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCUMENTED = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (ROOT / "docs" / "settings.md").read_text()))


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load(COMPOSE)["services"]


def test_the_services_are_those_that_we_need(services):
    assert set(services) == {"postgres", "valkey", "migrate", "web", "worker", "sender", "beat", "operator", "mailpit"}
    assert (services["postgres"]["image"], services["valkey"]["image"]) == ("postgres:18", "valkey/valkey:9")


def test_every_setting_named_is_documented(services):
    named = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE))
    named |= {key for service in services.values() for key in service.get("environment", {})}

    assert named - DOCUMENTED == set()


def test_every_setting_that_is_read_is_documented():
    files = [ROOT / "ecrm" / "settings.py", *(ROOT / "backstage" / "dev").glob("*.py"), ROOT / "tools" / "bootstrap.py"]
    files += (ROOT / "backstage" / "operating").rglob("*.py")
    pattern = r'(?:env\.\w+\(|environ\.get\(|environ\[|env\.get\()"([A-Z][A-Z_]+)"'
    read = {name for file in files for name in re.findall(pattern, file.read_text())}

    assert {"DATABASE_URL", "ECRM_VAR", "ECRM_PORT"} <= read
    assert read - DOCUMENTED - {"PATH", "PYENV_ROOT", "UV_PYTHON", "PLAYWRIGHT_BROWSERS_PATH"} == set()


def test_the_app_runs_as_the_daily_role_everywhere_but_in_migrations_and_backups(services):
    roles = {
        name: re.search(r"//(\w+):", service["environment"]["DATABASE_URL"])[1]
        for name, service in services.items()
        if "DATABASE_URL" in service.get("environment", {})
    }
    higher = {name for name, service in services.items() if "OWNER_DATABASE_URL" in service.get("environment", {})}
    highest = {name for name, service in services.items() if "ADMIN_DATABASE_URL" in service.get("environment", {})}

    assert roles == dict.fromkeys(("migrate", "web", "worker", "sender", "beat", "operator"), "ecrm_app")
    assert (higher, highest) == ({"migrate", "operator"}, {"operator"})


def test_only_the_web_has_a_pool_and_nothing_is_open_to_the_world(services):
    pooled = {name for name, service in services.items() if service.get("environment", {}).get("DB_POOL") == "1"}
    published = [port for service in services.values() for port in service.get("ports", [])]

    assert pooled == {"web"}
    assert published == ["${ECRM_BIND:-127.0.0.1:8000}:8000", "127.0.0.1:8025:8025"]


def test_volumes_and_dependencies_exist(services):
    volumes = set(yaml.safe_load(COMPOSE)["volumes"])
    used = {mount.partition(":")[0] for service in services.values() for mount in service.get("volumes", [])}
    wanted = {other for service in services.values() for other in service.get("depends_on", {})}

    assert {name for name in used if not name.startswith(".")} == volumes
    assert all((ROOT / name).exists() for name in used if name.startswith("."))
    assert wanted <= set(services)


def test_the_roles_script_is_what_the_launcher_makes(services):
    script = (ROOT / "docker" / "roles.sh").read_text()

    assert set(re.findall(r"CREATE ROLE (\w+)", script)) == {"ecrm_app", "ecrm_owner", "ecrm_admin"}
    assert set(re.findall(r"EXTENSION IF NOT EXISTS (\w+)", script)) == {"pg_trgm", "citext", "btree_gin", "unaccent"}
    assert set(re.findall(r'"\$(\w+_PASSWORD)"', script)) <= set(services["postgres"]["environment"])


def test_whatever_ends_is_started_again(services):
    restarts = {name: service.get("restart") for name, service in services.items()}
    once = {"migrate": "on-failure", "operator": "no"}

    assert restarts == dict.fromkeys(services, "unless-stopped") | once
    assert '"--respawn-failed-workers"' in (ROOT / "Dockerfile").read_text()


def test_the_image_has_its_static_files_and_compiled_modules():
    built = (ROOT / "Dockerfile").read_text()

    assert "ENV ECRM_STATIC=/app/staticfiles" in built, "in /data an update would find those of the version before"
    assert "manage.py collectstatic" in built.partition("USER ecrm")[0]
    assert "python -m compileall" in built
