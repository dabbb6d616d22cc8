//! Streams a submission in JSON Lines to a scoring server and prints the report.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use pixret::{Client, Event, Report, SendOptions, SessionOptions, submission};
use tokio::fs::File;
use tokio::io::BufReader;

#[derive(Parser)]
#[command(about = "Stream a submission in JSON Lines to a scoring server and print the report")]
struct Arguments {
    /// HOST:PORT of the scoring server
    #[arg(long, default_value = "127.0.0.1:50051")]
    server: String,
    /// Benchmark to score against
    #[arg(long, default_value = "mini")]
    benchmark: String,
    /// File that holds a bearer token
    #[arg(long)]
    token_file: Option<PathBuf>,
    /// Connect by TLS, and trust the certificates in this PEM file
    #[arg(long)]
    tls_ca: Option<PathBuf>,
    submission: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    if let Err(error) = run(&Arguments::parse()).await {
        eprintln!("pixret-score: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run(arguments: &Arguments) -> Result<()> {
    let mut builder = Client::builder(&arguments.server);
    if let Some(path) = &arguments.token_file {
        builder = builder.token_file(path)?;
    }
    if let Some(path) = &arguments.tls_ca {
        builder = builder.tls_ca_file(path)?;
    }
    let report = score(&builder.build()?, &arguments.benchmark, &arguments.submission).await?;
    io::stdout().write_all(&report.json)?;
    Ok(())
}

async fn score(client: &Client, benchmark: &str, path: &Path) -> Result<Report> {
    let file = File::open(path).await.with_context(|| path.display().to_string())?;
    let session = client.create_session(benchmark, SessionOptions::default()).await?;
    let items = submission::read(BufReader::new(file));
    let options = SendOptions {
        snapshot_interval: Some(Duration::from_secs(1)),
        ..Default::default()
    };
    let sent = client.send(&session.name, items, &options, show).await;
    let progress = sent.with_context(|| path.display().to_string())?;
    Ok(client.finalize(&session.name, progress.totals()).await?)
}

fn show(event: Event) {
    match event {
        Event::Snapshot(snapshot) => {
            let Some(medium) = snapshot.protocols.get("medium") else {
                return;
            };
            let numbers = &medium.strict.segmentation;
            if let (Some(miou), Some(map)) = (numbers.miou, numbers.map_50_95) {
                eprintln!(
                    "{} items: medium mIoU {:.2}, mAP {:.2}",
                    snapshot.offset,
                    100.0 * miou,
                    100.0 * map
                );
            }
        }
        Event::Rejection(refused) => {
            eprintln!(
                "rejected: item {}, {}: {}",
                refused.offset, refused.reason, refused.message
            );
        }
    }
}
