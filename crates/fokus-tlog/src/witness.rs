//! Asks a witness to cosign a checkpoint (C2SP tlog-witness, `add-checkpoint`).
//!
//! Over plain HTTP: what goes out is public, and what comes back is signed. One connection for each
//! request; a time limit over all of it; an answer of bounded size.

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fokus_app::guard::{Answer, Unasked, Witness};
use fokus_log::Hash;
use fokus_log::note::{KeyKind, VerifierKey};
use http::header::{CONTENT_TYPE, HOST};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a witness may take for all of it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// A few signature lines are less than a kilobyte.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// The most bytes of an answer's head.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// A witness somewhere on the network.
#[derive(Debug, Clone)]
pub struct HttpWitness {
    host: String,
    port: u16,
    /// Before `/add-checkpoint`.
    prefix: String,
    key: VerifierKey,
}

/// The witness is not named as it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WitnessNameError {
    /// Not an address of plain HTTP.
    #[error("a witness is named by its key and submission prefix, such as http://HOST:PORT/PATH")]
    Address,
    /// The key is not one that cosigns.
    #[error("not a verifier key of a witness (C2SP tlog-cosignature, Ed25519)")]
    Key,
}

impl HttpWitness {
    /// The witness with this submission prefix and verifier key.
    ///
    /// # Errors
    ///
    /// [`WitnessNameError`].
    pub fn new(prefix: &str, key: &str) -> Result<HttpWitness, WitnessNameError> {
        let key: VerifierKey = key.parse().map_err(|_| WitnessNameError::Key)?;
        if key.kind != KeyKind::Witness {
            return Err(WitnessNameError::Key);
        }
        let uri: Uri = prefix.parse().map_err(|_| WitnessNameError::Address)?;
        let host = uri.host().filter(|_| uri.scheme_str() == Some("http"));
        let host = host.ok_or(WitnessNameError::Address)?;
        if uri.query().is_some() || uri.authority().is_some_and(|it| it.as_str().contains('@')) {
            return Err(WitnessNameError::Address);
        }
        Ok(HttpWitness {
            // Brackets belong to addresses in URLs alone.
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: uri.port_u16().unwrap_or(80),
            prefix: uri.path().trim_end_matches('/').to_owned(),
            key,
        })
    }

    async fn exchange(&self, body: String) -> Result<(StatusCode, Bytes), Unasked> {
        let unasked = |error: &dyn std::error::Error| Unasked(error.to_string());
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let stream = stream.map_err(|it| unasked(&it))?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD_BYTES_MAX)
            .handshake::<_, Full<Bytes>>(TokioIo::new(stream))
            .await
            .map_err(|it| unasked(&it))?;
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}/add-checkpoint", self.prefix))
            .header(HOST, format!("{host}:{}", self.port))
            .header(CONTENT_TYPE, "text/plain; charset=utf-8")
            .body(Full::new(Bytes::from(body)))
            .map_err(|it| unasked(&it))?;
        let answering = async {
            let response = sender.send_request(request).await.map_err(|it| unasked(&it))?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(|it| Unasked(it.to_string()))?;
            Ok((status, body.to_bytes()))
        };
        tokio::pin!(answering);
        tokio::select! {
            it = &mut answering => it,
            // What came before the connection ended is still there.
            _ended = connection => answering.await,
        }
    }
}

#[async_trait]
impl Witness for HttpWitness {
    fn key(&self) -> &VerifierKey {
        &self.key
    }

    async fn add_checkpoint(
        &self,
        old_size: u64,
        proof: &[Hash],
        note: &str,
    ) -> Result<Answer, Unasked> {
        let exchange = self.exchange(request_body(old_size, proof, note));
        let late = |_| Unasked(format!("no answer within {} s", ANSWER_TIMEOUT.as_secs()));
        let (status, body) = timeout(ANSWER_TIMEOUT, exchange).await.map_err(late)??;
        let text = || String::from_utf8(body.to_vec()).ok();
        match status {
            StatusCode::OK => text()
                .map(Answer::Cosigned)
                .ok_or_else(|| Unasked("the answer is no text".to_owned())),
            StatusCode::CONFLICT => Ok(Answer::Conflict(text().as_deref().and_then(size))),
            StatusCode::UNPROCESSABLE_ENTITY => Ok(Answer::Inconsistent),
            StatusCode::NOT_FOUND => Err(Unasked("it does not know the log (404)".to_owned())),
            StatusCode::FORBIDDEN => {
                Err(Unasked("it does not trust the log's key (403)".to_owned()))
            }
            other => Err(Unasked(format!("it answered {}", other.as_u16()))),
        }
    }
}

fn request_body(old_size: u64, proof: &[Hash], note: &str) -> String {
    let mut body = format!("old {old_size}\n");
    for hash in proof {
        body.push_str(&BASE64.encode(hash));
        body.push('\n');
    }
    body.push('\n');
    body.push_str(note);
    body
}

/// A tree size as witnesses write it: decimal, no leading zeroes, a line end.
fn size(text: &str) -> Option<u64> {
    let digits = text.strip_suffix('\n')?;
    digits.parse().ok().filter(|it: &u64| it.to_string() == digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kind: KeyKind) -> String {
        VerifierKey { name: "witness.test/w".to_owned(), kind, public_key: [7; 32] }.to_string()
    }

    #[test]
    fn a_witness_is_an_address_of_plain_http_and_a_key_that_cosigns() {
        #[track_caller]
        fn check(prefix: &str, place: Option<(&str, u16, &str)>) {
            let found = HttpWitness::new(prefix, &key(KeyKind::Witness));
            let found = found.as_ref().map(|it| (it.host.as_str(), it.port, it.prefix.as_str()));
            assert_eq!(found.ok(), place, "{prefix}");
        }
        check("http://127.0.0.1:7500", Some(("127.0.0.1", 7500, "")));
        check("http://witness.test/a/b/", Some(("witness.test", 80, "/a/b")));
        check("http://[::1]:8080/", Some(("::1", 8080, "")));
        check("https://witness.test/", None);
        check("http://user:word@witness.test/", None);
        check("http://witness.test/?a=b", None);
        check("/add-checkpoint", None);
        check("witness.test", None);
        check("", None);
        let of_a_log = HttpWitness::new("http://127.0.0.1:1", &key(KeyKind::Log));
        assert_eq!(of_a_log.unwrap_err(), WitnessNameError::Key);
        assert_eq!(HttpWitness::new("http://[::1", "x").unwrap_err(), WitnessNameError::Key);
    }

    #[test]
    fn a_request_is_written_as_the_specification_shows() {
        let note = "log.test\n5\nAAAA\n\n— log.test AAAA\n";
        assert_eq!(request_body(0, &[], note), format!("old 0\n\n{note}"));
        let hash = format!("{}=", "A".repeat(43));
        assert_eq!(request_body(3, &[[0; 32]], note), format!("old 3\n{hash}\n\n{note}"));
    }

    #[test]
    fn a_size_has_one_spelling() {
        for (text, found) in [
            ("600\n", Some(600)),
            ("0\n", Some(0)),
            ("600", None),
            ("0600\n", None),
            ("+6\n", None),
            ("\n", None),
            ("99999999999999999999\n", None),
        ] {
            assert_eq!(size(text), found, "{text:?}");
        }
    }
}
