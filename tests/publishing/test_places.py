"""Results in a clone on this machine, and in a repository of a stand-in for the Hub."""

import dataclasses

import pytest
from hub import Repository
from refusing import files_ending_at

from pixret.publishing import Dataset, FolderModel, HubModel, PublishError
from pixret.repository import RepositoryError

# huggingface_hub 2.4 uploads in a way that its HTTP client advises against.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

FILES = [".eval_results/mini.yaml", "README.md", "pixret/mini.json", "pixret/mini.json.sig"]
CARD = b"---\nlicense: mit\n---\n\n# Finder\n"


def found_in(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path):
    """A clone of a model named finder."""
    (tmp_path / "finder").mkdir()
    return tmp_path / "finder"


@pytest.fixture
def remote(hub):
    """A model on the Hub with a card."""
    hub.repositories["someone/finder"] = repository = Repository()
    repository.files["README.md"] = CARD
    return repository


def test_a_clone_gets_entries_card_report_and_signature(full_publication, folder):
    model = FolderModel(folder)
    assert model.name == "finder"
    changes = model.changes(full_publication)
    assert list(changes) == FILES
    assert model.write(changes) == str(folder)
    assert found_in(folder) == changes
    result = full_publication.result
    assert (changes[FILES[2]], changes[FILES[3]]) == (result.content, result.signature)
    assert model.changes(full_publication) == {}


def test_without_a_card_the_card_stays(publication, folder):
    (folder / "README.md").write_bytes(b"\xff no card")
    changes = FolderModel(folder).changes(dataclasses.replace(publication, has_card=False))
    assert list(changes) == [FILES[0], FILES[2]]


def test_a_signature_of_an_earlier_report_goes(full_publication, publication, folder):
    model = FolderModel(folder)
    model.write(model.changes(full_publication))
    later = model.changes(publication)
    assert later["pixret/mini.json.sig"] is None
    model.write(later)
    assert sorted(found_in(folder)) == FILES[:3]
    assert model.changes(publication) == {}


def test_a_file_that_cannot_be_written_stays_as_it_was_and_nothing_is_left_beside_it(folder):
    (folder / "README.md").write_bytes(CARD)
    with files_ending_at(1000), pytest.raises(OSError, match=r"File too large: .*finder/README\.md'"):
        FolderModel(folder).write({"README.md": CARD * 1000})
    assert found_in(folder) == {"README.md": CARD}


def test_a_clone_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PublishError, match="nowhere: is no folder; give a clone of the model's repository"):
        FolderModel(tmp_path / "nowhere")


def test_a_push_is_one_commit_on_what_the_hub_has(hub, dataset, remote, full_publication, folder):
    model = HubModel.find("someone/finder", token="hf_secret")
    assert (model.name, model.place) == ("finder", f"{hub.endpoint}/someone/finder")
    assert model.file_url("a.json") == f"{hub.endpoint}/someone/finder/blob/main/a.json"
    changes = model.changes(full_publication)
    assert model.write(changes).startswith(f"{hub.endpoint}/someone/finder/commit/")
    assert remote.files == changes
    assert remote.commits == ["Add a result scored by pixret"]
    (folder / "README.md").write_bytes(CARD)
    assert FolderModel(folder).changes(full_publication) == changes
    assert HubModel.find("someone/finder").changes(full_publication) == {}


def test_a_second_push_removes_an_earlier_signature(hub, dataset, remote, full_publication, publication):
    for each in (full_publication, publication):
        model = HubModel.find("someone/finder", token="t")
        model.write(model.changes(each))
    assert sorted(remote.files) == FILES[:3]


def test_a_pull_request_leaves_the_repository(hub, dataset, remote, publication):
    model = HubModel.find("someone/finder", token="t", as_pull_request=True)
    assert model.write(model.changes(publication)) == f"{hub.endpoint}/someone/finder/discussions/1"
    assert remote.files == {"README.md": CARD}
    (lines,) = remote.pull_requests
    assert [line["value"]["path"] for line in lines] == FILES[:3]


def test_a_commit_that_came_in_the_meantime_is_not_overwritten(hub, dataset, remote, publication):
    model = HubModel.find("someone/finder", token="t")
    changes = model.changes(publication)
    remote.head = "2" * 40
    with pytest.raises(RepositoryError, match=r"someone/finder: cannot be pushed: .*A commit has happened since"):
        model.write(changes)
    assert remote.files == {"README.md": CARD}


@pytest.mark.parametrize(
    ("path", "change", "fault"),
    [
        ("eval.yaml", (b"mini_hard_detection", b"mini_hard"), "does not declare mini_hard_detection;"),
        ("eval.yaml", (b"tasks:", b"task:"), r"declares no tasks \(KeyError: 'tasks'\); push it again"),
        ("eval.yaml", (b"tasks:", b"tasks: ["), r"declares no tasks \(.*while parsing"),
        ("mini/manifest.json", (b"0ff", b"0fe"), r"0fe, and the report was scored against sha256:0*ff;"),
        ("mini/manifest.json", (b"{", b"["), r"its mini/manifest\.json is not a manifest: .*; push it"),
    ],
)
def test_a_dataset_without_the_leaderboards_is_named(hub, dataset, remote, publication, path, change, fault):
    dataset.files[path] = dataset.files[path].replace(*change)
    with pytest.raises(PublishError, match=fault):
        HubModel.find("someone/finder", token="t").changes(publication)


def test_a_dataset_that_is_not_there_or_holds_no_benchmark_is_named(hub, dataset, remote, publication):
    model = HubModel.find("someone/finder", token="t")
    with pytest.raises(RepositoryError, match=r"someone/else: cannot be read: .*"):
        model.changes(dataclasses.replace(publication, dataset=Dataset("someone/else")))
    del dataset.files["mini/manifest.json"]
    with pytest.raises(RepositoryError, match=r"someone/pixels: cannot be read: .*mini/manifest\.json"):
        model.changes(publication)


def test_what_the_hub_refuses_is_said(hub, dataset, remote, publication):
    model = HubModel.find("someone/finder", token="t")
    changes = model.changes(publication)
    hub.refusal = "this token may not write"
    with pytest.raises(RepositoryError, match=r"someone/finder: cannot be pushed: .*this token may not write"):
        model.write(changes)
    with pytest.raises(RepositoryError, match=r"someone/finder: cannot be read: .*this token may not write"):
        HubModel.find("someone/finder", token="t")


def test_a_repository_that_is_not_there_or_has_no_name_is_named(hub):
    with pytest.raises(RepositoryError, match=r"someone/else: cannot be read: .*404"):
        HubModel.find("someone/else", token="t")
    with pytest.raises(RepositoryError, match="a/b/c: cannot be read: Repo id must"):
        HubModel.find("a/b/c", token="t")
