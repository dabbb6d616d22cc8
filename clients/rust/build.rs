//! Makes the stubs from the contract of this checkout, with a protobuf compiler that is itself Rust.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    println!("cargo::rerun-if-changed={}", contract.join("pixret").display());
    let described = protox::compile(["pixret/scoring/v1/scoring.proto"], [&contract])?;
    tonic_prost_build::configure()
        .build_server(false)
        .bytes(".pixret.scoring.v1.RleMask.counts") // shared by a message and the window that it may be sent from again
        .compile_fds(described)?;
    Ok(())
}
