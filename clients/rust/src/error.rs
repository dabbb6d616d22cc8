use std::collections::BTreeMap;
use std::error::Error as _;
use std::io;
use std::path::PathBuf;

use thiserror::Error;
use tonic::{Code, Status, TimeoutExpired};
use tonic_types::StatusExt;

/// A call that the server refused, or that did not reach it.
#[derive(Clone, Debug, Error)]
#[error("{}: {message}", code_name(*.code))]
pub struct Error {
    pub code: Code,
    pub message: String,
    /// What is wrong with which field of the request, where the server told so.
    pub fields: BTreeMap<String, String>,
}

/// Why sending ended early: by the server or the connection, or by the source of the items.
#[derive(Debug, Error)]
pub enum SendError<E> {
    #[error(transparent)]
    Call(#[from] Error),
    #[error("{0}")]
    Source(E),
}

/// Why there is no client.
#[derive(Debug, Error)]
pub enum ConnectError {
    #[error("{address} is not the address of a server; give HOST:PORT")]
    Address { address: String },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} holds no certificate in PEM", path.display())]
    Certificate { path: PathBuf },
    #[error("a token consists of visible ASCII characters, and this one does not")]
    Token,
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl Error {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            fields: BTreeMap::new(),
        }
    }

    /// gRPC's own name of the code, as in `FAILED_PRECONDITION`.
    pub fn code_name(&self) -> &'static str {
        code_name(self.code)
    }

    /// Whether the server was not reached or is about to stop: the same call may go through later.
    pub fn is_unavailable(&self) -> bool {
        matches!(self.code, Code::Unavailable | Code::Cancelled) // a server that stops cancels what is left
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        if let Some(error) = local_failure(&status) {
            return error;
        }
        let details = status.get_error_details();
        let violations = details.bad_request().map_or(&[][..], |bad| &bad.field_violations);
        let fields = violations
            .iter()
            .map(|each| (each.field.clone(), each.description.clone()))
            .collect();
        Self {
            code: status.code(),
            message: status.message().into(),
            fields,
        }
    }
}

/// What went wrong on this side, which tonic reports with a source: a deadline, or else a connection that is gone. A
/// stream that the other side reset is neither, unless it says that the stream was never looked at.
fn local_failure(status: &Status) -> Option<Error> {
    let mut cause = status.source()?;
    loop {
        if cause.is::<TimeoutExpired>() {
            return Some(Error::new(
                Code::DeadlineExceeded,
                "the deadline expired before the server answered",
            ));
        }
        if let Some(http) = cause.downcast_ref::<h2::Error>()
            && http.is_reset()
            && http.reason() != Some(h2::Reason::REFUSED_STREAM)
        {
            return None;
        }
        match cause.source() {
            Some(deeper) => cause = deeper,
            None => {
                return Some(Error::new(
                    Code::Unavailable,
                    format!("no connection to the server: {cause}"),
                ));
            }
        }
    }
}

/// gRPC's own name of a code, as in `FAILED_PRECONDITION`.
pub fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
