//! What is published, in a file of its own that other programs may open while the store is written.
//!
//! The cells stand beside the rows of views that they belong to, in `views.db`, and are written with them in
//! one transaction. `released.db` has a copy of those of the live builds, made after each step that changed
//! any, and anew when the store is opened: so a crash in between is made up for.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use fokus_store::{Fault, TenantId};
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, params};

use crate::fault::fault;
use crate::schema::VIEWS;
use crate::store::SqliteStore;
use crate::writer::Writer;

/// The columns that both databases have, in one order.
macro_rules! columns {
    () => {
        "programme_id, programme, quarter, quarter_end, table_code, row_number, row_code, column_number, \
         column_code, number, threshold, release_id, release_position, released_on, released_at"
    };
}

/// How many there are, and the tenant.
const COLUMNS: usize = 16;

const CELLS: &str = concat!(
    "select tenant, ",
    columns!(),
    " from published_cell join view_build using (build) where live = 1 and (?1 is null or tenant = ?1)"
);

const ADD: &str = concat!(
    "insert into outcome (tenant, ",
    columns!(),
    ", hidden) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?11 is null)"
);

/// Brings all of `released.db` to what `views.db` has.
pub(crate) fn copy_all(views: &Connection, released: &Connection) -> rusqlite::Result<()> {
    let transaction = released.unchecked_transaction()?;
    released.execute("delete from outcome", [])?;
    copy(views, released, None)?;
    transaction.commit()
}

/// The same for one tenant, in a transaction that is under way.
fn copy_tenant(views: &Connection, released: &Connection, tenant: &str) -> rusqlite::Result<()> {
    released.prepare_cached("delete from outcome where tenant = ?1")?.execute([tenant])?;
    copy(views, released, Some(tenant))
}

fn copy(views: &Connection, released: &Connection, of: Option<&str>) -> rusqlite::Result<()> {
    let mut cells = views.prepare_cached(CELLS)?;
    let mut add = released.prepare_cached(ADD)?;
    let mut rows = cells.query(params![of])?;
    while let Some(row) = rows.next()? {
        for column in 0..COLUMNS {
            add.raw_bind_parameter(column + 1, ToSqlOutput::Borrowed(row.get_ref(column)?))?;
        }
        add.raw_execute()?;
    }
    Ok(())
}

/// The tenants whose part of `released.db` is not what `views.db` has: what was tried and failed is tried
/// again with the next step of any of their views.
#[derive(Default)]
pub(crate) struct Behind(Mutex<BTreeSet<TenantId>>);

impl Behind {
    fn with<T>(&self, run: impl FnOnce(&mut BTreeSet<TenantId>) -> T) -> T {
        run(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl SqliteStore {
    /// Brings the tenant's part of `released.db` to what `views.db` has, if a step has changed that or an
    /// earlier try failed.
    pub(crate) async fn copy_released(&self, of: &TenantId, changed: bool) -> Result<(), Fault> {
        let behind = &self.shared.behind;
        if !changed && !behind.with(|it| it.contains(of)) {
            return Ok(());
        }
        behind.with(|it| it.insert(of.clone()));
        let (tenant, folder) = (of.as_str().to_owned(), self.shared.folder().to_owned());
        // On the one thread that writes to the file: what is copied last was read last.
        let copied = move |it: &mut Writer| {
            let views = VIEWS.connect_reader(&folder).map_err(fault)?;
            it.write(|released| Ok(copy_tenant(&views, released, &tenant)?))?;
            it.commit()?;
            // Who copies the file alone gets everything, but while a reader keeps it back.
            it.copy_here()
        };
        self.shared.released.writers.run(copied).await?;
        behind.with(|it| it.remove(of));
        Ok(())
    }

    /// Leaves `released.db` so that who may only read it can, with nothing beside it: a file with a
    /// write-ahead log that nobody has open could not even be opened. Where others read it now, it stays as
    /// it is.
    pub(crate) async fn leave_released(&self) {
        let left = self.shared.released.writers.run(|it: &mut Writer| {
            it.leave_plain();
            Ok(())
        });
        // Closed already: then it was left so.
        let _ = left.await;
    }
}
