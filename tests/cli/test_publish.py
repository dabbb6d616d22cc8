"""``pixret publish``: what it writes, what it says, and what it never says."""

import shutil

import pytest
import yaml
from hub import Repository
from huggingface_hub import DatasetCard, ModelCard, parse_eval_result_entries

# huggingface_hub 2.4 uploads in a way that its HTTP client advises against.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

DATASET = ("--dataset", "someone/pixels")


@pytest.fixture
def clone(tmp_path):
    folder = tmp_path / "finder"
    folder.mkdir()
    (folder / "README.md").write_text("---\nlicense: mit\n---\n\n# Finder\n")
    return folder


@pytest.fixture
def report(reports, tmp_path):
    return shutil.copy(reports / "good.json", tmp_path / "report.json")


def test_a_clone_is_written_and_then_left_alone(pixret, report, clone):
    done = pixret("publish", report, *DATASET, "--repo-dir", clone)
    assert (done.code, done.err) == (0, "")
    assert done.out == f".eval_results/mini.yaml, README.md, pixret/mini.json in {clone}\n"
    entries = parse_eval_result_entries(yaml.safe_load((clone / ".eval_results" / "mini.yaml").read_text()))
    values = {entry.task_id: entry.value for entry in entries}
    card = ModelCard.load(clone / "README.md")
    assert (card.data.model_name, card.data.license) == ("finder", "mit")
    told = {f"{each.metric_config}.{each.metric_type}": each.metric_value for each in card.data.eval_results}
    assert told["strict.hard.segmentation.map_50_95"] == values["mini_hard_segmentation"] == 40.2008
    again = pixret("publish", report, *DATASET, "--repo-dir", clone)
    assert again.out == f"{clone} tells this result already; nothing to change\n"


def test_the_tasks_are_those_that_the_dataset_declares(pixret, report, clone, data):
    assert pixret("publish", report, *DATASET, "--repo-dir", clone).code == 0
    declared = yaml.safe_load((data / "eval.yaml").read_text())
    written = parse_eval_result_entries(yaml.safe_load((clone / ".eval_results" / "mini.yaml").read_text()))
    assert [entry.task_id for entry in written] == [task["id"] for task in declared["tasks"]]
    results = ModelCard.load(clone / "README.md").data.eval_results
    configs = {config["config_name"] for config in DatasetCard.load(data / "README.md").data.configs}
    told = {(each.dataset_config, each.dataset_split) for each in results}
    assert told == {(task["config"], task["split"]) for task in declared["tasks"]}
    assert {config for config, _ in told} <= configs
    assert "mAP@50:5:95 in the strict convention of pixret, in percent" in declared["description"]


def test_a_dry_run_shows_the_lines_and_writes_none(pixret, report, clone):
    done = pixret("publish", report, *DATASET, "--repo-dir", clone, "--dry-run", "--no-card", "--notes", "3 scales")
    assert done.code == 0, done.err
    assert "+    task_id: mini_hard_segmentation\n+  value: 40.2008\n+  notes: 3 scales; strict convention" in done.out
    assert "README.md" not in done.out
    assert "\npixret/mini.json: " in done.out
    assert done.out.endswith(f"nothing was changed in {clone}\n")
    assert [path.name for path in clone.iterdir()] == ["README.md"]


def test_a_signature_is_checked_before_anything_is_written(pixret, mini_folder, data, clone, tmp_path):
    for name in ("me", "you"):
        assert pixret("keygen", tmp_path / name).code == 0
    path, submission = tmp_path / "signed.json", mini_folder / "submissions" / "good.jsonl"
    options = "--data", data, "--workers", 1, "--json", path, "--sign", tmp_path / "me"
    assert pixret("score", submission, *options).code == 0
    publish = "publish", path, *DATASET, "--repo-dir", clone
    for key, fault in (((), "name the public key"), (("--key", tmp_path / "you.pub"), "was signed with the key")):
        done = pixret(*publish, *key)
        assert (done.code, fault in done.err) == (2, True)
        assert [each.name for each in clone.iterdir()] == ["README.md"]
    done = pixret(*publish, "--key", tmp_path / "me.pub")
    assert done.out == f".eval_results/mini.yaml, README.md, pixret/mini.json, pixret/mini.json.sig in {clone}\n"
    assert pixret("verify", clone / "pixret" / "mini.json", "--key", tmp_path / "me.pub").code == 0


def test_a_push_links_to_the_report_and_never_says_the_token(hub, pixret, report, data, tmp_path):
    hub.repositories["someone/finder"] = repository = Repository()
    hub.repositories["someone/pixels"] = dataset = Repository()
    dataset.files |= {name: (data / name).read_bytes() for name in ("eval.yaml", "mini/manifest.json")}
    (tmp_path / "token").write_text("hf_secret\n")
    dry = pixret("publish", report, *DATASET, "--push", "someone/finder", "--dry-run")
    assert dry.out.endswith(f"nothing was changed in {hub.endpoint}/someone/finder\n")
    assert repository.files == {}
    done = pixret("publish", report, *DATASET, "--push", "someone/finder", "--token-file", tmp_path / "token")
    assert done.code == 0, done.err
    assert f"pixret/mini.json in {hub.endpoint}/someone/finder/commit/" in done.out
    (entry, *_) = parse_eval_result_entries(yaml.safe_load(repository.files[".eval_results/mini.yaml"]))
    assert entry.source_url == f"{hub.endpoint}/someone/finder/blob/main/pixret/mini.json"
    assert "hf_secret" not in done.out + done.err
    assert "Bearer hf_secret" in hub.tokens
    again = pixret("publish", report, *DATASET, "--push", "someone/finder", "--pull-request")
    assert again.out == f"{hub.endpoint}/someone/finder tells this result already; nothing to change\n"


def test_one_place_must_be_named(pixret, report, clone):
    for places in ((), ("--repo-dir", clone, "--push", "someone/finder")):
        done = pixret("publish", report, *DATASET, *places)
        assert (done.code, "give either --repo-dir, a clone, or --push" in done.err) == (2, True)
    done = pixret("publish", report, *DATASET, "--repo-dir", clone, "--pull-request")
    assert (done.code, "a pull request needs --push" in done.err) == (2, True)


def test_what_cannot_be_published_is_named(pixret, report, tmp_path):
    done = pixret("publish", report, *DATASET, "--repo-dir", tmp_path / "nowhere")
    assert (done.code, "pixret: " in done.err, "is no folder" in done.err) == (2, True, True)
    done = pixret("publish", report, "--dataset", "a/b/c", "--repo-dir", tmp_path)
    assert (done.code, "a/b/c: is no name of a dataset" in done.err) == (2, True)
