//! One story on every kind of store: the story is written once, and there is a test for each kind.

/// For each function named, which takes a [`Place`](super::place::Place), a module of the same name with
/// a test for each kind of store.
macro_rules! on_every_store {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            use crate::harness::place::{Kind, Place};

            #[tokio::test(flavor = "multi_thread")]
            async fn in_memory() {
                super::$story(Place::on(Kind::Memory)).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                super::$story(Place::on(Kind::Sqlite)).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                super::$story(Place::on(Kind::Postgres)).await;
            }
        }
    )+};
}

pub(crate) use on_every_store;
