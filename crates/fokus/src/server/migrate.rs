//! `fokus migrate`: makes or updates the tables of a database, as the role that owns it, so that servers
//! need not have the right to.

use super::flags::Migrate;
use super::store::OpenStore;
use crate::failure::Failure;
use crate::output::Output;

/// Applies the migrations that are missing.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] with what the database refused, or for a store that is no database.
pub(crate) async fn run(flags: Migrate, output: &mut Output) -> Result<(), Failure> {
    OpenStore::migrate(flags.store.place()?).await?;
    output.note("the tables are those of this program");
    Ok(())
}
