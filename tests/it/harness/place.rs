//! A folder of a test's own: a store, an issuer of tokens, and the tokens. Gone when it is dropped. The
//! store is in the folder, in memory, or in a database; what a test does with it is the same.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Mutex, PoisonError};

use fokus_proto::v1::Purpose;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::binary;
use super::database::Database;

/// The tokens' `iss`.
pub(crate) const ISSUER: &str = "fokus-test";
/// The tokens' `aud`.
pub(crate) const AUDIENCE: &str = "fokus";
/// The municipality of every test.
pub(crate) const TENANT: &str = "demo";

/// A role with a token of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    Caseworker,
    TeamLead,
    ProgrammeManager,
    Auditor,
    Operator,
    Dashboard,
}

impl Role {
    /// The role of the program's with the same name.
    pub(crate) fn of(role: fokus_app::session::Role) -> Option<Role> {
        let all = [Role::Caseworker, Role::TeamLead, Role::ProgrammeManager].into_iter().chain([
            Role::Auditor,
            Role::Operator,
            Role::Dashboard,
        ]);
        let name = role.name().to_lowercase().replace('_', "-");
        all.into_iter().find(|it| it.flag() == name)
    }

    /// The role as `fokus token mint` takes it.
    fn flag(self) -> &'static str {
        match self {
            Role::Caseworker => "caseworker",
            Role::TeamLead => "team-lead",
            Role::ProgrammeManager => "programme-manager",
            Role::Auditor => "auditor",
            Role::Operator => "operator",
            Role::Dashboard => "dashboard",
        }
    }

    /// What the role's tokens are good for.
    fn purposes(self) -> &'static [&'static str] {
        match self {
            Role::Caseworker => &["casework"],
            Role::TeamLead => &["casework", "supervision", "grant"],
            Role::ProgrammeManager => &["grant", "supervision"],
            Role::Auditor => &["audit"],
            Role::Operator => &["operations"],
            Role::Dashboard => &["grant"],
        }
    }

    /// What the role reads for.
    pub(crate) fn purpose(self) -> Purpose {
        match self {
            Role::Caseworker | Role::TeamLead => Purpose::Casework,
            Role::ProgrammeManager | Role::Dashboard => Purpose::Grant,
            Role::Auditor => Purpose::Audit,
            Role::Operator => Purpose::Operations,
        }
    }
}

/// Which kind of store a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    Sqlite,
    Postgres,
}

/// A folder with a store, an issuer and tokens.
pub(crate) struct Place {
    folder: TempDir,
    kind: Kind,
    /// As `--store` takes it.
    store: String,
    tokens: Mutex<HashMap<(Role, String), String>>,
}

impl Place {
    /// A new place with a SQLite store, which the first server makes.
    pub(crate) fn new() -> Place {
        Place::on(Kind::Sqlite)
    }

    /// A new place with a store of this kind, which the first server makes. On PostgreSQL: a database of
    /// its own in the cluster that all tests share.
    pub(crate) fn on(kind: Kind) -> Place {
        if kind == Kind::Postgres {
            return Place::at(Database::shared().url(0));
        }
        Place::made(kind, |folder| match kind {
            Kind::Memory => "memory:".to_owned(),
            Kind::Sqlite | Kind::Postgres => format!("sqlite:{}", text(&folder.join("store"))),
        })
    }

    /// A new place whose store is this database.
    pub(crate) fn at(url: String) -> Place {
        Place::made(Kind::Postgres, |_| url)
    }

    /// A new folder with a new issuer.
    fn made(kind: Kind, store: impl FnOnce(&Path) -> String) -> Place {
        let folder = tempfile::Builder::new().prefix("fokus-").tempdir().expect("a folder");
        let store = store(folder.path());
        let place = Place { folder, kind, store, tokens: Mutex::default() };
        let public = binary::print(&["token", "key", "--key-file", text(&place.issuer_key())]);
        fs::write(place.issuer_public(), public).expect("the issuer's public key is written");
        place
    }

    /// The place's folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether the store is there after its server has ended.
    pub(crate) fn outlives_its_server(&self) -> bool {
        self.kind != Kind::Memory
    }

    /// The SQLite store's folder.
    pub(crate) fn store(&self) -> PathBuf {
        assert_eq!(self.kind, Kind::Sqlite, "a folder");
        self.folder.path().join("store")
    }

    /// The store as `--store` takes it.
    pub(crate) fn store_flag(&self) -> String {
        self.store.clone()
    }

