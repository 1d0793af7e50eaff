//! `fokus log`: keys that sign, and the statement by which a log goes on after a restore with loss.
//!
//! Four steps, so that no single person can make a loss look like a log: `statement` says what the restored
//! store has and what is known to have been there; each officer signs it, where their key is; `fokus copy
//! --continuation` makes the log of it. Read `fokus_log::lineage` for what is said.

use std::path::Path;

use fokus_log::lineage::{Continuation, LineageError};
use fokus_log::note::{
    Checkpoint, Ed25519Signer, KeyKind, MAX_NOTE_BYTES, Signer as _, VerifierKey,
};
use fokus_log::proof::verify_consistency;
use fokus_store::{EventStore, Head, LogInfo, TenantId};

use super::flags::{Log, LogNewKey, LogSign, LogStatement};
use super::issuer::{new_seed, read_seed};
use super::store::{OpenStore, broken};
use crate::failure::Failure;
use crate::output::Output;
use crate::verbs::log_key::text;

/// Carries out one of the verbs.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] naming what cannot be used, and why.
pub(crate) async fn run(verb: Log, output: &mut Output) -> Result<(), Failure> {
    match verb {
        Log::NewKey(it) => new_key(&it, output),
        Log::Statement(it) => statement(it, output).await,
        Log::Sign(it) => sign(&it, output),
    }
}

fn new_key(flags: &LogNewKey, output: &mut Output) -> Result<(), Failure> {
    // Before the file is written: a name that no key can have leaves nothing behind.
    let name = flags.officer.clone().map(officer_name).transpose()?;
    let signer = Ed25519Signer::from_seed(&new_seed(&flags.key_file)?);
    let Some(name) = name else {
        output.note(&format!("new key: {}", flags.key_file.display()));
        return Ok(());
    };
    let public_key = signer.public_key();
    output.data(&VerifierKey { name, kind: KeyKind::Log, public_key }.to_string())
}

/// A name that a verifier key can have.
fn officer_name(name: String) -> Result<String, Failure> {
    let key = VerifierKey { name, kind: KeyKind::Log, public_key: [0; 32] };
    let read: Result<VerifierKey, _> = key.to_string().parse();
    read.map(|it| it.name).map_err(|_| {
        Failure::CouldNotRun("--officer: a name without spaces, control characters or +".to_owned())
    })
}

/// Reads a file that somebody else may have made.
fn note_file(file: &Path) -> Result<String, Failure> {
    text(file, MAX_NOTE_BYTES as u64)
        .map_err(|error| Failure::CouldNotRun(format!("{}: {error}", file.display())))
}

async fn statement(flags: LogStatement, output: &mut Output) -> Result<(), Failure> {
    let refuse = |words: String| Failure::CouldNotRun(words);
    let tenant = TenantId::parse(&flags.tenant).map_err(|it| refuse(format!("--tenant: {it}")))?;
    let keys = flags.officer.iter().map(|it| it.parse::<VerifierKey>());
    let keys: Vec<VerifierKey> =
        keys.collect::<Result<_, _>>().map_err(|it| refuse(format!("--officer: {it}")))?;
    let officers: [VerifierKey; 2] = keys
        .try_into()
        .map_err(|_| refuse("--officer: give it twice, for two different officers".to_owned()))?;
    let known = note_file(&flags.known)?;
    let place = flags.store.place()?;
    place.must_be_there()?;
    let store = OpenStore::open(place).await?;
    let drafted = draft(&store, &tenant, &known, officers, &flags.reason).await;
    store.close().await;
    let text = drafted?.text();
    output.data(text.trim_end())
}

async fn draft(
    store: &OpenStore,
    tenant: &TenantId,
    known: &str,
    officers: [VerifierKey; 2],
    reason: &str,
) -> Result<Continuation, Failure> {
    let refuse = |words: &str| Failure::CouldNotRun(words.to_owned());
    let events = store.events();
    if !events.tenants().await.map_err(|it| broken(&it))?.contains(tenant) {
        return Err(refuse("--tenant: the store has no log of that name"));
    }
    let log = events.log(tenant).await.map_err(|it| broken(&it))?;
    let head = events.head(tenant).await.map_err(|it| broken(&it))?;
    let known = log.open(known).map_err(|error| {
        Failure::CouldNotRun(format!("--known: not a checkpoint of this log: {error}"))
    })?;
    if is_kept(events.as_ref(), tenant, &log, &head, &known).await? {
        return Err(refuse(
            "the store continues what is known: nothing was lost, so serve it as it is",
        ));
    }
    let kept = Checkpoint { origin: log.origin, size: head.position.0, root: head.root };
    Continuation::draft(kept, (known.size, known.root), officers, reason)
        .map_err(|it| Failure::CouldNotRun(words(it)))
}

/// Whether the log as it stands continues what is known of it.
async fn is_kept(
    events: &dyn EventStore,
    tenant: &TenantId,
    log: &LogInfo,
    head: &Head,
    known: &Checkpoint,
) -> Result<bool, Failure> {
    let size = head.position.0;
    if known.size > size || known.origin != log.origin {
        return Ok(false);
    }
    if known.size == 0 {
        return Ok(true);
    }
    let proof = fokus_app::read::proofs::consistency(events, tenant, known.size, size)
        .await
        .map_err(|it| broken(&it))?;
    Ok(verify_consistency(known.size, size, &proof, &known.root, &head.root).is_ok())
}

fn sign(flags: &LogSign, output: &mut Output) -> Result<(), Failure> {
    let text = note_file(&flags.statement)?;
    let signer = Ed25519Signer::from_seed(&read_seed(&flags.key_file)?);
    let signed = Continuation::signed(&text, &signer).map_err(|it| {
        Failure::CouldNotRun(format!("{}: {}", flags.statement.display(), words(it)))
    })?;
    output.data(signed.trim_end())
}

fn words(error: LineageError) -> String {
    if error == LineageError::OtherKey {
        "this key is none of the statement's two officers'".to_owned()
    } else if error == LineageError::Text {
        "not a statement that `fokus log statement` printed".to_owned()
    } else {
        error.to_string()
    }
}

/// Statements that both officers signed.
#[derive(Debug, Default)]
pub(crate) struct Statements(Vec<(Continuation, String)>);

impl Statements {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] naming the file, also when two are of the same log.
    pub(crate) fn read(files: &[std::path::PathBuf]) -> Result<Statements, Failure> {
        let mut all: Vec<(Continuation, String)> = Vec::new();
        for file in files {
            let refuse = |why: &str| Failure::CouldNotRun(format!("{}: {why}", file.display()));
            let note = note_file(file)?;
            let said = Continuation::of_note(&note).map_err(|error| {
                let unsigned = matches!(error, LineageError::Note(_));
                refuse(&if unsigned {
                    "both officers must have signed it".to_owned()
                } else {
                    words(error)
                })
            })?;
            if all.iter().any(|(it, _)| it.kept.origin == said.kept.origin) {
                return Err(refuse("another statement is of the same log"));
            }
            all.push((said, note));
        }
        Ok(Statements(all))
    }

    /// The statement on the log of that name, with its note.
    pub(crate) fn of(&self, origin: &str) -> Option<(&Continuation, &str)> {
        let found = self.0.iter().find(|(it, _)| it.kept.origin == origin);
        found.map(|(said, note)| (said, note.as_str()))
    }

    /// The names of the logs that they are of.
    pub(crate) fn origins(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(it, _)| it.kept.origin.as_str())
    }
}
