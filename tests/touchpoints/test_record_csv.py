import pytest
from django.core.management import CommandError, call_command

from contacts.models import Identity
from touchpoints.models import Touchpoint
from workspaces.current import working_in

ROWS = """kind,occurred_at,user_id,email,value,currency,note
shop_visit,2026-01-05T10:00:00+01:00,u1,,,,"Till 2, ""Sara"" "
purchase,2026-01-05,u1,Ina@Example.org,12.50,EUR,
dance,2099-01-05,u1,,,,
purchase,2026-01-06,,,3,EUR,
purchase,2026-01-07,u2,,three,EUR,
purchase,2026-01-08,u2
"""


def test_rows_are_recorded_once_and_bad_ones_named_by_line(kettle, tmp_path, capsys):
    file = tmp_path / "touch.csv"
    file.write_text("\ufeff" + ROWS)

    for new in (2, 0):
        with pytest.raises(CommandError, match="4 rows were refused"):
            call_command("record_csv", str(file), workspace="kettle")
        out = capsys.readouterr().out
        assert f"6 rows: {new} recorded, {2 - new} known before, 4 refused" in out

    assert "line 4: timestamp lies more than 10 minutes ahead" in out
    assert "line 5: nobody is named" in out
    assert "line 7: another number of columns" in out
    with working_in(kettle):
        assert Touchpoint.objects.get(kind=22).payload == {"note": 'Till 2, "Sara"'}
        assert Identity.objects.filter(value="ina@example.org").exists()


def test_a_wrong_workspace_or_file_says_so(kettle, tmp_path):
    with pytest.raises(CommandError, match="no workspace"):
        call_command("record_csv", str(tmp_path), workspace="nowhere")
    with pytest.raises(CommandError, match="not a file"):
        call_command("record_csv", str(tmp_path), workspace="kettle")
