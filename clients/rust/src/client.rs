use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::time::Duration;

use futures_util::stream::{self, Stream, TryStreamExt};
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use crate::chain::ChainDigest;
use crate::connect::{Builder, Stub};
use crate::error::{ConnectError, Error};
use crate::patience::Patience;
use crate::records::{Benchmark, Rejection, Session, Snapshot};
use crate::wire;

/// Speaks to one scoring server. Clones share its connection.
#[derive(Clone, Debug)]
pub struct Client {
    stub: Stub,
    deadline: Option<Duration>,
    patience: Duration,
    was_reached: Arc<AtomicBool>,
}

/// What a session may be opened with.
#[derive(Clone, Debug, Default)]
pub struct SessionOptions {
    /// Lets a retry find the session of the first try; a random one is made when it is empty.
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
    pub(crate) fn new(stub: Stub, deadline: Option<Duration>, patience: Duration) -> Self {
        Self {
            stub,
            deadline,
            patience,
            was_reached: Arc::default(),
        }
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

    /// Makes one call, and makes it again while a server that has answered is away: every call may be repeated. A server
    /// that never answered is not waited for, since its address is probably wrong.
    async fn ask<Q, R, F>(&self, message: Q, call: impl Fn(Stub, Request<Q>) -> F) -> Result<R, Error>
    where
        Q: Clone,
        F: Future<Output = Result<Response<R>, Status>>,
    {
        let mut patience = Patience::new(self.patience);
        loop {
            let mut request = Request::new(message.clone());
            if let Some(deadline) = self.deadline {
                request.set_timeout(deadline);
            }
            let answer = call(self.stub(), request).await.map_err(Error::from);
            self.note(&answer);
            match answer {
                Ok(response) => return Ok(response.into_inner()),
                Err(error) if self.was_reached.load(Relaxed) => patience.wait(error).await?,
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes note whether the server is there; who refuses is, too.
    pub(crate) fn note<T>(&self, answer: &Result<T, Error>) {
        let is_silent = |error: &Error| error.is_unavailable() || error.code == Code::DeadlineExceeded;
        if !answer.as_ref().is_err_and(is_silent) {
            self.was_reached.store(true, Relaxed);
        }
    }

    /// All benchmarks of the server, without names.
    pub async fn benchmarks(&self) -> Result<Vec<Benchmark>, Error> {
        let call = |mut stub: Stub, request| async move { stub.list_benchmarks(request).await };
        let response = self.ask(wire::ListBenchmarksRequest {}, call).await?;
        Ok(response.benchmarks.into_iter().map(Into::into).collect())
    }

    /// One benchmark, with the names of its queries and index images.
    pub async fn benchmark(&self, name: &str) -> Result<Benchmark, Error> {
        let view = wire::BenchmarkView::Full.into();
        let name = format!("benchmarks/{name}");
        let call = |mut stub: Stub, request| async move { stub.get_benchmark(request).await };
        let response = self.ask(wire::GetBenchmarkRequest { name, view }, call).await?;
        Ok(response.benchmark.unwrap_or_default().into())
    }

    /// Opens a session, or finds the one that the same `request_id` opened before.
    pub async fn create_session(&self, benchmark: &str, options: SessionOptions) -> Result<Session, Error> {
        let request_id = match options.request_id {
            none if none.is_empty() => Uuid::new_v4().to_string(),
            own => own,
        };
        let request = wire::CreateSessionRequest {
            benchmark: format!("benchmarks/{benchmark}"),
            request_id,
            distractor_count: options.distractors,
            display_name: options.display_name,
        };
        let call = |mut stub: Stub, request| async move { stub.create_session(request).await };
        let response = self.ask(request, call).await?;
        Ok(response.session.unwrap_or_default().into())
    }

    /// The state of a session.
    pub async fn session(&self, name: &str) -> Result<Session, Error> {
        Ok(self.get_session(name).await?.into())
    }

    pub(crate) async fn get_session(&self, name: &str) -> Result<wire::Session, Error> {
        let call = |mut stub: Stub, request| async move { stub.get_session(request).await };
        let response = self.ask(wire::GetSessionRequest { name: name.into() }, call).await?;
        Ok(response.session.unwrap_or_default())
    }

    /// All sessions, oldest first.
    pub fn sessions(&self) -> impl Stream<Item = Result<Session, Error>> {
        pages(|page_token| async {
            let request = wire::ListSessionsRequest {
                page_size: 0,
                page_token,
            };
            let call = |mut stub: Stub, request| async move { stub.list_sessions(request).await };
            let response = self.ask(request, call).await?;
            Ok((response.sessions, response.next_page_token))
        })
    }

    /// Ends a session and forgets what it holds.
    pub async fn delete_session(&self, name: &str) -> Result<(), Error> {
        let tries = AtomicUsize::new(0);
        let call = |mut stub: Stub, request| {
            tries.fetch_add(1, Relaxed);
            async move { stub.delete_session(request).await }
        };
        match self.ask(wire::DeleteSessionRequest { name: name.into() }, call).await {
            // A try before did it, and its answer was lost.
            Err(error) if error.code == Code::NotFound && tries.load(Relaxed) > 1 => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// The metrics of what a session has received.
    pub async fn snapshot(&self, session: &str) -> Result<Snapshot, Error> {
        Ok(self.get_snapshot(session).await?.into())
    }

    pub(crate) async fn get_snapshot(&self, session: &str) -> Result<wire::Snapshot, Error> {
        let request = wire::GetSnapshotRequest {
            session: session.into(),
        };
        let call = |mut stub: Stub, request| async move { stub.get_snapshot(request).await };
        let response = self.ask(request, call).await?;
        Ok(response.snapshot.unwrap_or_default())
    }

    /// The refused items of a session, by offset.
    pub fn rejections(&self, session: &str) -> impl Stream<Item = Result<Rejection, Error>> {
        pages(move |page_token| async move {
            let request = wire::ListRejectionsRequest {
                session: session.into(),
                page_size: 0,
                page_token,
            };
            let call = |mut stub: Stub, request| async move { stub.list_rejections(request).await };
            let response = self.ask(request, call).await?;
            Ok((response.rejections, response.next_page_token))
        })
    }

    /// Closes a session and returns its report; fails when the server has other totals.
    pub async fn finalize(&self, session: &str, totals: Totals) -> Result<Report, Error> {
        let request = wire::FinalizeSessionRequest {
            session: session.into(),
            item_count: totals.items,
            accepted_count: totals.accepted,
            rejected_count: totals.rejected,
            chain_digest: totals
                .chain_digest
                .map_or_else(Vec::new, |digest| digest.as_bytes().into()),
        };
        let call = |mut stub: Stub, request| async move { stub.finalize_session(request).await };
        let response = self.ask(request, call).await?;
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
