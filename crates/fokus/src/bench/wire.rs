//! Calls whose messages are bytes already: the client must not be what is measured.
//!
//! A connection is a `tonic` channel as any client of ours has one; only the encoding of messages is left
//! out. Deliberately absent: what the bytes say.

use prost::bytes::{Buf as _, BufMut as _, Bytes};
use prost::encoding::{DecodeContext, decode_key, skip_field};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder, Streaming};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use super::failed;
use crate::failure::Failure;

/// A client that leaves a call's bytes alone.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    grpc: Grpc<Channel>,
    bearer: Option<MetadataValue<Ascii>>,
}

/// The path of a method.
pub(super) type Path = http::uri::PathAndQuery;

/// The path of a method, from its text.
pub(super) fn path(text: &'static str) -> Path {
    Path::from_static(text)
}

/// Opens so many connections.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] when the server does not answer.
pub(super) async fn connect(url: &str, count: usize) -> Result<Vec<Channel>, Failure> {
    let endpoint = Endpoint::from_shared(url.to_owned()).map_err(|it| failed(&it))?;
    let mut channels = Vec::with_capacity(count);
    for _ in 0..count {
        channels.push(endpoint.connect().await.map_err(|it| failed(&it))?);
    }
    Ok(channels)
}

/// A token as it stands in a call.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] when it cannot.
pub(super) fn bearer(token: &str) -> Result<MetadataValue<Ascii>, Failure> {
    // Not marked sensitive: most clients let HTTP/2 remember it for a connection.
    format!("Bearer {token}").parse().map_err(|it| failed(&it))
}

impl Caller {
    /// A caller on a connection, with a token or without.
    pub(super) fn new(channel: Channel, bearer: Option<MetadataValue<Ascii>>) -> Caller {
        Caller { grpc: Grpc::new(channel), bearer }
    }

    fn request(&self, message: Bytes) -> Request<Bytes> {
        let mut request = Request::new(message);
        if let Some(bearer) = &self.bearer {
            request.metadata_mut().insert("authorization", bearer.clone());
        }
        request
    }

    /// One message, one answer.
    pub(super) async fn unary(&mut self, path: &Path, message: Bytes) -> Result<Bytes, Status> {
        let request = self.request(message);
        self.grpc.ready().await.map_err(|it| Status::from_error(Box::new(it)))?;
        Ok(self.grpc.unary(request, path.clone(), AsBytes).await?.into_inner())
    }

    /// One message, many answers.
    pub(super) async fn streaming(
        &mut self,
        path: &Path,
        message: Bytes,
    ) -> Result<Streaming<Bytes>, Status> {
        let request = self.request(message);
        self.grpc.ready().await.map_err(|it| Status::from_error(Box::new(it)))?;
        Ok(self.grpc.server_streaming(request, path.clone(), AsBytes).await?.into_inner())
    }
}

/// How many entries a repeated field of messages or bytes has, without decoding them.
pub(super) fn entries(mut message: Bytes, field: u32) -> u64 {
    let mut count = 0;
    while message.has_remaining() {
        let Ok((tag, kind)) = decode_key(&mut message) else { break };
        if skip_field(kind, tag, &mut message, DecodeContext::default()).is_err() {
            break;
        }
        count += u64::from(tag == field);
    }
    count
}

/// Messages as the bytes that they are.
#[derive(Debug, Clone, Copy)]
struct AsBytes;

impl Codec for AsBytes {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = AsBytes;
    type Decoder = AsBytes;

    fn encoder(&mut self) -> AsBytes {
        AsBytes
    }

    fn decoder(&mut self) -> AsBytes {
        AsBytes
    }
}

impl Encoder for AsBytes {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put(item);
        Ok(())
    }
}

impl Decoder for AsBytes {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}

#[cfg(test)]
mod tests {
    use fokus_proto::v1;
    use prost::Message as _;

    use super::*;

    #[test]
    fn entries_are_counted_without_decoding_them() {
        let leaves = vec![vec![1; 300], Vec::new(), vec![2; 3]];
        let batch = v1::LeafBatch { first_position: 7, leaves, as_of_position: 9 };
        assert_eq!(entries(batch.encode_to_vec().into(), 2), 3);
        assert_eq!(entries(batch.encode_to_vec().into(), 9), 0);
        assert_eq!(entries(Bytes::from_static(b"\xff"), 2), 0);
    }
}
