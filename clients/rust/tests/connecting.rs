//! Servers that are not there, do not answer or cannot be named.

use std::time::Duration;

use futures_util::stream;
use pixret::{Client, ConnectError, Item, Prediction, Ranking, Region, SendError, SendOptions};
use tokio::net::TcpListener;

/// Where nobody listens.
async fn nowhere() -> String {
    TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string()
}

fn items() -> Vec<Result<Item, &'static str>> {
    let prediction = Prediction {
        query: 0.into(),
        image: "a".into(),
        order: None,
        region: Some(Region::NoMask),
    };
    vec![
        Ok(prediction.into()),
        Ok(Ranking {
            query: 0.into(),
            images: vec![0],
        }
        .into()),
    ]
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let client = Client::connect(&nowhere().await).unwrap();
    let error = client.benchmarks().await.unwrap_err();
    assert!(error.is_unavailable());
    assert_eq!(error.code_name(), "UNAVAILABLE");
    assert!(
        error
            .to_string()
            .starts_with("UNAVAILABLE: no connection to the server: Connection refused")
    );
}

#[tokio::test]
async fn a_connection_that_is_cut_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::connect(&listener.local_addr().unwrap().to_string()).unwrap();
    let (called, accepted) = tokio::join!(client.benchmarks(), async { listener.accept().await.map(drop) });
    accepted.unwrap();
    assert!(called.unwrap_err().is_unavailable());
}

#[tokio::test]
async fn a_server_that_does_not_answer_in_time_is_an_error_of_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let client = Client::builder(&address)
        .deadline(Duration::from_millis(50))
        .build()
        .unwrap();
    assert_eq!(client.benchmarks().await.unwrap_err().code_name(), "DEADLINE_EXCEEDED");
}

#[tokio::test]
async fn a_connection_that_breaks_is_taken_up_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::connect(&listener.local_addr().unwrap().to_string()).unwrap();
    let sending = tokio::spawn(async move {
        client
            .send("sessions/a", stream::iter(items()), &SendOptions::default(), |_| ())
            .await
    });
    for _ in 0..3 {
        drop(listener.accept().await.unwrap());
    }
    sending.abort();
    assert!(sending.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn patience_ends() {
    let client = Client::connect(&nowhere().await).unwrap();
    let options = SendOptions {
        patience: Duration::from_millis(200),
        ..Default::default()
    };
    let error = client
        .send("sessions/a", stream::iter(items()), &options, |_| ())
        .await
        .unwrap_err();
    assert!(matches!(error, SendError::Call(error) if error.is_unavailable()));
}

#[tokio::test]
async fn options_that_send_nothing_are_refused() {
    let client = Client::connect(&nowhere().await).unwrap();
    let options = SendOptions {
        batch_items: 0,
        ..Default::default()
    };
    let error = client
        .send("sessions/a", stream::iter(items()), &options, |_| ())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "INVALID_ARGUMENT: batch_items must be at least 1, not 0"
    );
    let options = SendOptions {
        snapshot_interval: Some(Duration::MAX),
        ..Default::default()
    };
    let error = client
        .send("sessions/a", stream::iter(items()), &options, |_| ())
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("INVALID_ARGUMENT: a snapshot interval of")
    );
}

#[tokio::test]
async fn what_no_client_can_be_made_of_is_refused() {
    let refused = |made: Result<Client, ConnectError>| made.unwrap_err().to_string();
    assert_eq!(
        refused(Client::connect("no host")),
        "no host is not the address of a server; give HOST:PORT"
    );
    assert_eq!(
        refused(Client::builder("localhost:1").token("a\nb").build()),
        "a token consists of visible ASCII characters, and this one does not"
    );
    let error = Client::builder("localhost:1").token_file("/nowhere/token").unwrap_err();
    assert_eq!(
        error.to_string(),
        "/nowhere/token: No such file or directory (os error 2)"
    );
}

#[tokio::test]
async fn a_file_without_a_certificate_is_refused() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let error = Client::builder("localhost:1").tls_ca_file(manifest).unwrap_err();
    assert_eq!(error.to_string(), format!("{manifest} holds no certificate in PEM"));
}
