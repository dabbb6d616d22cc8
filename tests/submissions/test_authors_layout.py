"""The authors' ``results`` folder: a ranking with or without distractors, and point sets of every kind."""

import numpy as np
import pytest
from items import plain

from pixret.metrics import NO_MASK, Unreadable
from pixret.submissions import BenchmarkShape, SubmissionError, open_submission, read_results

SHAPE = BenchmarkShape("mini", 2, 3)
SQUARE = np.array([[1.0, 2.0], [5.0, 2.0], [5.0, 6.0]])


def save_masks(folder, masks, method="ours"):
    path = folder / "pixel-level" / method / "matching_result" / "mini.npy"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.array(masks, object), allow_pickle=True)


def save_ranking(folder, ranking, name="ours"):
    path = folder / "image-level" / name / "mini.npy"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.asarray(ranking))


@pytest.fixture
def results(tmp_path):
    folder = tmp_path / "results"
    save_masks(folder, {"qimlist_0_imlist_1": SQUARE, "qimlist_1_imlist_2": np.zeros((0, 2))})
    save_ranking(folder, [[2, 0], [0, 1], [1, 2]])
    return folder


def test_a_ranking_comes_first_and_then_the_masks(results):
    submission = open_submission(results, SHAPE, method="ours", ranking="ours")
    items = [*map(plain, submission)]
    assert items == [
        ("Ranking", 0, [2, 0, 1]),
        ("Ranking", 1, [0, 1, 2]),
        (0, 1, None, None, ("Polygons", [SQUARE.tolist()])),
        (1, 2, None, None, NO_MASK),
    ]
    assert (submission.count, submission.distractors) == (4, 0)
    assert [*map(plain, submission)] == items


def test_without_a_ranking_there_are_masks_alone(results):
    submission = open_submission(results, SHAPE, method="ours")
    assert (submission.count, submission.distractors) == (2, 0)
    assert [type(item).__name__ for item in submission] == ["Prediction"] * 2


def test_a_ranking_longer_than_the_index_holds_distractors(results):
    save_ranking(results, [[2, 0], [4, 1], [0, 4], [1, 2], [3, 3]], "far")
    submission = open_submission(results, SHAPE, method="ours", ranking="far")
    assert submission.distractors == 2
    assert plain(next(iter(submission))) == ("Ranking", 0, [2, 4, 0, 1, 3])


def test_where_a_folder_holds_several_rankings_one_is_chosen_by_its_file(tmp_path):
    shape = BenchmarkShape("proxford", 2, 3)
    masks = tmp_path / "pixel-level" / "ours" / "matching_result"
    rankings = tmp_path / "image-level" / "ours"
    for folder in (masks, rankings):
        folder.mkdir(parents=True)
    np.save(masks / "proxford.npy", np.array({}, object), allow_pickle=True)
    np.save(rankings / "roxford.npy", np.array([[2, 0], [0, 1], [1, 2]]))
    np.save(rankings / "R1Moxford.npy", np.array([[3, 3], [2, 0], [0, 1], [1, 2]]))
    for ranking, distractors in (("ours", 0), ("ours/roxford.npy", 0), ("ours/R1Moxford.npy", 1)):
        assert open_submission(tmp_path, shape, method="ours", ranking=ranking).distractors == distractors
    with pytest.raises(SubmissionError, match="is no ranking of the benchmark; those are roxford"):
        open_submission(tmp_path, shape, method="ours", ranking="ours/other.npy")


@pytest.mark.parametrize(
    ("points", "region"),
    [
        (SQUARE.astype(np.int64), ("Polygons", [SQUARE.tolist()])),
        (SQUARE.tolist(), ("Polygons", [SQUARE.tolist()])),
        ([(3, 4)], ("Polygons", [[[3.0, 4.0]]])),
        (np.zeros((0, 2)), NO_MASK),
        (np.zeros(0), NO_MASK),
        ([], NO_MASK),
        (np.array([1.0, 2.0]), Unreadable("points must have shape (n, 2), not (2,)")),
        (np.zeros((2, 3)), Unreadable("points must have shape (n, 2), not (2, 3)")),
        (np.zeros((3, 0)), Unreadable("points must have shape (n, 2), not (3, 0)")),
        (np.zeros((1, 2, 2)), Unreadable("points must have shape (n, 2), not (1, 2, 2)")),
        (7.0, Unreadable("points must have shape (n, 2), not ()")),
        (None, Unreadable("points must have shape (n, 2), not ()")),
        ("no points", Unreadable("not points: 'no points'")),
        ([[1, 2], [3]], Unreadable("not points: [[1, 2], [3]]")),
        ({"x": 1}, Unreadable("not points: {'x': 1}")),
    ],
)
def test_a_point_set_becomes_a_region_or_is_refused_alone(results, points, region):
    save_masks(results, {"qimlist_0_imlist_0": points, "qimlist_0_imlist_1": SQUARE})
    first, second = map(plain, open_submission(results, SHAPE, method="ours"))
    assert first == (0, 0, None, None, region)
    assert second[4] == ("Polygons", [SQUARE.tolist()])


def test_unknown_names_are_answered_with_those_that_are_there(results):
    save_masks(results, {}, "theirs")
    with pytest.raises(SubmissionError, match="pixel-level: no 'mine'; --method takes one of: ours, theirs"):
        open_submission(results, SHAPE, method="mine")
    with pytest.raises(SubmissionError, match="image-level: no 'mine'; --ranking takes one of: ours"):
        open_submission(results, SHAPE, method="ours", ranking="mine")
    with pytest.raises(SubmissionError, match=r"no '\.\.'; --method takes one of: ours, theirs"):
        open_submission(results, SHAPE, method="..")


def test_a_folder_that_is_no_results_folder(tmp_path):
    with pytest.raises(SubmissionError, match="pixel-level: no 'ours'; --method takes one of: nothing is there"):
        open_submission(tmp_path, SHAPE, method="ours")


def test_a_benchmark_that_the_authors_have_no_files_for(results):
    with pytest.raises(SubmissionError, match="the authors' layout has no files for cats"):
        read_results(results, BenchmarkShape("cats", 2, 3), "ours", None)


def test_files_that_are_missing_or_broken_are_named(results):
    ranking, masks = results / "image-level/ours/mini.npy", results / "pixel-level/ours/matching_result/mini.npy"

    def fault():
        with pytest.raises(SubmissionError) as caught:
            open_submission(results, SHAPE, method="ours", ranking="ours")
        return str(caught.value)

    save_ranking(results, [[0, 0], [1, 1], [1, 2]])
    assert fault() == f"{ranking}: query 0 ranks image 1 2 times; a ranking holds every image once"
    save_ranking(results, np.zeros((3, 5), int))
    assert fault() == f"{ranking}: has 5 columns, and the benchmark has 2 queries"
    ranking.unlink()
    assert fault() == f"{ranking.parent}: holds none of mini.npy"
    save_ranking(results, [[2, 0], [0, 1], [1, 2]])
    save_masks(results, {"0_1": SQUARE})
    assert "has the key '0_1', which is not of the form qimlist_QUERY_imlist_IMAGE" in fault()
    masks.write_bytes(b"nonsense")
    assert fault().startswith(f"{masks}: ")
    masks.unlink()
    assert fault() == f"{masks}: no such file"
