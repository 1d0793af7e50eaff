//! A real server with a certificate for `localhost`, signed by an authority that nobody else knows.
//! `tls/` holds the certificates; the keys are for nothing but this.

use std::net::TcpListener;

use fokus_store::conformance::make::simple;
use sqlx::ConnectOptions as _;

use super::{Place, append};
use crate::cluster::{Cluster, Durability, SUPERUSER, url_through};
use crate::connect::Target;
use crate::{OpenError, PostgresOptions, PostgresStore};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/tls");

/// Has the server write a file that only it may read.
fn server_file(name: &str, text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("('{line}')")).collect();
    let lines = lines.join(", ");
    format!("copy (values {lines}) to program 'umask 077; cat > {name}'")
}

/// A cluster that speaks TLS at a port, with a password.
async fn cluster() -> (Cluster, u16) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = [("listen_addresses", "127.0.0.1"), ("port", &port.to_string())];
    let cluster = Cluster::start_with(Durability::Ignored, &settings).unwrap();
    let url =
        format!("{}&port={port}", url_through(&cluster.socket_folder(), SUPERUSER, SUPERUSER));
    let mut connection = Target::parse("journal", &url).unwrap().options.connect().await.unwrap();
    let read = |name: &str| std::fs::read_to_string(format!("{FOLDER}/{name}")).unwrap();
    for statement in [
        server_file("server.crt", &read("server.pem")),
        server_file("server.key", &read("server.key")),
        "alter system set ssl = on".to_owned(),
        "select pg_reload_conf()".to_owned(),
        "alter role postgres password 'secret'".to_owned(),
    ] {
        let statement = sqlx::raw_sql(sqlx::AssertSqlSafe(statement));
        statement.execute(&mut connection).await.unwrap();
    }
    (cluster, port)
}

#[tokio::test]
async fn a_server_that_proves_who_it_is_is_spoken_to_in_private() {
    let (_cluster, port) = cluster().await;
    let place = Place::new();
    let options = |host: &str, parameters: &str| {
        let url = format!("postgres://postgres:secret@{host}:{port}/postgres?{parameters}");
        PostgresOptions { url, ..place.options() }
    };
    let ours = format!("sslrootcert={FOLDER}/ca.pem");
    let theirs = format!("sslrootcert={FOLDER}/other.pem");
    let refused = [
        ("localhost", "sslmode=verify-full".to_owned()), // Nobody knows the authority.
        ("localhost", format!("sslmode=verify-full&{theirs}")),
        ("localhost", format!("sslmode=verify-ca&{theirs}")),
        ("127.0.0.1", format!("sslmode=verify-full&{ours}")), // Another name.
    ];
    for (host, parameters) in refused {
        let error = PostgresStore::open(options(host, &parameters)).await.unwrap_err();
        assert!(matches!(error, OpenError::Unreachable { .. }), "{host} {parameters}: {error}");
        assert!(
            error.to_string().contains("TLS") || error.to_string().contains("ertificate"),
            "{error}"
        );
        assert!(!format!("{error:?}").contains("secret"));
    }
    for parameters in ["sslmode=verify-full", "sslmode=verify-ca"] {
        let options = options("localhost", &format!("{parameters}&{ours}"));
        let store = PostgresStore::open(options.clone()).await.unwrap();
        append(&store, vec![simple(1, 1)]).await;
        let mut connection =
            Target::parse("journal", &options.url).unwrap().options.connect().await.unwrap();
        let private = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
        assert!(sqlx::query_scalar::<_, bool>(private).fetch_one(&mut connection).await.unwrap());
        store.close().await;
    }
}
