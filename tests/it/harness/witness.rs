//! A witness (C2SP tlog-witness): it cosigns a checkpoint that continues the last one that it cosigned, and
//! no other. It can be told to be out of order, as real ones are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fokus_log::Hash;
use fokus_log::note::{
    Checkpoint, Ed25519Signer, KeyKind, Signer as _, VerifierKey, cosignature, open_checkpoint,
};
use fokus_log::proof::verify_consistency;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::http;

const NAME: &str = "witness.test/w";
/// When everything is cosigned: the witness's clock stands. Unix seconds.
const TIME_S: u64 = 1_767_225_600;

/// How a witness behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As the specification says.
    Honest,
    /// It answers what is no answer.
    Babbling,
    /// It signs another text.
    Lying,
    /// It takes the request and says nothing.
    Silent,
}

/// What the witness has been asked, and what it remembers.
#[derive(Debug)]
struct Memory {
    mood: Mood,
    log: VerifierKey,
    cosigned: HashMap<String, Checkpoint>,
    /// The status of each answer.
    answers: Vec<u16>,
}

/// A running witness. Dropped, it is gone, and what it remembered.
pub(crate) struct TestWitness {
    pub(crate) url: String,
    /// Its verifier key.
    pub(crate) key: String,
    memory: Arc<Mutex<Memory>>,
    _running: JoinSet<()>,
}

impl TestWitness {
    /// A witness that knows this log.
    pub(crate) async fn start(log: &str) -> TestWitness {
        let log = log.parse().expect("the log's verifier key");
        let (mood, cosigned, answers) = (Mood::Honest, HashMap::new(), Vec::new());
        let memory = Arc::new(Mutex::new(Memory { mood, log, cosigned, answers }));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/w", listener.local_addr().expect("an address"));
        let mut running = JoinSet::new();
        let remembering = Arc::clone(&memory);
        running.spawn(async move {
            // Connections end with the witness.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(converse(stream, Arc::clone(&remembering)));
            }
        });
        let (name, public_key) = (NAME.to_owned(), signer().public_key());
        let key = VerifierKey { name, kind: KeyKind::Witness, public_key }.to_string();
        TestWitness { url, key, memory, _running: running }
    }

    /// From now on it behaves so.
    pub(crate) fn is(&self, mood: Mood) {
        self.memory.lock().expect("a memory").mood = mood;
    }

    /// The size of the last checkpoint that it cosigned; 0 = none.
    pub(crate) fn knows(&self) -> u64 {
        let memory = self.memory.lock().expect("a memory");
        memory.cosigned.values().map(|it| it.size).max().unwrap_or_default()
    }

    /// The status of each answer since the last call.
    pub(crate) fn answers(&self) -> Vec<u16> {
        std::mem::take(&mut self.memory.lock().expect("a memory").answers)
    }

    /// The variables by which a server asks this witness.
    pub(crate) fn environment(&self) -> [(&str, &str); 2] {
        [("FOKUS_WITNESS", &self.url), ("FOKUS_WITNESS_KEY", &self.key)]
    }
}

fn signer() -> Ed25519Signer {
    Ed25519Signer::from_seed(&[77; 32])
}

async fn converse(stream: TcpStream, memory: Arc<Mutex<Memory>>) {
    let mut stream = BufReader::new(stream);
    while let Ok(Some(request)) = http::read(&mut stream, true).await {
        let answer = {
            let mut memory = memory.lock().expect("a memory");
            let answer = answer(&request, &mut memory);
            memory.answers.extend(answer.as_ref().map(|it| it.0));
            answer
        };
        let Some((status, kind, body)) = answer else {
            std::future::pending::<()>().await;
            return;
        };
        let head = format!(
            "HTTP/1.1 {status} Word\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        if stream.get_mut().write_all(&[head.as_bytes(), body.as_bytes()].concat()).await.is_err() {
            return;
        }
    }
}

/// Status, content type and body; `None` = silence.
fn answer(request: &http::Message, memory: &mut Memory) -> Option<(u16, &'static str, String)> {
    const TEXT: &str = "text/plain";
    match memory.mood {
        Mood::Silent => return None,
        Mood::Babbling => return Some((200, TEXT, "\u{2014} nobody AAAA\nhello\n".to_owned())),
        Mood::Honest | Mood::Lying => (),
    }
    if request.first != "POST /w/add-checkpoint HTTP/1.1" {
        return Some((404, TEXT, String::new()));
    }
    let Some((old, proof, note)) = read(&request.body) else {
        return Some((400, TEXT, String::new()));
    };
    let log = &memory.log;
    if note.lines().next() != Some(log.name.as_str()) {
        return Some((404, TEXT, String::new()));
    }
    let Ok(submitted) = open_checkpoint(&note, &log.name, &log.public_key) else {
        return Some((403, TEXT, String::new()));
    };
    if old > submitted.size {
        return Some((400, TEXT, String::new()));
    }
    let known = memory.cosigned.get(&submitted.origin);
    let size = known.map_or(0, |it| it.size);
    if old != size {
        return Some((409, "text/x.tlog.size", format!("{size}\n")));
    }
    if let Some(known) = known {
        if known.size == submitted.size && known.root != submitted.root {
            return Some((409, "text/x.tlog.size", format!("{size}\n")));
        }
        let (from, to) = (known.size, submitted.size);
        if verify_consistency(from, to, &proof, &known.root, &submitted.root).is_err() {
            return Some((422, TEXT, String::new()));
        }
    } else if !proof.is_empty() {
        return Some((422, TEXT, String::new()));
    }
    let signed =
        if memory.mood == Mood::Lying { note.replace(&log.name, "other.test") } else { note };
    let line = cosignature::cosign(&signed, NAME, &signer(), TIME_S).expect("a note");
    memory.cosigned.insert(submitted.origin.clone(), submitted);
    Some((200, TEXT, line))
}

/// Old size, proof and note of a request.
fn read(body: &[u8]) -> Option<(u64, Vec<Hash>, String)> {
    let text = std::str::from_utf8(body).ok()?;
    let (head, note) = text.split_once("\n\n")?;
    let mut lines = head.lines();
    let old = lines.next()?.strip_prefix("old ")?.parse().ok()?;
    let hash = |it: &str| BASE64.decode(it).ok()?.try_into().ok();
    Some((old, lines.map(hash).collect::<Option<Vec<Hash>>>()?, note.to_owned()))
}
