//! Every method of every service, asked as everybody, for everything that can be asked for.

use std::collections::BTreeSet;

use fokus_app::session::Role;
use fokus_core::codes::Purpose;
use fokus_proto::FILE_DESCRIPTOR_SET;
use fokus_proto::v1;
use http::uri::PathAndQuery;
use prost::Message as _;
use prost::bytes::{Buf as _, BufMut as _};
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, MethodDescriptor, Value};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use super::strings::{Found, is_by_code};
use super::{PURPOSES, Positions, Stage, purpose_name, sees_families};
use crate::harness::clients::channel;
use crate::harness::in_time;
use crate::harness::place::TENANT;

/// Methods that write: their answers say where events stand, see `canaries`.
const WRITES: [&str; 2] = ["Execute", "ExecuteStream"];
/// The most bytes of one answer.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Bytes as they go over the wire.
#[derive(Debug, Clone, Copy, Default)]
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

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut bytes = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut bytes);
        Ok(Some(bytes))
    }
}

/// Every method that reads.
fn methods() -> Vec<MethodDescriptor> {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("descriptors");
    let services = pool.services().filter(|it| it.package_name() == "fokus.v1");
    let methods = services.flat_map(|it| it.methods().collect::<Vec<_>>());
    let methods: Vec<_> = methods.filter(|it| !WRITES.contains(&it.name())).collect();
    assert!(methods.len() > 15, "the services have methods");
    methods
}

/// Somebody with a token.
struct Asker {
    channel: Channel,
    bearer: MetadataValue<Ascii>,
    /// Where their municipality's log stands.
    of: Positions,
    /// Whether they ask after everything, or only once each way.
    thorough: bool,
}

/// What came back: everything that was read, and how it ended.
struct Answer {
    bytes: Vec<u8>,
    /// The next page's token, if there is one.
    next_page: String,
    ended: Result<(), Status>,
}

impl Asker {
    /// One call: the whole answer; of a stream that goes on, everything that there is to tell.
    async fn ask(&self, method: &MethodDescriptor, message: &DynamicMessage) -> Answer {
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        let path: PathAndQuery = path.parse().expect("a path");
        let mut client =
            Grpc::new(self.channel.clone()).max_decoding_message_size(ANSWER_BYTES_MAX);
        in_time("a connection", client.ready()).await.expect("it is open");
        let mut request = Request::new(message.encode_to_vec());
        request.metadata_mut().insert("authorization", self.bearer.clone());
        let mut answer = Answer { bytes: Vec::new(), next_page: String::new(), ended: Ok(()) };
        let what = method.full_name().to_owned();
        let begun = in_time(&what, client.server_streaming(request, path, Raw)).await;
        let mut stream = match begun {
            Ok(it) => it.into_inner(),
            Err(status) => return ended(answer, status),
        };
        let told_last = match method.name() {
            "WatchFamilies" => Some(self.of.last_family),
            "WatchOutcomes" => Some(self.of.last_release),
            other => {
                assert!(!other.starts_with("Watch"), "say here what {other} tells last");
                None
            }
        };
        if told_last == Some(0) {
            return answer;
        }
        loop {
            match in_time(&what, stream.message()).await {
                Ok(Some(bytes)) => {
                    answer.bytes.extend_from_slice(&bytes);
                    let told = DynamicMessage::decode(method.output(), bytes.as_slice());
                    let told = told.expect("an answer of the method's type");
                    let field = |name: &str| told.get_field_by_name(name).map(|it| it.into_owned());
                    if let Some(Value::String(it)) = field("next_page_token") {
                        answer.next_page = it;
                    }
                    let as_of = field("as_of_position");
                    if let (Some(last), Some(Value::I64(at))) = (told_last, as_of)
                        && at >= last
                    {
                        return answer;
                    }
                }
                Ok(None) => return answer,
                Err(status) => return ended(answer, status),
            }
        }
    }
}

/// A status is an answer, too.
fn ended(mut answer: Answer, status: Status) -> Answer {
    answer.bytes.extend_from_slice(status.message().as_bytes());
    answer.bytes.extend_from_slice(status.details());
    answer.bytes.extend_from_slice(format!("{:?}", status.metadata()).as_bytes());
    answer.ended = Err(status);
    answer
}

