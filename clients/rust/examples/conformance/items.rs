use futures_util::Stream;
use pixret::submission::{self, RowError, SubmissionError};
use pixret::{Item, Ranking, Ref};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::fs::File;
use tokio::io::{self, AsyncBufRead, BufReader};

const BUFFER: usize = 256 << 10;

/// The packed order of a query, a form that submissions do not have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Packed {
    query_id: Option<String>,
    query_index: Option<u32>,
    ranking: Vec<u32>,
}

/// Opens the items of a job, `-` for standard input.
pub async fn open(path: &str) -> io::Result<Box<dyn AsyncBufRead + Unpin + Send>> {
    Ok(match path {
        "-" => Box::new(BufReader::with_capacity(BUFFER, io::stdin())),
        _ => Box::new(BufReader::with_capacity(BUFFER, File::open(path).await?)),
    })
}

/// The items, read by the client's own reader where they are rows of a submission.
pub fn read(source: impl AsyncBufRead + Unpin) -> impl Stream<Item = Result<Item, SubmissionError>> {
    submission::read_lines(source, |line| match submission::parse(line) {
        Ok(prediction) => Ok(prediction.into()),
        Err(fault) => packed(line).or_else(|| unset(line)).ok_or(fault),
    })
}

fn packed(line: &[u8]) -> Option<Item> {
    let Packed {
        query_id,
        query_index,
        ranking,
    } = serde_json::from_slice(line).ok()?;
    let query = query_id.map(Ref::Id).or(query_index.map(Ref::Index))?;
    Some(Ranking { query, images: ranking }.into())
}

/// A row with `"unset": true`, a prediction whose mask is not set at all.
fn unset(line: &[u8]) -> Option<Item> {
    let mut row: Map<String, Value> = serde_json::from_slice(line).ok()?;
    let true = row.remove("unset")?.as_bool()? else {
        return None;
    };
    let rest: Result<_, RowError> = submission::parse(&serde_json::to_vec(&row).ok()?);
    let mut prediction = rest.ok()?;
    prediction.region = None;
    Some(prediction.into())
}
