//! How a database is reached: its URL, TLS, and the settings of each session.

use std::net::IpAddr;
use std::str::FromStr as _;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions as _, PgConnection};

use crate::error::OpenError;
use crate::fault::words;

/// What a URL may say. The driver would log others with their values.
const PARAMETERS: [&str; 9] =
    ["host", "port", "dbname", "user", "password", "sslmode", "sslrootcert", "sslcert", "sslkey"];

/// Settings of each session.
const SETTINGS: [(&str, &str); 16] = [
    // Acknowledged means durable, also on a synchronous standby.
    ("synchronous_commit", "on"),
    // The functions in the database compare under a lock what was committed before each statement.
    ("default_transaction_isolation", "read committed"),
    ("default_transaction_read_only", "off"),
    ("statement_timeout", "30s"),
    ("lock_timeout", "10s"),
    // A paused server must not hold the head of a log for long.
    ("idle_in_transaction_session_timeout", "10s"),
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
    // Nobody's objects but those that are named with their schema.
    ("search_path", "pg_catalog"),
    // Every statement finds its rows by key, and is planned once: a plan made while the tables were
    // empty must still be right when they are large.
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
    ("client_min_messages", "error"),
];

/// Where a database is and how it is spoken to.
#[derive(Clone)]
pub(crate) struct Target {
    /// What it is for, in messages: `journal` or `keys`.
    pub(crate) what: &'static str,
    pub(crate) options: PgConnectOptions,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target").field("what", &self.what).finish_non_exhaustive()
    }
}

impl Target {
    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// [`OpenError::UrlMalformed`]; [`OpenError::NotEncrypted`] where others could listen.
    pub(crate) fn parse(what: &'static str, url: &str) -> Result<Target, OpenError> {
        let malformed = || OpenError::UrlMalformed { what };
        let schemes = ["postgres://", "postgresql://"];
        if !schemes.iter().any(|scheme| url.starts_with(scheme)) || !has_known_parameters(url) {
            return Err(malformed());
        }
        let options = PgConnectOptions::from_str(url).map_err(|_| malformed())?;
        let target = Target { what, options };
        if target.may_be_overheard() {
            return Err(OpenError::NotEncrypted { what, place: target.place() });
        }
        let options = target.options.application_name("fokus").options(SETTINGS);
        Ok(Target { what, options: options.disable_statement_logging() })
    }

    /// The same with another limit for each statement, in PostgreSQL's words.
    pub(crate) fn with_statement_timeout(self, limit: &str) -> Target {
        let options = self.options.options([("statement_timeout", limit)]);
        Target { options, ..self }
    }

    /// A connection, with words if there is none.
    pub(crate) async fn connect(&self) -> Result<PgConnection, OpenError> {
        self.options.connect().await.map_err(|error| OpenError::Unreachable {
            what: self.what,
            place: self.place(),
            cause: words(&error),
        })
    }

    /// Database, host and port: no user, no password.
    pub(crate) fn place(&self) -> String {
        let options = &self.options;
        let database = options.get_database().unwrap_or("(default)");
        let port = options.get_port();
        match options.get_socket() {
            Some(folder) => format!("{database} on {} port {port}", folder.display()),
            None => format!("{database} on {} port {port}", options.get_host()),
        }
    }

    /// Whether the connection leaves this machine without the server proving who it is.
    fn may_be_overheard(&self) -> bool {
        let host = self.options.get_host();
        let address = host.trim_start_matches('[').trim_end_matches(']');
        let local = self.options.get_socket().is_some()
            || host.starts_with('/')
            || host == "localhost"
            || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let verified =
            matches!(self.options.get_ssl_mode(), PgSslMode::VerifyFull | PgSslMode::VerifyCa);
        !local && !verified
    }
}

fn has_known_parameters(url: &str) -> bool {
    let Some((_, query)) = url.split_once('?') else { return true };
    let names = query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
    names.into_iter().all(|name| PARAMETERS.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_leaves_the_machine_is_verified() {
        let rows = [
            ("postgres://u@localhost/d", true),
            ("postgres://u@127.0.0.1/d", true),
            ("postgres://u@127.9.9.9:6000/d", true),
            ("postgres://u@[::1]/d", true),
            ("postgres:///d?host=/run/postgresql", true),
            ("postgres://%2Frun%2Fpostgresql/d", true),
            ("postgres://u@127.0.0.1/d?sslmode=disable", true),
            ("postgres://u@db.example/d", false),
            ("postgres://u@db.example/d?sslmode=prefer", false),
            ("postgres://u@db.example/d?sslmode=require", false),
            ("postgres://u@db.example/d?sslmode=verify-ca", true),
            ("postgres://u@db.example/d?sslmode=verify-full", true),
            ("postgres://u@db.example/d?sslmode=verify-full&sslrootcert=/etc/ca.pem", true),
            ("postgres://u@10.0.0.1/d", false),
            ("postgres://u@[2001:db8::1]/d", false),
            ("postgres://u@localhost/d?host=db.example", false),
            ("postgres://u@localhost.example/d", false),
        ];
        for (url, accepted) in rows {
            match Target::parse("journal", url) {
                Ok(_) => assert!(accepted, "{url} was accepted"),
                Err(error) => {
                    assert!(!accepted, "{url} was refused: {error}");
                    assert!(error.to_string().contains("sslmode=verify-full"), "{error}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_url_is_refused_without_repeating_it() {
        let rows = [
            "",
            "secret",
            "sqlite:secret",
            "postgres://u:secret@h:port/d",
            "postgres://u:secret@localhost/d?pasword=secret",
            "postgres://u@localhost/d?options=-c%20fsync%3Doff",
            "postgres://u@localhost/d?sslmode=secret",
        ];
        for url in rows {
            let error = Target::parse("keys", url).unwrap_err();
            assert!(matches!(error, OpenError::UrlMalformed { what: "keys" }), "{url}: {error}");
            assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
        }
    }

    #[test]
    fn a_place_names_no_user() {
        let target = Target::parse("journal", "postgres://u:secret@localhost:6000/d").unwrap();
        assert_eq!(target.place(), "d on localhost port 6000");
        assert!(!format!("{target:?}").contains("secret"));
    }
}