/// Every question that a method can be asked, for one purpose.
fn questions(
    stage: &Stage,
    asker: &Asker,
    method: &MethodDescriptor,
    purpose: Purpose,
) -> Vec<DynamicMessage> {
    let mut questions = vec![DynamicMessage::new(method.input())];
    for field in method.input().fields() {
        let values = values(stage, asker, &field, purpose);
        let set = |it: &DynamicMessage, value: &Option<Value>| {
            let mut it = it.clone();
            if let Some(value) = value {
                it.set_field(&field, value.clone());
            }
            it
        };
        let each = questions.iter().flat_map(|it| values.iter().map(|value| set(it, value)));
        questions = each.collect();
    }
    // The first and the last: of one municipality, of the other, or of all.
    if !asker.thorough && questions.len() > 2 {
        questions = vec![questions[0].clone(), questions[questions.len() - 1].clone()];
    }
    questions
}

/// What a field is asked with; `None` = it is left out.
fn values(
    stage: &Stage,
    asker: &Asker,
    field: &FieldDescriptor,
    purpose: Purpose,
) -> Vec<Option<Value>> {
    let text = |it: &str| Some(Value::String(it.to_owned()));
    let known = &stage.known;
    let input = field.parent_message();
    match field.name() {
        "purpose" => {
            let name = format!("PURPOSE_{}", purpose_name(purpose));
            let number = v1::Purpose::from_str_name(&name).expect("a purpose");
            vec![Some(Value::EnumNumber(number.into()))]
        }
        // A bundle of a family is long in the making: of one here, of one there, and of all.
        "family_id" if input.name() == "ExportBundleRequest" => {
            let ends = [known.families.first(), known.families.last()];
            [None].into_iter().chain(ends.map(|it| text(it.expect("a family")))).collect()
        }
        "family_id" => known.families.iter().map(|it| text(it)).chain([None]).collect(),
        "programme_id" => known.programmes.iter().map(|it| text(it)).chain([None]).collect(),
        "stream" => {
            let message = |it: &v1::StreamRef| {
                let descriptor = field.kind().as_message().expect("a message").clone();
                let bytes = it.encode_to_vec();
                let it = DynamicMessage::decode(descriptor, bytes.as_slice());
                Some(Value::Message(it.expect("a stream")))
            };
            known.streams.iter().map(message).chain([None]).collect()
        }
        "command_id" => vec![text(&known.command)],
        "name" => vec![text("risk_trajectory")],
        "recipient" => vec![text(&age::x25519::Identity::generate().to_public().to_string())],
        "min_position" => vec![Some(Value::I64(asker.of.head))],
        "position" | "earlier_position" => {
            [1, asker.of.head].map(|it| Some(Value::I64(it))).to_vec()
        }
        "clocks" if input.name().contains("Outcomes") => vec![None],
        // The past of all families is asked after in one question, for it is folded anew each time.
        "clocks" if input.get_field_by_name("family_id").is_some() => vec![None],
        "clocks" => {
            let clocks = v1::Clocks {
                known: Some(v1::clocks::Known::KnownAtPosition(asker.of.head)),
                was: Some(v1::clocks::Was::WasAtDate("2020-06-30".to_owned())),
            };
            let descriptor = field.kind().as_message().expect("a message").clone();
            let bytes = clocks.encode_to_vec();
            let past = DynamicMessage::decode(descriptor, bytes.as_slice()).expect("clocks");
            vec![None, Some(Value::Message(past))]
        }
        "include_mistaken" | "include_supervision" => vec![Some(Value::Bool(true))],
        "page_size" => vec![Some(Value::I32(1_000))],
        // Left out is everything, once; and streams that follow are followed by `Watch…`.
        "page_token" | "by_recorded" | "states" | "types" | "overdue_only" | "mine_to_answer"
        | "worker_id" | "quarter" | "case_state" | "phase" | "after_position"
        | "after_revision" | "until_position" | "first_position" | "last_position" | "limit"
        | "follow" | "kept_position" => vec![None],
        other => panic!("{}: say here with what {other} is asked", input.full_name()),
    }
}

