//! Plain HTTP by hand, both ways: what a test sends is what stands there, byte for byte.

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::in_time;

/// The most bytes of a body that a test reads.
const BODY_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// One message: its first line, its headers as `name: value` in lower-case names, its body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) first: String,
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|it| it.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The status of an answer.
    pub(crate) fn status(&self) -> u16 {
        let status = self.first.split(' ').nth(1);
        status.and_then(|it| it.parse().ok()).unwrap_or_else(|| panic!("no status: {self:?}"))
    }

    fn length(&self) -> u64 {
        self.header("content-length").map_or(0, |it| it.parse().expect("a length"))
    }
}

/// Reads one message; `None` at the end of the connection. The answer to HEAD has no body.
pub(crate) async fn read(
    stream: &mut BufReader<TcpStream>,
    has_body: bool,
) -> std::io::Result<Option<Message>> {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() && !head.is_empty() {
            break;
        }
        head.push(line);
    }
    let mut head = head.into_iter();
    let first = head.next().unwrap_or_default();
    let headers = head.map(|it| match it.split_once(':') {
        Some((name, value)) => format!("{}: {}", name.to_ascii_lowercase(), value.trim()),
        None => it,
    });
    let mut message = Message { first, headers: headers.collect(), body: Vec::new() };
    if has_body {
        let length = message.length().min(BODY_BYTES_MAX);
        stream.take(length).read_to_end(&mut message.body).await?;
    }
    Ok(Some(message))
}

/// Asks for a page as whoever has the token, on a connection of its own. Of a stream of events, the answer
/// is what comes up to the first event.
pub(crate) async fn ask_as(method: &str, url: &str, token: Option<&str>) -> Message {
    let rest = url.strip_prefix("http://").expect("plain HTTP");
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let bearer = token.map(|it| format!("Authorization: Bearer {it}\r\n")).unwrap_or_default();
    // HTTP/1.0: the body ends with the connection.
    let request = format!("{method} {path} HTTP/1.0\r\nHost: {host}\r\n{bearer}\r\n");
    let asked = async {
        let mut stream = TcpStream::connect(host).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut stream = BufReader::new(stream);
        let mut message = read(&mut stream, false).await?.unwrap_or_default();
        if message.header("content-type") == Some("text/event-stream") {
            let mut line = String::new();
            while !line.ends_with("\n\n") && stream.read_line(&mut line).await? > 0 {}
            message.body = line.into_bytes();
        } else {
            stream.take(BODY_BYTES_MAX).read_to_end(&mut message.body).await?;
        }
        std::io::Result::Ok(message)
    };
    in_time(url, asked).await.expect("an answer")
}

/// Asks for something at an address such as `http://127.0.0.1:7480/a/b`, on a connection of its own.
pub(crate) async fn ask(method: &str, url: &str) -> Message {
    let rest = url.strip_prefix("http://").expect("plain HTTP");
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let asked = async {
        let mut stream = TcpStream::connect(host).await?;
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        read(&mut BufReader::new(stream), method != "HEAD").await
    };
    in_time(url, asked).await.expect("a connection").expect("an answer")
}
