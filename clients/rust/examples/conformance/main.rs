//! The driver of this client: it does one job and says how it went. `tests/conformance/README.md` in the repository says
//! what a driver does.

mod items;
mod outcome;

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use pixret::{
    Builder, Certificate, Client, ClientTlsConfig, Event, Identity, Progress, SendError, SendOptions, SessionOptions,
    Totals,
};
use serde::Deserialize;

use outcome::{Calls, Outcome, plain};
use pixret::submission::SubmissionError;

#[derive(Deserialize)]
struct Job {
    server: String,
    benchmark: String,
    token: Option<String>,
    tls: Option<Tls>,
    #[serde(default)]
    session: Option<String>,
    distractors: u32,
    items: String,
    transport: String,
    batch_items: usize,
    #[serde(default)]
    linger: Option<f64>,
    snapshot_interval: Option<f64>,
    claim: Option<u64>,
    patience: Option<f64>,
    calls: bool,
}

/// Paths of PEM files.
#[derive(Deserialize)]
struct Tls {
    ca: String,
    certificate: Option<String>,
    key: Option<String>,
}

impl Tls {
    fn apply(&self, builder: Builder) -> Result<Builder> {
        let (Some(certificate), Some(key)) = (&self.certificate, &self.key) else {
            return Ok(builder.tls_ca_file(&self.ca)?);
        };
        let own = Identity::from_pem(fs::read(certificate)?, fs::read(key)?);
        let trusted = Certificate::from_pem(fs::read(&self.ca)?);
        Ok(builder.tls(ClientTlsConfig::new().ca_certificate(trusted).identity(own)))
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let path = std::env::args().nth(1).context("give the path of a job")?;
    let job: Job = serde_json::from_slice(&fs::read(path)?)?;
    let mut builder = Client::builder(&job.server);
    if let Some(token) = &job.token {
        builder = builder.token(token);
    }
    if let Some(tls) = &job.tls {
        builder = tls.apply(builder)?;
    }
    if let Some(patience) = job.patience {
        builder = builder.patience(Duration::from_secs_f64(patience));
    }
    let client = builder.build()?;
    let mut outcome = Outcome::default();
    match run(&client, &job, &mut outcome).await {
        Ok(()) => {}
        Err(SendError::Call(error)) => outcome.error = Some(error.into()),
        Err(SendError::Source(error)) => return Err(error.into()),
    }
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}

async fn run(client: &Client, job: &Job, outcome: &mut Outcome) -> Result<(), SendError<SubmissionError>> {
    if job.calls {
        client.benchmarks().await?;
    }
    let session = match &job.session {
        Some(name) => name.clone(),
        None => {
            let options = SessionOptions {
                distractors: job.distractors,
                ..Default::default()
            };
            client.create_session(&job.benchmark, options).await?.name
        }
    };
    let progress = send(client, job, &session, outcome).await?;
    outcome.received = progress.committed;
    if job.calls {
        outcome.calls = Some(Calls::make(client, &session).await?);
    }
    let sent = progress.totals();
    let totals = job.claim.map_or(sent, |items| Totals { items, ..sent });
    let report = client.finalize(&session, totals).await?;
    outcome.report = Some(String::from_utf8(report.json).expect("a report is UTF-8"));
    if let Some(calls) = &mut outcome.calls {
        calls.delete(client, &session).await?;
    }
    Ok(())
}

async fn send(
    client: &Client,
    job: &Job,
    session: &str,
    outcome: &mut Outcome,
) -> Result<Progress, SendError<SubmissionError>> {
    let mut options = SendOptions {
        batch_items: job.batch_items,
        snapshot_interval: job.snapshot_interval.map(Duration::from_secs_f64),
        ..Default::default()
    };
    if let Some(linger) = job.linger {
        options.linger = Duration::from_secs_f64(linger);
    }
    if let Some(patience) = job.patience {
        options.patience = Duration::from_secs_f64(patience);
    }
    let source = items::open(&job.items)
        .await
        .map_err(|error| SendError::Source(error.into()))?;
    let items = items::read(source);
    let on_event = |event| match event {
        Event::Snapshot(snapshot) => outcome.snapshots.push(snapshot.offset),
        Event::Rejection(rejection) => outcome.rejections.push(plain(rejection)),
    };
    match job.transport.as_str() {
        "unary" => client.append(session, items, &options, on_event).await,
        _ => client.send(session, items, &options, on_event).await,
    }
}