    /// The flags that name the store and its keys.
    pub(crate) fn store_flags(&self) -> Vec<String> {
        let mut flags = vec!["--store".to_owned(), self.store_flag()];
        if self.kind == Kind::Postgres {
            for (flag, name) in [("--root-key", "root.key"), ("--signing-key", "signing.key")] {
                let path = self.folder.path().join(name);
                flags.extend([flag.to_owned(), text(&path).to_owned()]);
            }
        }
        flags
    }

    /// Where the store's signing key lies.
    pub(crate) fn signing_key(&self) -> PathBuf {
        let beside_it = self.kind == Kind::Sqlite;
        if beside_it { self.file("signing.key") } else { self.folder.path().join("signing.key") }
    }

    /// Runs `fokus check` on the store, with these flags too.
    pub(crate) fn check(&self, more: &[&str]) -> Output {
        let flags = self.store_flags();
        let flags = flags.iter().map(String::as_str).chain(more.iter().copied());
        binary::run(&[&["check"][..], &flags.collect::<Vec<_>>()].concat())
    }

    /// Fails unless `fokus check` finds nothing.
    #[track_caller]
    pub(crate) fn check_sound(&self) {
        let output = self.check(&[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A file of the SQLite store.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.store().join(name)
    }

    fn issuer_key(&self) -> PathBuf {
        self.folder.path().join("issuer.key")
    }

    /// The issuer's public key.
    pub(crate) fn issuer_public(&self) -> PathBuf {
        self.folder.path().join("issuer.pem")
    }

    /// Where the next server's standard error goes.
    pub(crate) fn new_error_file(&self, number: u32) -> PathBuf {
        self.folder.path().join(format!("stderr-{number}.txt"))
    }

    /// Somebody's token, good for an hour; made when it is first asked for.
    pub(crate) fn token(&self, role: Role, subject: &str) -> String {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.entry((role, subject.to_owned())).or_insert_with(|| {
            let key = self.issuer_key();
            let mut arguments = vec!["token", "mint", "--key-file", text(&key)];
            arguments.extend(["--issuer", ISSUER, "--audience", AUDIENCE, "--tenant", TENANT]);
            arguments.extend(["--subject", subject, "--role", role.flag(), "--minutes", "60"]);
            arguments.extend(role.purposes().iter().flat_map(|it| ["--purpose", it]));
            binary::print(&arguments)
        });
        token.clone()
    }

    /// A token of a role by its name (such as `TEAM_LEAD`) in any municipality, good for an hour, for these
    /// purposes (such as `CASEWORK`).
    pub(crate) fn token_for(&self, tenant: &str, role: &str, purposes: &[&str]) -> String {
        let key = self.issuer_key();
        let flag = |name: &str| name.to_lowercase().replace('_', "-");
        let (role, purposes) = (flag(role), purposes.iter().map(|it| flag(it)).collect::<Vec<_>>());
        let subject = format!("{role}-who-asks");
        let mut arguments = vec!["token", "mint", "--key-file", text(&key)];
        arguments.extend(["--issuer", ISSUER, "--audience", AUDIENCE, "--tenant", tenant]);
        arguments.extend(["--subject", &subject, "--role", &role, "--minutes", "60"]);
        arguments.extend(purposes.iter().flat_map(|it| ["--purpose", it]));
        binary::print(&arguments)
    }

    /// A token that says whatever it is told to, signed by the issuer's key.
    pub(crate) fn signed(&self, claims: &Value) -> String {
        let seed = fs::read_to_string(self.issuer_key()).expect("the issuer's key");
        let seed = hex::decode(seed.trim()).expect("a key in hexadecimal digits");
        // What stands before a key of 32 bytes in PKCS #8 (RFC 8410, 7).
        let prefix = hex::decode("302e020100300506032b657004220420").expect("hexadecimal digits");
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        let key = EncodingKey::from_ed_der(&[prefix, seed].concat());
        jsonwebtoken::encode(&header, claims, &key).expect("a token")
    }

    /// The digest of every file of the store, by name. Left out: an empty write-ahead log, and the index
    /// of one, which hold nothing.
    pub(crate) fn digests(&self) -> BTreeMap<String, String> {
        let mut digests = BTreeMap::new();
        for entry in fs::read_dir(self.store()).expect("the store's folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let bytes = fs::read(&path).expect("a file");
            let holds_nothing =
                name.ends_with("-shm") || name.ends_with("-wal") && bytes.is_empty();
            if !holds_nothing {
                digests.insert(name, hex::encode(Sha256::digest(bytes)));
            }
        }
        digests
    }
}

/// A path as text; those of tests always are.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
