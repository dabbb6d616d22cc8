//! Reads submissions in pixret's JSON Lines form: one object a line, a prediction each.

use std::fmt::Display;
use std::io;

use futures_util::stream::{self, Stream};
use serde::Deserialize;
use serde::de::IgnoredAny;
use thiserror::Error;
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use crate::item::{Item, Order, Prediction, Ref, Region};
use crate::mask::Rle;

/// Why a submission cannot be read on.
#[derive(Debug, Error)]
pub enum SubmissionError {
    #[error("line {number}: {fault}")]
    Line { number: u64, fault: RowError },
    #[error(transparent)]
    Read(#[from] io::Error),
}

/// Why a line is no prediction.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct RowError(String);

/// The predictions of a submission, until one is none.
pub fn read(source: impl AsyncBufRead + Unpin) -> impl Stream<Item = Result<Item, SubmissionError>> {
    read_lines(source, |line| parse(line).map(Into::into))
}

/// What `parse` makes of the lines that are not empty.
pub fn read_lines<T>(
    source: impl AsyncBufRead + Unpin,
    parse: impl Fn(&[u8]) -> Result<T, RowError>,
) -> impl Stream<Item = Result<T, SubmissionError>> {
    let begin = (source, parse, Vec::new(), 0);
    stream::try_unfold(begin, async |(mut source, parse, mut line, mut number)| {
        loop {
            line.clear();
            number += 1;
            if source.read_until(b'\n', &mut line).await? == 0 {
                return Ok(None);
            }
            let text = if number == 1 {
                line.strip_prefix("\u{feff}".as_bytes())
            } else {
                None
            };
            let text = text.unwrap_or(&line).trim_ascii();
            if !text.is_empty() {
                let parsed = parse(text).map_err(|fault| SubmissionError::Line { number, fault })?;
                return Ok(Some((parsed, (source, parse, line, number))));
            }
        }
    })
}

/// The prediction that a line holds.
pub fn parse(line: &[u8]) -> Result<Prediction, RowError> {
    if !line.starts_with(b"{") {
        return Err(refuse("a row is a JSON object, which begins with a brace"));
    }
    let mut json = serde_json::Deserializer::from_slice(line);
    let row: Row = serde_path_to_error::deserialize(&mut json).map_err(|error| describe(&error))?;
    json.end()
        .map_err(|_| refuse("something stands behind the object; write one row a line"))?;
    row.prediction()
}

/// A line. The first of `segmentation`, `polygons` and `bbox` that is there says where the object is; none of them finds
/// nothing. A misspelt column is refused, since it would silently mean that.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    query_id: Option<String>,
    query_index: Option<u32>,
    image_id: Option<String>,
    image_index: Option<u32>,
    score: Option<f64>,
    rank: Option<u32>,
    segmentation: Option<CocoMask>,
    polygons: Option<Vec<Vec<f64>>>,
    bbox: Option<Vec<f64>>,
    /// Like `area` taken and not used, so that a table of ground truth pairs is a submission too.
    #[serde(rename = "level")]
    _level: Option<IgnoredAny>,
    #[serde(rename = "area")]
    _area: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CocoMask {
    size: Vec<i64>,
    counts: Counts,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "counts are neither a string nor a list of run lengths")]
enum Counts {
    Text(String),
    Runs(Vec<i64>),
}

impl Row {
    fn prediction(self) -> Result<Prediction, RowError> {
        let order = match (self.score, self.rank) {
            (Some(score), Some(rank)) => {
                return Err(refuse(format!(
                    "score {score} and rank {rank} are both given; give one"
                )));
            }
            (score, rank) => score.map(Order::Score).or(rank.map(Order::Rank)),
        };
        Ok(Prediction {
            query: named("query", self.query_id, self.query_index)?,
            image: named("image", self.image_id, self.image_index)?,
            order,
            region: Some(region(self.segmentation, self.polygons, self.bbox)),
        })
    }
}

fn named(what: &str, id: Option<String>, index: Option<u32>) -> Result<Ref, RowError> {
    let missing = || refuse(format!("neither {what}_id nor {what}_index is given"));
    id.map(Ref::Id).or(index.map(Ref::Index)).ok_or_else(missing)
}

fn region(segmentation: Option<CocoMask>, polygons: Option<Vec<Vec<f64>>>, bbox: Option<Vec<f64>>) -> Region {
    match (segmentation, polygons, bbox.as_deref()) {
        (Some(mask), ..) => mask.region(),
        (_, Some(polygons), _) => Region::Polygons(polygons),
        (.., Some(&[x, y, width, height])) => Region::Box { x, y, width, height },
        (.., Some(numbers)) => Region::Unreadable(format!("bbox {numbers:?} is not [x, y, width, height]")),
        (None, None, None) => Region::NoMask,
    }
}

impl CocoMask {
    /// The mask as the wire carries it. What it cannot carry is sent as unreadable, for the server to refuse by name.
    fn region(self) -> Region {
        let side = |side: i64| u32::try_from(side).ok();
        let sides = match self.size[..] {
            [height, width] => side(height).zip(side(width)),
            _ => None,
        };
        let Some((height, width)) = sides else {
            return Region::Unreadable(format!("size {:?} is not [height, width]", self.size));
        };
        match self.counts {
            Counts::Text(text) => Region::Rle(Rle {
                height,
                width,
                counts: text.into(),
            }),
            Counts::Runs(runs) => match runs
                .into_iter()
                .map(|run| u32::try_from(run).map_err(|_| run))
                .collect()
            {
                Ok(counts) => Region::Runs { height, width, counts },
                Err(run) => Region::Unreadable(format!("run {run} is no length")),
            },
        }
    }
}

fn refuse(fault: impl Display) -> RowError {
    RowError(fault.to_string())
}

/// Says which column is at fault and leaves out where in its line, which is told by serde as the first line's column.
fn describe(error: &serde_path_to_error::Error<serde_json::Error>) -> RowError {
    let (fault, path) = (error.inner().to_string(), error.path().to_string());
    let place = format!(" at line {} column {}", error.inner().line(), error.inner().column());
    let fault = fault.strip_suffix(&place).unwrap_or(&fault);
    if path == "." || path == "?" {
        refuse(fault)
    } else {
        refuse(format!("{path}: {fault}"))
    }
}
