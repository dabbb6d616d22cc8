"""``pixret browse``."""

import pytest


@pytest.fixture
def browse(pixret, image_tables, tmp_path, monkeypatch):
    """Run the command on mini in an empty folder, for one query."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, data=image_tables):
        return pixret("browse", "--data", data, "--query", "castle_000007", *arguments)

    return run


def test_a_page_is_made_where_one_is(browse, tmp_path):
    done = browse()
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("mini: 1 query in mini.html, 0.")
    assert "castle_000007" in (tmp_path / "mini.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("out", "files", "words"),
    [
        ("new/page.html", ["new/page.html"], "mini: 1 query, at most 1 images of a level in new/page.html, 0."),
        ("one.PNG", ["one.PNG"], "mini: 1 query, at most 1 images of a level in one.PNG, 0."),
        ("sheets", ["sheets/000_castle_000007.png"], "at most 1 images of a level in sheets/000_castle_000007.png, 0."),
    ],
)
def test_the_ending_says_what_is_made(browse, tmp_path, out, files, words):
    done = browse("--out", out, "--limit", 1)
    assert (done.code, done.err) == (0, "")
    assert words in done.out
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == files


def test_several_queries_go_into_a_folder(browse, tmp_path):
    done = browse("--query", 1, "--out", "sheets", "--limit", 1)
    assert "2 queries, at most 1 images of a level in 2 files in sheets, " in done.out
    assert len(list((tmp_path / "sheets").iterdir())) == 2


def test_a_submission_is_drawn_and_its_faults_are_named(browse, mini_folder, tmp_path):
    lines = (mini_folder / "submissions" / "oracle.jsonl").read_text(encoding="utf-8")
    path = tmp_path / "mine.jsonl"
    path.write_text(lines + '{"query_id": "nobody", "image_id": "castle_000011", "rank": 1}\n', encoding="utf-8")
    done = browse("--submission", path)
    assert done.code == 0
    assert (
        "(query nobody, image castle_000011) is rejected: unknown_query: query: no query 'nobody' in mini" in done.err
    )
    assert "mean IoU 100%" in (tmp_path / "mini.html").read_text(encoding="utf-8")


def test_the_authors_layout_is_drawn_too(browse, mini_folder, tmp_path):
    done = browse("--submission", mini_folder / "results", "--method", "oracle", "--ranking", "oracle")
    assert (done.code, done.err) == (0, "")
    assert "mean IoU 9" in (tmp_path / "mini.html").read_text(encoding="utf-8")


def test_tables_without_images_are_shown_and_said_to_be_so(browse, plain_tables):
    done = browse(data=plain_tables)
    assert done.code == 0
    assert done.err.startswith("mini: the tables hold no images, so that labels are drawn on empty canvases; ")
    assert done.err.endswith("to have them, run pixret prepare without --annotations-only\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "sheet.pdf"], "sheet.pdf ends neither in .html nor in .png"),
        (["--out", "two.png", "--query", "1"], "a .png holds one query; give one --query"),
        (["--query", "castle"], "pixret: mini has no query 'castle'; "),
        (["--limit", "0"], "--limit"),
        (["--submission", "nowhere.jsonl"], "pixret: nowhere.jsonl: no such file or folder"),
        (["--benchmark", "proxford"], "holds no proxford, only mini; make it with pixret prepare proxford"),
    ],
)
def test_wrong_input_ends_with_2_and_writes_nothing(browse, tmp_path, arguments, message):
    done = browse(*arguments)
    assert (done.code, done.out) == (2, "")
    assert message in " ".join(done.err.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(browse, tmp_path):
    (tmp_path / "file").touch()
    done = browse("--out", "file/page.html")
    assert (done.code, done.out) == (2, "")
    assert "file" in done.err
    assert "Traceback" not in done.err
