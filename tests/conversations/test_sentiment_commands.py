"""The engine's commands: what they print, and what they say of a file that is none."""

import io
import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command


def test_evaluate_tells_the_recall_of_each_label_and_what_is_unclear(tmp_path):
    file = tmp_path / "rated.tsv"
    file.write_text("I love it, thank you so much\tpos\nIt is broken and useless\tneg\nThe shop opens at nine\tneu\n")

    out = StringIO()
    call_command("evaluate_sentiment", file, stdout=out)
    told = dict(line.split(": ") for line in out.getvalue().splitlines())
    assert (told["texts"], told["macro recall of best"]) == ("3", "1.000")
    assert (told["recall neg"], told["recall neu"], told["recall pos"]) == ("1.000", "1.000", "1.000")
    assert float(told["calibration error (ECE)"]) < 0.6
    assert float(told["texts a second of one core"]) > 0


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "holds no text"), ("no label here\n", "Line 1 is not"), ("fine\tpos\nodd\tjoy\n", "Line 2 is not")],
)
def test_evaluate_says_what_is_wrong_with_a_file(tmp_path, content, said):
    file = tmp_path / "odd.tsv"
    file.write_text(content)

    with pytest.raises(CommandError, match=said):
        call_command("evaluate_sentiment", file)
    with pytest.raises(CommandError, match="No such file"):
        call_command("evaluate_sentiment", tmp_path / "absent.tsv")


def test_analyse_writes_a_line_of_json_a_line_of_text(monkeypatch):
    lines = b"I love this kettle, thank you\n\nDanke, alles gut und sehr lecker\nwhen do you open?\n\xff\xfe broken\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines)))

    out = StringIO()
    call_command("analyse_sentiment", stdout=out)
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(row["label"], row["language"], row["intent"]) for row in rows[:4]] == [
        ("pos", "en", "praise"),
        ("unc", "", "other"),
        ("unc", "de", "praise"),
        ("neu", "en", "question"),
    ]
    assert (len(rows), rows[0]["best"]) == (5, "pos")
    assert set(rows[0]) == {"label", "best", "score", "confidence", "language", "intent", "evidence"}


def test_training_writes_weights_and_says_what_it_used(tmp_path):
    write_small_sources(tmp_path)

    out = StringIO()
    call_command("train_sentiment", tmp_path, weights=tmp_path / "w.npz", sentences=tmp_path / "own.tsv", stdout=out)
    with np.load(tmp_path / "w.npz", allow_pickle=False) as kept:
        assert kept["feelings_weights"].shape[1] == 3
        assert kept["intents_weights"].shape[1] == 5
    assert "tweets: 12 texts of hutto_tweets.txt" in out.getvalue()
    assert "tweets, left out: 12 texts, macro recall" in out.getvalue()


def test_training_without_its_sources_writes_nothing(tmp_path):
    with pytest.raises(CommandError, match=r"Nothing was written.*holds no hutto_tweets.txt"):
        call_command("train_sentiment", tmp_path, weights=tmp_path / "w.npz", stdout=StringIO())
    assert not (tmp_path / "w.npz").exists()


def write_small_sources(folder):
    rated = "".join(f"{place}\t{value}\t{text} {place}\n" for place in range(4) for value, text in RATED)
    for name in ("tweets", "amazonReviewSnippets", "nytEditorialSnippets"):
        (folder / f"hutto_{name}.txt").write_text(rated)
    (folder / "goemotions_labels.txt").write_text("joy\nanger\nneutral\n")
    (folder / "goemotions_train.tsv").write_text(
        "so glad\t0\ta\nhow rude\t1\tb\nit is Monday\t2\tc\nis it Monday?\t2\td\n" * 3
    )
    own = (
        f"{intent}\t{feeling}\ttrade {place % 5}\t{intent} {place}" for place in range(20) for intent, feeling in OWN
    )
    (folder / "own.tsv").write_text("\n".join(["intent\tfeeling\ttrade\ttext", *own]))
    (folder / "banking77_train.csv").write_text(
        "text,category\nWhere is my card?,x\nPlease block my card,y\nI went,z\n"
    )


RATED = [(2.5, "what a lovely day"), (-2.5, "what a horrible day"), (0.0, "what a day")]
OWN = [("complaint", "neg"), ("question", "neu"), ("praise", "pos"), ("request", "neu"), ("other", "neu")]
