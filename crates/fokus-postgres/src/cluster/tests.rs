use std::collections::BTreeSet;

use super::{Cluster, Durability, StopMode, url_through};

fn processes(cluster: &Cluster) -> BTreeSet<String> {
    let data = cluster.data_folder();
    let all = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let ours =
        all.filter(|it| std::fs::read_link(it.path().join("cwd")).is_ok_and(|it| it == data));
    ours.map(|it| it.file_name().into_string().unwrap()).collect()
}

#[test]
fn a_cluster_is_stopped_killed_started_again_and_leaves_nothing() {
    let cluster = Cluster::start(Durability::Kept).unwrap();
    let name = cluster.fresh_database().unwrap();
    assert_ne!(name, cluster.fresh_database().unwrap());
    cluster.sql(&name, "create table kept (number integer)").unwrap();
    let mut expected = Vec::new();
    for number in 1..=3 {
        cluster.sql(&name, &format!("insert into kept values ({number})")).unwrap();
        expected.push(number.to_string());
        match number {
            1 => cluster.kill().unwrap(),
            2 => cluster.stop(StopMode::Immediate).unwrap(),
            _ => cluster.stop(StopMode::Fast).unwrap(),
        }
        assert_eq!(processes(&cluster), BTreeSet::new());
        cluster.sql(&name, "select 1").expect_err("nobody is there");
        cluster.start_again().unwrap();
        let rows = cluster.sql(&name, "select number from kept order by number").unwrap();
        assert_eq!(rows.lines().collect::<Vec<_>>(), expected);
    }
    let refused = cluster.sql(&name, "select from nowhere").expect_err("no such table").to_string();
    assert!(refused.contains("relation \"nowhere\" does not exist"), "{refused}");
    let (folder, running) = (cluster.folder.clone(), processes(&cluster));
    assert!(!running.is_empty());
    drop(cluster);
    assert!(!folder.exists());
}

#[test]
fn a_promoted_synchronous_standby_has_what_was_committed() {
    let primary = Cluster::start(Durability::Kept).unwrap();
    let name = primary.fresh_database().unwrap();
    primary.sql(&name, "create table kept (number integer)").unwrap();
    let standby = Cluster::standby_of(&primary, "second", true).unwrap();
    primary.sql(&name, "insert into kept values (7)").unwrap();
    standby.sql(&name, "insert into kept values (8)").expect_err("a standby takes no writes");
    primary.kill().unwrap();
    standby.promote().unwrap();
    standby.sql(&name, "insert into kept values (8)").unwrap();
    assert_eq!(standby.sql(&name, "select sum(number) from kept").unwrap(), "15");
}

#[test]
fn nobody_else_may_enter_the_folder() {
    use std::os::unix::fs::PermissionsExt as _;

    let cluster = Cluster::shared().unwrap();
    let mode = std::fs::metadata(&cluster.folder).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let listens = cluster.sql("postgres", "show listen_addresses").unwrap();
    assert_eq!(listens, "");
}

#[test]
fn an_address_is_encoded() {
    let url = url_through(std::path::Path::new("/a b/ø"), "reader", "fokus_1");
    assert_eq!(url, "postgres:///fokus_1?host=/a%20b/%C3%B8&user=reader");
}
