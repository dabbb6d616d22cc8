//! Lines of submissions, good and bad.

use futures_util::{FutureExt, TryStreamExt};
use pixret::submission::{self, SubmissionError};
use pixret::{Item, Order, Prediction, Ref, Region, Rle};

fn read(text: &str) -> Result<Vec<Item>, SubmissionError> {
    submission::read(text.as_bytes())
        .try_collect()
        .now_or_never()
        .expect("bytes in memory are there")
}

fn region(columns: &str) -> Option<Region> {
    let line = format!(r#"{{"query_index": 0, "image_index": 1, {columns}}}"#);
    submission::parse(line.as_bytes()).unwrap().region
}

fn fault(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn a_row_is_a_prediction() {
    let text = "\u{feff}{\"query_id\": \"塔\", \"image_index\": 7, \"score\": 0.30000000000000004}\r\n\n";
    let query = Ref::from("塔");
    let order = Some(Order::Score(0.1 + 0.2));
    let prediction = Prediction {
        query,
        image: Ref::Index(7),
        order,
        region: Some(Region::NoMask),
    };
    assert_eq!(read(text).unwrap(), [prediction.into()]);
}

#[test]
fn the_first_kind_of_mask_counts() {
    let rle = Rle {
        height: 2,
        width: 3,
        counts: b"06".into(),
    };
    assert_eq!(
        region(r#""bbox": [1, 2, 3, 4], "segmentation": {"size": [2, 3], "counts": "06"}"#),
        Some(Region::Rle(rle))
    );
    let runs = Region::Runs {
        height: 2,
        width: 3,
        counts: vec![0, 6],
    };
    assert_eq!(
        region(r#""segmentation": {"size": [2, 3], "counts": [0, 6]}"#),
        Some(runs)
    );
    assert_eq!(
        region(r#""polygons": [[1, 2, 3]], "bbox": [1]"#),
        Some(Region::Polygons(vec![vec![1.0, 2.0, 3.0]]))
    );
    let a_box = Region::Box {
        x: 1.0,
        y: 2.0,
        width: 3.0,
        height: 4.5,
    };
    assert_eq!(
        region(r#""bbox": [1, 2, 3, 4.5], "rank": 3, "level": "easy", "area": null"#),
        Some(a_box)
    );
}

#[test]
fn masks_that_no_message_can_carry_are_sent_as_unreadable() {
    for (columns, detail) in [
        (r#""bbox": [1, 2.5]"#, "bbox [1.0, 2.5] is not [x, y, width, height]"),
        (
            r#""segmentation": {"size": [-1, 3], "counts": "06"}"#,
            "size [-1, 3] is not [height, width]",
        ),
        (
            r#""segmentation": {"size": [3], "counts": "06"}"#,
            "size [3] is not [height, width]",
        ),
        (
            r#""segmentation": {"size": [2, 3], "counts": [7, -1]}"#,
            "run -1 is no length",
        ),
    ] {
        assert_eq!(region(columns), Some(Region::Unreadable(detail.into())));
    }
}

#[test]
fn a_fault_names_the_line_and_the_column() {
    for (row, words) in [
        (r#"{"image_index": 0}"#, "neither query_id nor query_index is given"),
        (
            r#"{"query_index": 0, "image_id": null}"#,
            "neither image_id nor image_index is given",
        ),
        (
            r#"{"query_index": 0, "image_index": 0, "score": 1, "rank": 2}"#,
            "score 1 and rank 2 are both given; give one",
        ),
        (
            r#"{"query_index": -1, "image_index": 0}"#,
            "query_index: invalid value: integer `-1`, expected u32",
        ),
        (
            r#"{"query_index": 0, "segmentation": {"size": [1, 1], "counts": 3}}"#,
            "segmentation.counts: counts are neither a string nor a list of run lengths",
        ),
        (r#"{"query_index": 0"#, "EOF while parsing an object"),
        (
            r#"{"query_index": 0, "image_index": 0} {}"#,
            "something stands behind the object; write one row a line",
        ),
        ("[0, 1]", "a row is a JSON object, which begins with a brace"),
    ] {
        assert_eq!(fault(&format!("\n{row}\n")), format!("line 2: {words}"));
    }
    assert!(
        fault(r#"{"imageindex": 0}"#).starts_with("line 1: imageindex: unknown field `imageindex`, expected one of")
    );
}

#[test]
fn what_comes_before_a_fault_is_given() {
    let mut items = std::pin::pin!(submission::read(
        "{\"query_index\": 0, \"image_index\": 0}\n{}\n".as_bytes()
    ));
    assert!(items.try_next().now_or_never().unwrap().unwrap().is_some());
    assert!(items.try_next().now_or_never().unwrap().is_err());
}
