//! What the transport refuses, and how.

use fokus_core::codes::Purpose;
use fokus_grpc::limits::REQUEST_BYTES_MAX;
use fokus_proto::v1;
use prost::bytes::{Buf, BufMut};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Request, Status};

use crate::harness::*;

/// Sends bytes as they are.
#[derive(Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buf: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buf.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buf: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let bytes = buf.copy_to_bytes(buf.remaining());
        Ok(Some(bytes.to_vec()))
    }
}

/// Sends bytes to a method, with a good token.
async fn send(server: &Server, path: &'static str, bytes: Vec<u8>) -> Result<Vec<u8>, Status> {
    let mut client = Grpc::new(server.connect().await);
    client.ready().await.unwrap();
    let mut request = Request::new(bytes);
    let token = token(&claims("worker-1", "CASEWORKER", Purpose::Casework));
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    let path = http::uri::PathAndQuery::from_static(path);
    client.unary(request, path, Raw).await.map(tonic::Response::into_inner)
}

const EXECUTE: &str = "/fokus.v1.JournalService/Execute";

#[tokio::test]
async fn a_message_that_is_too_long_is_refused() {
    let server = Server::start().await;
    let status = send(&server, EXECUTE, vec![0; REQUEST_BYTES_MAX + 1]).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status:?}");
    server.stop().await;
}

#[tokio::test]
async fn bytes_that_are_no_message_are_refused() {
    let server = Server::start().await;
    // A field of bytes that says that it is longer than the message.
    let short = vec![0x0a, 0x7f, 0x00];
    // A group in a group in a group … of a field that nobody knows.
    let deep = [0xc3, 0x3e].repeat(10_000);
    // A text that is no UTF-8.
    let latin = vec![0x0a, 0x02, 0xe6, 0xf8];
    for (why, bytes) in [("short", short), ("deep", deep), ("latin", latin)] {
        let status = send(&server, EXECUTE, bytes).await.unwrap_err();
        assert_eq!(status.code(), Code::Internal, "{why}: {status:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_method_that_is_not_there_needs_a_token_too() {
    let server = Server::start().await;
    for path in ["/fokus.v1.JournalService/Erase", "/fokus.v1.Nonsense/Execute"] {
        let status = send(&server, path, Vec::new()).await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented, "{path}: {status:?}");
    }
    let mut stranger = Grpc::new(server.connect().await);
    stranger.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/fokus.v1.JournalService/Erase");
    let status = stranger.unary(Request::new(Vec::new()), path, Raw).await.unwrap_err();
    check(&status, Code::Unauthenticated, "TOKEN_INVALID");
    server.stop().await;
}

#[tokio::test]
async fn an_answer_to_bytes_that_are_a_message_is_one() {
    let server = Server::start().await;
    let request = prost::Message::encode_to_vec(&request(1, register_person(100)));
    let answer = send(&server, EXECUTE, request).await.unwrap();
    let answer: v1::ExecuteResponse = prost::Message::decode(&*answer).unwrap();
    assert_eq!(answer.position, 1);
    server.stop().await;
}

#[tokio::test]
async fn pages_of_long_texts_are_shorter_than_asked_for() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    let family = worker.family(1).await;
    for number in 0..40 {
        worker.execute(10_000 + number, long_note(family, 20_000 + number)).await;
    }
    let mut asked = v1::GetTimelineRequest {
        family_id: family.to_string(),
        purpose: v1::Purpose::Casework.into(),
        page_size: 1_000,
        min_position: 42,
        ..Default::default()
    };
    let (mut entries, mut pages) = (0, 0);
    loop {
        let page = worker.family.get_timeline(asked.clone()).await.unwrap().into_inner();
        (entries, pages) = (entries + page.entries.len(), pages + 1);
        if page.next_page_token.is_empty() {
            break;
        }
        asked.page_token = page.next_page_token;
    }
    assert_eq!(entries, 41, "the family and its notes");
    assert!(pages > 1);
    server.stop().await;
}
