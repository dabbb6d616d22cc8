use std::time::Duration;

use futures_util::stream::{self, Stream, TryStreamExt};
use tonic::Request;

use crate::chain::ChainDigest;
use crate::connect::{Builder, Stub};
use crate::error::{ConnectError, Error};
use crate::records::{Benchmark, Rejection, Session, Snapshot};
use crate::wire;

/// Speaks to one scoring server. Clones share its connection.
#[derive(Clone, Debug)]
pub struct Client {
    stub: Stub,
    deadline: Option<Duration>,
}

/// What a session may be opened with.
#[derive(Clone, Debug, Default)]
pub struct SessionOptions {
    /// Lets a retry find the session of the first try.
    pub request_id: String,
    /// Images that rankings hold beyond the index.
    pub distractors: u32,
    /// Shown in lists.
    pub display_name: String,
}

/// What was sent, for the server to compare with what it has; None is not compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub items: u64,
    pub accepted: Option<u64>,
    pub rejected: Option<u64>,
    pub chain_digest: Option<ChainDigest>,
}

/// A report, and its signature where the server signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// JSON in UTF-8, byte for byte what scoring locally gives.
    pub json: Vec<u8>,
    /// Signature file by the server's own key; empty when it has none.
    pub signature: Vec<u8>,
}

impl Client {
    pub(crate) fn new(stub: Stub, deadline: Option<Duration>) -> Self {
        Self { stub, deadline }
    }

    /// A client of the server at HOST:PORT, without TLS and token.
    pub fn connect(address: &str) -> Result<Self, ConnectError> {
        Self::builder(address).build()
    }

    /// A client that is set up in another way.
    pub fn builder(address: &str) -> Builder {
        Builder::new(address)
    }

    /// A stub for one call.
    pub(crate) fn stub(&self) -> Stub {
        self.stub.clone()
    }

    /// A request that keeps the deadline.
    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(deadline) = self.deadline {
            request.set_timeout(deadline);
        }
        request
    }

    /// All benchmarks of the server, without names.
    pub async fn benchmarks(&self) -> Result<Vec<Benchmark>, Error> {
        let request = self.request(wire::ListBenchmarksRequest {});
        let response = self.stub().list_benchmarks(request).await?.into_inner();
        Ok(response.benchmarks.into_iter().map(Into::into).collect())
    }

    /// One benchmark, with the names of its queries and index images.
    pub async fn benchmark(&self, name: &str) -> Result<Benchmark, Error> {
        let view = wire::BenchmarkView::Full.into();
        let request = self.request(wire::GetBenchmarkRequest {
            name: format!("benchmarks/{name}"),
            view,
        });
        let response = self.stub().get_benchmark(request).await?.into_inner();
        Ok(response.benchmark.unwrap_or_default().into())
    }

    /// Opens a session, or finds the one that the same `request_id` opened before.
    pub async fn create_session(&self, benchmark: &str, options: SessionOptions) -> Result<Session, Error> {
        let request = self.request(wire::CreateSessionRequest {
            benchmark: format!("benchmarks/{benchmark}"),
            request_id: options.request_id,
            distractor_count: options.distractors,
            display_name: options.display_name,
        });
        let response = self.stub().create_session(request).await?.into_inner();
        Ok(response.session.unwrap_or_default().into())
    }

    /// The state of a session.
    pub async fn session(&self, name: &str) -> Result<Session, Error> {
        Ok(self.get_session(name).await?.into())
    }

    pub(crate) async fn get_session(&self, name: &str) -> Result<wire::Session, Error> {
        let request = self.request(wire::GetSessionRequest { name: name.into() });
        let response = self.stub().get_session(request).await?.into_inner();
        Ok(response.session.unwrap_or_default())
    }

    /// All sessions, oldest first.
    pub fn sessions(&self) -> impl Stream<Item = Result<Session, Error>> {
        pages(|page_token| async {
            let request = self.request(wire::ListSessionsRequest {
                page_size: 0,
                page_token,
            });
            let response = self.stub().list_sessions(request).await?.into_inner();
            Ok((response.sessions, response.next_page_token))
        })
    }

    /// Ends a session and forgets what it holds.
    pub async fn delete_session(&self, name: &str) -> Result<(), Error> {
        let request = self.request(wire::DeleteSessionRequest { name: name.into() });
        self.stub().delete_session(request).await?;
        Ok(())
    }

    /// The metrics of what a session has received.
    pub async fn snapshot(&self, session: &str) -> Result<Snapshot, Error> {
        Ok(self.get_snapshot(session).await?.into())
    }

    pub(crate) async fn get_snapshot(&self, session: &str) -> Result<wire::Snapshot, Error> {
        let request = self.request(wire::GetSnapshotRequest {
            session: session.into(),
        });
        let response = self.stub().get_snapshot(request).await?.into_inner();
        Ok(response.snapshot.unwrap_or_default())
    }

    /// The refused items of a session, by offset.
    pub fn rejections(&self, session: &str) -> impl Stream<Item = Result<Rejection, Error>> {
        pages(move |page_token| async move {
            let message = wire::ListRejectionsRequest {
                session: session.into(),
                page_size: 0,
                page_token,
            };
            let response = self.stub().list_rejections(self.request(message)).await?.into_inner();
            Ok((response.rejections, response.next_page_token))
        })
    }

    /// Closes a session and returns its report; fails when the server has other totals.
    pub async fn finalize(&self, session: &str, totals: Totals) -> Result<Report, Error> {
        let request = self.request(wire::FinalizeSessionRequest {
            session: session.into(),
            item_count: totals.items,
            accepted_count: totals.accepted,
            rejected_count: totals.rejected,
            chain_digest: totals
                .chain_digest
                .map_or_else(Vec::new, |digest| digest.as_bytes().into()),
        });
        let response = self.stub().finalize_session(request).await?.into_inner();
        Ok(Report {
            json: response.report_json,
            signature: response.report_signature,
        })
    }
}

/// Everything that the pages of a list hold.
fn pages<M, T, F>(page: impl Fn(String) -> F) -> impl Stream<Item = Result<T, Error>>
where
    T: From<M>,
    F: Future<Output = Result<(Vec<M>, String), Error>>,
{
    stream::try_unfold(Some(String::new()), move |token| {
        let next = token.map(&page);
        async move {
            let Some(next) = next else { return Ok::<_, Error>(None) };
            let (messages, following) = next.await?;
            let records = stream::iter(messages.into_iter().map(|message| Ok(message.into())));
            Ok(Some((records, Some(following).filter(|token| !token.is_empty()))))
        }
    })
    .try_flatten()
}
