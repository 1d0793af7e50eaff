//! A log that somebody audits: a server with some families in it, an auditor's token, and the log's
//! verifier key, as it was handed to the auditor.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use super::binary;
use super::clients::{Clients, Refused};
use super::place::{Place, Role, text};
use super::seeded::Seeded;
use super::server::Server;
use super::world::World;

/// A running server with a log, and who audits it.
pub(crate) struct Audited {
    pub(crate) place: Place,
    pub(crate) server: Server,
    pub(crate) worker: Clients,
    pub(crate) seeded: Seeded,
    /// `name+id+key`; also in the file `log.key` of the place's folder.
    pub(crate) verifier_key: String,
    families: u32,
}

impl Audited {
    /// A log of one family.
    pub(crate) async fn start(place: Place, name: &str) -> Audited {
        Audited::start_with(place, name, &[]).await
    }

    /// The same; its server has these variables in its environment.
    pub(crate) async fn start_with(
        place: Place,
        name: &str,
        environment: &[(&str, &str)],
    ) -> Audited {
        Audited::start_on(place, name, 0, environment).await
    }

    /// The same on a store that has so many families of this kind already.
    pub(crate) async fn start_on(
        place: Place,
        name: &str,
        families: u32,
        environment: &[(&str, &str)],
    ) -> Audited {
        let server = serve(&place, environment).await;
        let auditor = place.token(Role::Auditor, "auditor-1");
        fs::write(place.folder().join("auditor.jwt"), auditor).expect("a token's file");
        let lead = place.token(Role::TeamLead, "lead-1");
        fs::write(place.folder().join("lead.jwt"), lead).expect("a token's file");
        let worker = server.clients(&place, Role::TeamLead, "lead-1").await;
        let seeded = Seeded::new(name);
        let verifier_key = String::new();
        let mut audited = Audited { place, server, worker, seeded, verifier_key, families };
        audited.add_family().await;
        let told = String::from_utf8(audited.run(&["checkpoint"]).stderr).expect("UTF-8");
        audited.verifier_key = told.trim().rsplit(' ').next().expect("a key").to_owned();
        let key = format!("log {}\nquorum none\n", audited.verifier_key);
        fs::write(audited.key_file(), key).expect("a key's file");
        audited
    }

    /// Adds one more family; gives the log's size.
    pub(crate) async fn add_family(&mut self) -> i64 {
        let world = World::new(&mut self.seeded, self.families);
        self.families += 1;
        let commands = world.commands(&mut self.seeded);
        self.worker.all_accepted(commands).await
    }

    /// The file with the log's verifier key, as a policy.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.place.folder().join("log.key")
    }

    /// Runs a verb as the auditor.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_as("auditor.jwt", arguments)
    }

    /// Runs a verb as the team's lead.
    pub(crate) fn run_as_lead(&self, arguments: &[&str]) -> Output {
        self.run_as("lead.jwt", arguments)
    }

    fn run_as(&self, token: &str, arguments: &[&str]) -> Output {
        let token = self.place.folder().join(token);
        let connection = ["--server", &self.server.url, "--token-file", text(&token)];
        binary::run(&[arguments, &connection].concat())
    }

    /// The signed checkpoint as it stands, kept in a file of this name.
    #[track_caller]
    pub(crate) fn keep_checkpoint(&self, name: &str) -> PathBuf {
        let printed = self.run(&["checkpoint"]);
        assert!(printed.status.success(), "{}", said(&printed));
        let file = self.place.folder().join(name);
        fs::write(&file, printed.stdout).expect("a checkpoint's file");
        file
    }

    /// An audit bundle in a new folder of this name.
    #[track_caller]
    pub(crate) fn bundle(&self, name: &str, recipient: &str) -> PathBuf {
        let folder = self.place.folder().join(name);
        let made = self.run(&["bundle", text(&folder), "--recipient", recipient]);
        assert!(made.status.success(), "{}", said(&made));
        folder
    }

    /// Ends the server in order; does nothing where it has ended.
    pub(crate) async fn stop(&mut self) {
        if self.server.is_running() {
            self.server.ask_to_end().await;
            self.server.wait().await;
        }
    }

    /// Sends a command that is refused.
    pub(crate) async fn refused_note(&mut self) -> Refused {
        let world = World::new(&mut self.seeded, 80);
        let commands = world.commands(&mut self.seeded);
        self.worker.refused(commands[0].clone()).await
    }

    /// Ends the server and starts another one on the same store.
    pub(crate) async fn restart_with(&mut self, environment: &[(&str, &str)]) {
        // The folder has one server at a time.
        self.stop().await;
        self.server = serve(&self.place, environment).await;
        self.worker = self.server.clients(&self.place, Role::TeamLead, "lead-1").await;
    }
}

async fn serve(place: &Place, environment: &[(&str, &str)]) -> Server {
    match Server::try_start(place, environment).await {
        Ok(it) => it,
        Err(ended) => panic!("the server did not start: {ended:?}"),
    }
}

/// What a program told its user.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Copies a folder with its files, not deeper.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}
