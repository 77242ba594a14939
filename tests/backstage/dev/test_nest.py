"""What is forked from the nest: a program like any other, that has the product's code already, and ends with us."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from backstage.dev.nest import Hatched
from tests.backstage.dev.launching import alive, wait_until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks")

SLEEPER = "import time\nprint('here', flush=True)\ntime.sleep(600)"
POOL = "from django.db import connections as c\nd = c['default'].settings_dict\n" + (
    "print(d['OPTIONS'].get('pool', {}).get('max_size'), d['CONN_MAX_AGE'])"
)
WHO = "from django.db import connections as c\nd = c['default'].settings_dict\nprint(d['USER'], d['NAME'], d['ENGINE'])"
LAUNCHER = """
import sys
from backstage.dev.nest import Hatched
if __name__ == "__main__":
    one = Hatched("sleeper", [sys.argv[1]], {**__import__("os").environ}, 15)
    print(one.stdout.readline().decode().strip(), one.pid, flush=True)
    one.wait()
"""


@pytest.fixture
def hatched(tmp_path):
    made = []

    def make(code, *words, **env):
        program = tmp_path / "program.py"
        program.write_text(code)
        made.append(Hatched("one", [program, *words], {**os.environ, **env}, signal.SIGTERM))
        return made[-1]

    yield make
    for one in made:
        one.send_signal(signal.SIGKILL)
        one.wait(20)
        one.stdout.close()


def said_by(one):
    lines = []
    return one.run(lines.append), lines


def test_it_gets_its_words_and_its_environment_and_its_end_is_known(hatched):
    code = "import os, sys\nprint(sys.argv[1:], os.environ['TEA'], __name__)\nprint('no', file=sys.stderr)\nsys.exit(3)"

    assert said_by(hatched(code, "a", "b c", TEA="oolong")) == (3, ["['a', 'b c'] oolong __main__", "no"])
    assert said_by(hatched("1 / 0"))[1][-1] == "ZeroDivisionError: division by zero"


def test_the_products_code_is_there_before_it_asks(hatched):
    code = (
        "import sys\nprint({'django', 'conversations.models', 'celery.apps.worker', 'granian.cli'} <= set(sys.modules))"
    )

    assert said_by(hatched(code)) == (0, ["True"])


def test_its_pages_are_shared(hatched):
    one = hatched(SLEEPER)
    one.stdout.readline()
    sizes = dict(line.split()[:2] for line in Path(f"/proc/{one.pid}/smaps_rollup").read_text().splitlines()[1:])

    assert int(sizes["Pss:"]) < int(sizes["Rss:"]) * 0.6


def test_only_who_asks_for_it_has_a_pool_of_connections(hatched):
    assert said_by(hatched(POOL, DB_POOL="1"))[1] == ["10 0"]
    assert said_by(hatched(POOL, DB_POOL="0"))[1] == ["None 60"]


def test_who_brings_another_address_of_the_database_connects_there(hatched):
    url = "postgres://tables_owner:secret@127.0.0.1:1/tea"

    assert said_by(hatched(WHO, DATABASE_URL=url))[1] == ["tables_owner tea django.db.backends.postgresql"]
    assert said_by(hatched(WHO))[1] != said_by(hatched(WHO, DATABASE_URL=url))[1]


def test_it_stops_when_asked_and_says_by_what(hatched):
    one = hatched(SLEEPER)
    one.stdout.readline()
    assert one.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        one.wait(0.01)

    one.send_signal(signal.SIGTERM)

    assert one.wait(20) == one.returncode == -signal.SIGTERM


def test_it_leads_a_session_of_its_own(hatched):
    one = hatched("import os\nprint(os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid(), os.read(0, 1))")

    assert said_by(one) == (0, ["True True b''"])


def test_it_ends_with_a_launcher_that_is_killed(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(SLEEPER)
    (tmp_path / "launcher.py").write_text(LAUNCHER)
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(
        [sys.executable, tmp_path / "launcher.py", program],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        text=True,
    ) as launcher:
        word, pid = launcher.stdout.readline().split()
        assert (word, alive({int(pid)})) == ("here", {int(pid)})

        launcher.kill()

    assert wait_until(lambda: not alive({int(pid)}), 20)
