//! A client of pixret's scoring service: stream predicted masks, watch mAP@50:5:95 and mIoU grow, and get the report,
//! to the last bit what scoring locally gives.
//!
//! ```no_run
//! # async fn score(items: impl futures_util::Stream<Item = std::io::Result<pixret::Item>>) -> Result<(), Box<dyn std::error::Error>> {
//! let client = pixret::Client::connect("127.0.0.1:50051")?;
//! let session = client.create_session("mini", Default::default()).await?;
//! let progress = client.send(&session.name, items, &Default::default(), |event| println!("{event:?}")).await?;
//! let report = client.finalize(&session.name, progress.totals()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! The stubs are made from the contract when the crate is built.

mod append;
mod chain;
mod client;
mod connect;
mod conversation;
mod delivery;
mod error;
mod item;
mod mask;
mod patience;
mod records;
mod send;
pub mod submission;
mod window;

mod wire {
    #![allow(clippy::pedantic, reason = "it is generated")]
    tonic::include_proto!("pixret.scoring.v1");
}

pub use chain::ChainDigest;
pub use client::{Client, Report, SessionOptions, Totals};
pub use connect::Builder;
pub use delivery::{Event, Progress};
pub use error::{ConnectError, Error, SendError, code_name};
pub use item::{Item, Order, Prediction, Ranking, Ref, Region};
pub use mask::{MaskError, Rle};
pub use records::{Benchmark, Bounds, ConventionMetrics, ProtocolMetrics, Rejection, Session, Snapshot, TaskMetrics};
pub use send::SendOptions;
pub use tonic::Code;
pub use tonic::transport::{Certificate, ClientTlsConfig, Identity};
