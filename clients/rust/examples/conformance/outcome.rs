use futures_util::TryStreamExt;
use pixret::{Client, Error, Rejection};
use serde::Serialize;

/// How a job went.
#[derive(Default, Serialize)]
pub struct Outcome {
    pub report: Option<String>,
    pub error: Option<Refusal>,
    pub received: u64,
    pub rejections: Vec<Refused>,
    pub snapshots: Vec<u64>,
    pub calls: Option<Calls>,
}

#[derive(Serialize)]
pub struct Refusal {
    code: &'static str,
    message: String,
}

/// Offset, reason and field of an item that was refused.
type Refused = (u64, String, String);

/// What the other calls gave.
#[derive(Serialize)]
pub struct Calls {
    benchmarks: Vec<(String, u32, u32)>,
    query_ids: Vec<String>,
    image_ids: Vec<String>,
    session: [u64; 3],
    listed: bool,
    metrics: [Option<f64>; 2],
    rejections: Vec<Refused>,
    deleted: Option<&'static str>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self {
            code: error.code_name(),
            message: error.message,
        }
    }
}

pub fn plain(rejection: Rejection) -> Refused {
    (rejection.offset, rejection.reason, rejection.field)
}

impl Calls {
    pub async fn make(client: &Client, session: &str) -> Result<Self, Error> {
        let listed = client.benchmarks().await?;
        let benchmark = client.benchmark(&listed[0].name).await?;
        let state = client.session(session).await?;
        let snapshot = client.snapshot(session).await?;
        let metrics = &snapshot.protocols["medium"].strict.segmentation;
        let sessions: Vec<_> = client.sessions().try_collect().await?;
        let rejections: Vec<_> = client.rejections(session).try_collect().await?;
        Ok(Self {
            benchmarks: listed
                .into_iter()
                .map(|each| (each.name, each.query_count, each.index_size))
                .collect(),
            query_ids: benchmark.query_ids,
            image_ids: benchmark.image_ids,
            session: [state.committed, state.accepted, state.rejected],
            listed: sessions.iter().any(|each| each.name == session),
            metrics: [metrics.miou, metrics.map_50_95],
            rejections: rejections.into_iter().map(plain).collect(),
            deleted: None,
        })
    }

    pub async fn delete(&mut self, client: &Client, session: &str) -> Result<(), Error> {
        client.delete_session(session).await?;
        self.deleted = client.session(session).await.err().map(|error| error.code_name());
        Ok(())
    }
}
