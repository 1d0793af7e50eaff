//! A PostgreSQL database of a test's own. Its owner makes the tables; servers come in roles that may do
//! what servers need and no more, a role for each, so that it shows who has written what.

use std::path::Path;
use std::process::Command;

use fokus_postgres::cluster::{Cluster, SUPERUSER, url_through};

use super::binary;
use super::session::Session;

/// Servers that have a role.
const ROLES: usize = 3;

/// A database in a cluster.
pub(crate) struct Database<'a> {
    cluster: &'a Cluster,
    name: String,
}

impl Database<'static> {
    /// A new database in the cluster that all tests share.
    pub(crate) fn shared() -> Database<'static> {
        Database::of(Cluster::shared().unwrap_or_else(|it| panic!("{it}")))
    }
}

impl<'a> Database<'a> {
    /// A new database in a cluster.
    pub(crate) fn of(cluster: &'a Cluster) -> Database<'a> {
        let name = cluster.fresh_database().expect("a database");
        let owner = cluster.url_as(SUPERUSER, &name);
        binary::print(&["migrate", "--store", &owner]);
        for number in 0..ROLES {
            // Roles belong to the whole cluster: another test may have made this one.
            let role = role(number);
            let make = format!(
                "do $$ begin
                   create role {role} login in role fokus_app, fokus_keys;
                 exception when duplicate_object or unique_violation then
                   null;
                 end $$"
            );
            cluster.sql(&name, &make).expect("a role");
        }
        Database { cluster, name }
    }

    /// A copy of it, while nobody is connected to it.
    pub(crate) fn copied(&self, number: usize) -> Database<'a> {
        let name = format!("{}_{number}", self.name);
        let copy = format!("create database {name} template {}", self.name);
        self.cluster.sql(SUPERUSER, &copy).expect("a copy");
        Database { cluster: self.cluster, name }
    }

    /// The store's address for a server.
    pub(crate) fn url(&self, server: usize) -> String {
        self.url_through(&self.cluster.socket_folder(), server)
    }

    /// The store's address for a server that reaches it through a socket in this folder.
    pub(crate) fn url_through(&self, socket_folder: &Path, server: usize) -> String {
        url_through(socket_folder, &role(server), &self.name)
    }

    /// Carries out a statement as the superuser; gives its rows.
    #[track_caller]
    pub(crate) fn sql(&self, statement: &str) -> String {
        self.sql_at(self.cluster, statement)
    }

    /// The same where the database stands now.
    #[track_caller]
    pub(crate) fn sql_at(&self, cluster: &Cluster, statement: &str) -> String {
        cluster.sql(&self.name, statement).unwrap_or_else(|it| panic!("{statement}: {it}"))
    }

    /// A call of `psql` as the superuser.
    pub(crate) fn psql(&self) -> Command {
        self.cluster.psql(&self.name)
    }

    /// A session of the superuser that stays open.
    pub(crate) fn session(&self) -> Session {
        Session::open(self.cluster, &self.name)
    }
}

/// The role of a server.
pub(crate) fn role(server: usize) -> String {
    format!("server_{server}")
}

/// A statement that ends when a session of this role waits for somebody's lock.
pub(crate) fn until_it_waits(role: &str) -> String {
    format!(
        "do $$ begin
           for tenth in 1..600 loop
             perform pg_stat_clear_snapshot();
             if exists (select from pg_stat_activity
                        where datname = current_database() and usename = '{role}'
                          and wait_event_type = 'Lock') then
               return;
             end if;
             perform pg_sleep(0.1);
           end loop;
           raise exception 'nobody waits';
         end $$"
    )
}
