use std::fs;
use std::path::Path;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};

use crate::client::Client;
use crate::error::ConnectError;
use crate::wire::scoring_service_client::ScoringServiceClient;

const PATIENCE: Duration = Duration::from_secs(60);
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30); // servers of ours allow a ping every 10 s
const KEEPALIVE_PATIENCE: Duration = Duration::from_secs(10);

/// How a client connects.
#[derive(Clone, Debug)]
pub struct Builder {
    address: String,
    token: Option<String>,
    tls: Option<ClientTlsConfig>,
    deadline: Option<Duration>,
    patience: Duration,
}

impl Builder {
    pub(crate) fn new(address: &str) -> Self {
        Self {
            address: address.into(),
            token: None,
            tls: None,
            deadline: None,
            patience: PATIENCE,
        }
    }

    /// Sends a bearer token with every call. Without TLS it travels in plaintext, so keep such a server local.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Sends the bearer token that a file holds.
    pub fn token_file(self, path: impl AsRef<Path>) -> Result<Self, ConnectError> {
        let token = read(path.as_ref())?;
        Ok(self.token(token.trim()))
    }

    /// Connects by TLS, and by mutual TLS where the configuration holds an identity.
    pub fn tls(mut self, config: ClientTlsConfig) -> Self {
        self.tls = Some(config);
        self
    }

    /// Connects by TLS and trusts the certificates in a PEM file.
    pub fn tls_ca_file(self, path: impl AsRef<Path>) -> Result<Self, ConnectError> {
        let path = path.as_ref();
        let text = read(path)?;
        // Nothing else would say so before the first call, which would trust nobody.
        let Some(Ok(_)) = CertificateDer::pem_slice_iter(text.as_bytes()).next() else {
            return Err(ConnectError::Certificate { path: path.into() });
        };
        Ok(self.tls(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(text))))
    }

    /// How long every try of a call may take but those that send items; without end unless it is set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How long a server that has answered may be away before a call gives up that does not send items; a minute unless
    /// it is set. One that never answered is not waited for, since its address is probably wrong.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Makes the client, inside of a tokio runtime. It connects with the first call.
    pub fn build(self) -> Result<Client, ConnectError> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let wrong = |_| ConnectError::Address {
            address: self.address.clone(),
        };
        let mut endpoint = Endpoint::from_shared(format!("{scheme}://{}", self.address))
            .map_err(wrong)?
            .connect_timeout(CONNECT_PATIENCE)
            .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
            .keep_alive_timeout(KEEPALIVE_PATIENCE);
        if let Some(config) = self.tls {
            endpoint = endpoint
                .tls_config(config)
                .map_err(|fault| ConnectError::Tls(fault.to_string()))?;
        }
        let bearer = Bearer::new(self.token.as_deref())?;
        let stub = ScoringServiceClient::with_interceptor(endpoint.connect_lazy(), bearer)
            .max_decoding_message_size(usize::MAX); // a report is as long as it is
        Ok(Client::new(stub, self.deadline, self.patience))
    }
}

fn read(path: &Path) -> Result<String, ConnectError> {
    fs::read_to_string(path).map_err(|source| ConnectError::File {
        path: path.into(),
        source,
    })
}

pub(crate) type Stub = ScoringServiceClient<InterceptedService<Channel, Bearer>>;

/// Puts the token on every call.
#[derive(Clone, Debug)]
pub(crate) struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    fn new(token: Option<&str>) -> Result<Self, ConnectError> {
        let Some(token) = token else { return Ok(Self(None)) };
        let mut value: MetadataValue<Ascii> = format!("Bearer {token}").parse().map_err(|_| ConnectError::Token)?;
        value.set_sensitive(true);
        Ok(Self(Some(value)))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}
