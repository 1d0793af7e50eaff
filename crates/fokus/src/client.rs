//! The connection to the server: channel, bearer token, purpose.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use fokus_proto::v1;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Request, Status};

use crate::failure::{Failure, no_answer};
use crate::flags::{Connection, Purpose};

use v1::audit_service_client::AuditServiceClient;
use v1::family_service_client::FamilyServiceClient;
use v1::journal_service_client::JournalServiceClient;
use v1::operations_service_client::OperationsServiceClient;
use v1::programme_service_client::ProgrammeServiceClient;
use v1::work_service_client::WorkServiceClient;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Until the answer begins; streams may then last.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// A watch that hears nothing asks at this distance whether the server is still there.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
/// A page of entries with long texts; the server sends at most 4 MiB.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// A token is a few hundred bytes; what is larger is another file.
const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// The channel with the token on every call.
pub(crate) type Authenticated = InterceptedService<Channel, Bearer>;

/// A connection to one server, for one purpose.
#[derive(Debug)]
pub(crate) struct Client {
    channel: Authenticated,
    /// The server's address, for messages.
    pub(crate) server: String,
    /// Why the person at the terminal asks.
    pub(crate) purpose: v1::Purpose,
}

impl Client {
    /// Connects. `default` is the purpose when the flags give none.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] for an address that makes no sense, an unreadable token, no server, and
    /// for a token that would leave the machine in clear.
    pub(crate) async fn connect(
        connection: &Connection,
        default: Purpose,
    ) -> Result<Client, Failure> {
        let server = connection.server.clone();
        let endpoint = Endpoint::from_shared(server.clone())
            .map_err(|_| {
                Failure::CouldNotRun(format!("{server} is not an address; want http://HOST:PORT"))
            })?
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL);
        let bearer = match &connection.token_file {
            Some(_) if !is_loopback(endpoint.uri()) => {
                let words = "the token would cross a network in clear; only loopback is served yet";
                return Err(Failure::CouldNotRun(format!("{server}: {words}")));
            }
            Some(file) => Bearer { value: Some(read_token(file).await?) },
            None => Bearer { value: None },
        };
        let channel = endpoint
            .connect()
            .await
            .map_err(|error| Failure::CouldNotRun(no_answer(&server, Some(&error))))?;
        let purpose = connection.purpose.unwrap_or(default).to_wire();
        Ok(Client { channel: InterceptedService::new(channel, bearer), server, purpose })
    }

    /// What went wrong in a call.
    pub(crate) fn failure(&self, status: &Status) -> Failure {
        Failure::of_call(status, &self.server)
    }

    /// The purpose as requests carry it.
    pub(crate) fn purpose(&self) -> i32 {
        self.purpose.into()
    }

    /// The service that takes commands.
    pub(crate) fn journal(&self) -> JournalServiceClient<Authenticated> {
        JournalServiceClient::new(self.channel.clone())
    }

    /// The service that reads families.
    pub(crate) fn families(&self) -> FamilyServiceClient<Authenticated> {
        FamilyServiceClient::new(self.channel.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// The service that reads across families.
    pub(crate) fn work(&self) -> WorkServiceClient<Authenticated> {
        WorkServiceClient::new(self.channel.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// The service of the programme's numbers.
    pub(crate) fn programme(&self) -> ProgrammeServiceClient<Authenticated> {
        ProgrammeServiceClient::new(self.channel.clone())
            .max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// The service that reads history.
    pub(crate) fn audit(&self) -> AuditServiceClient<Authenticated> {
        AuditServiceClient::new(self.channel.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// The service for operators.
    pub(crate) fn operations(&self) -> OperationsServiceClient<Authenticated> {
        OperationsServiceClient::new(self.channel.clone())
    }
}

/// Puts the token on every call.
#[derive(Clone)]
pub(crate) struct Bearer {
    value: Option<MetadataValue<Ascii>>,
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.value.is_some() { "Bearer(…)" } else { "Bearer(none)" })
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.value {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}

async fn read_token(file: &Path) -> Result<MetadataValue<Ascii>, Failure> {
    let refuse = |why: &str| Failure::CouldNotRun(format!("token file {}: {why}", file.display()));
    let length = tokio::fs::metadata(file).await.map_err(|error| refuse(&error.to_string()))?.len();
    if usize::try_from(length).is_ok_and(|length| length > TOKEN_BYTES_MAX) {
        return Err(refuse("too large for a token"));
    }
    let text = tokio::fs::read_to_string(file).await.map_err(|error| refuse(&error.to_string()))?;
    let mut value: MetadataValue<Ascii> =
        format!("Bearer {}", text.trim()).parse().map_err(|_| refuse("not a token"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Whether the address stays on this machine.
fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_gets_a_token_in_clear() {
        #[track_caller]
        fn check(uri: &'static str, loopback: bool) {
            assert_eq!(is_loopback(&Uri::from_static(uri)), loopback, "{uri}");
        }
        check("http://127.0.0.1:7400", true);
        check("http://127.8.8.8:7400", true);
        check("http://[::1]:7400", true);
        check("http://localhost:7400", true);
        check("http://10.0.0.1:7400", false);
        check("http://localhost.example.org:7400", false);
        check("http://[2001:db8::1]:7400", false);
    }

    #[test]
    fn a_token_does_not_show() {
        let bearer = Bearer { value: Some(MetadataValue::from_static("Bearer abc")) };
        assert_eq!(format!("{bearer:?}"), "Bearer(…)");
    }
}