/// Asks everything as everybody. What somebody sees that is not for them is a leak; what they may see must
/// be there.
pub(super) async fn everything(stage: &Stage, leaks: &mut Vec<String>) {
    let methods = methods();
    for of in &stage.known.tenants {
        let tenant = of.tenant;
        for role in Role::ALL {
            let mut seen = Found::new();
            let token = stage.token(tenant, role.name(), &PURPOSES);
            let channel = channel(&stage.server.url).await;
            let bearer = format!("Bearer {token}").parse().expect("a header's value");
            let mut asker = Asker { channel, bearer, of: *of, thorough: true };
            for method in &methods {
                asker.thorough = true;
                for purpose in PURPOSES {
                    let (mut found, answered) = all_answers(stage, &asker, method, purpose).await;
                    // A bundle brings words for every code that there is.
                    if method.name() == "ExportBundle" {
                        found.retain(|(_, field)| !is_by_code(field));
                    }
                    // For another purpose the same is answered, or less.
                    asker.thorough &= !answered;
                    let leaked = stage.leaks(tenant, role, &found).into_iter();
                    let who = format!("{} of {tenant}", role.name());
                    leaks.extend(leaked.map(|it| format!("{who}, {}: {it}", method.name())));
                    seen.extend(found);
                }
            }
            let own = seen.into_iter().filter(|(of, _)| of == tenant).map(|(_, field)| field);
            let own: BTreeSet<String> = own.collect();
            let expected =
                if sees_families(role) { stage.strings.fields_of(tenant) } else { BTreeSet::new() };
            assert_eq!(own, expected, "what {} of {tenant} sees over gRPC", role.name());
        }
    }
}

/// What is found in the answers to every question, page after page; and whether any was answered.
async fn all_answers(
    stage: &Stage,
    asker: &Asker,
    method: &MethodDescriptor,
    purpose: Purpose,
) -> (Found, bool) {
    let mut found = Found::new();
    for mut question in questions(stage, asker, method, purpose) {
        loop {
            let answer = asker.ask(method, &question).await;
            found.extend(stage.strings.found_in(&answer.bytes));
            // Who may not ask is told so whatever the question is.
            if answer.ended.is_err_and(|it| it.code() == Code::PermissionDenied) {
                return (found, false);
            }
            if answer.next_page.is_empty() {
                break;
            }
            question.set_field_by_name("page_token", Value::String(answer.next_page));
        }
    }
    (found, true)
}

/// Of what a dashboard may ask, no question takes a time: each such field is refused as such.
pub(super) async fn no_dashboard_asks_for_a_time(stage: &Stage) {
    let token = stage.token(TENANT, Role::Dashboard.name(), &PURPOSES);
    let bearer = format!("Bearer {token}").parse().expect("a header's value");
    let (channel, of) = (channel(&stage.server.url).await, stage.known.tenants[0]);
    let asker = Asker { channel, bearer, of, thorough: false };
    let mut refused = Vec::new();
    for method in methods() {
        let question = questions(stage, &asker, &method, Purpose::Grant).swap_remove(0);
        let plain = asker.ask(&method, &question).await;
        if plain.ended.is_err_and(|it| it.code() == Code::PermissionDenied) {
            continue;
        }
        for field in method.input().fields() {
            let Some(of) = field.kind().as_message().cloned() else { continue };
            let name = of.name().to_owned();
            assert!(["Clocks", "Timestamp"].contains(&name.as_str()), "{name} may hold a time");
            let mut question = question.clone();
            question.set_field(&field, Value::Message(DynamicMessage::new(of)));
            let answer = asker.ask(&method, &question).await;
            let status = answer.ended.expect_err("a time was taken");
            assert_eq!(status.code(), Code::InvalidArgument, "{}.{}", method.name(), field.name());
            refused.push(method.name().to_owned());
        }
    }
    refused.sort();
    assert_eq!(refused, ["GetOutcomes", "WatchOutcomes"]);
}
