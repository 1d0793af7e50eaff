//! The anchor store of `--anchor DIR`: for each tenant a file `TENANT.note` with the last signed checkpoint
//! of its log. It belongs on another volume or host than the store: a restored store must not bring an
//! older anchor along.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use fokus_app::guard::Anchors;
use fokus_log::lineage::generation;
use fokus_log::note::{MAX_NOTE_BYTES, unverified_checkpoint};
use fokus_store::TenantId;
use tokio::task::spawn_blocking;

use super::store::StoreKind;
use crate::failure::Failure;

const ENDING: &str = ".note";
/// Held while a note is replaced: several servers may share the folder.
const LOCK: &str = ".lock";

/// A folder of anchors.
#[derive(Debug, Clone)]
pub(crate) struct AnchorFolder(PathBuf);

impl AnchorFolder {
    /// The folder, which must be there: where a volume that is not mounted should be, an empty folder made
    /// anew would know nothing.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when it is absent, or lies in the store's own folder.
    pub(crate) fn open(folder: &Path, store: &StoreKind) -> Result<AnchorFolder, Failure> {
        let refuse =
            |why: &str| Failure::CouldNotRun(format!("anchor {}: {why}", folder.display()));
        let whole = fs::canonicalize(folder).map_err(|it| {
            refuse(&format!("{}; make the folder, on another volume than the store", it.kind()))
        })?;
        if !whole.is_dir() {
            return Err(refuse("not a folder"));
        }
        if let StoreKind::Sqlite(store) = store
            && fs::canonicalize(store).is_ok_and(|it| whole.starts_with(it))
        {
            return Err(refuse("lies in the store: whoever restores one would restore the other"));
        }
        Ok(AnchorFolder(whole))
    }

    fn file(&self, tenant: &TenantId) -> PathBuf {
        self.0.join(format!("{tenant}{ENDING}"))
    }

    fn tenants_now(&self) -> io::Result<Vec<TenantId>> {
        let mut tenants = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            let tenant = name.strip_suffix(ENDING).and_then(|it| TenantId::parse(it).ok());
            tenants.extend(tenant);
        }
        tenants.sort();
        Ok(tenants)
    }

    fn read_now(&self, tenant: &TenantId) -> io::Result<Option<String>> {
        let file = match File::open(self.file(tenant)) {
            Ok(it) => it,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // The file was never there; or the whole volume is gone.
                return fs::metadata(&self.0).map(|_| None);
            }
            Err(error) => return Err(error),
        };
        let mut note = String::new();
        file.take(MAX_NOTE_BYTES as u64 + 1).read_to_string(&mut note)?;
        Ok(Some(note))
    }

    fn write_now(&self, tenant: &TenantId, note: &str) -> io::Result<()> {
        let stands = |note: &str| {
            unverified_checkpoint(note)
                .map(|it| (generation(&it.origin).1, it.size))
                .map_err(|it| io::Error::other(it.to_string()))
        };
        let lock = OpenOptions::new().create(true).append(true).open(self.0.join(LOCK))?;
        lock.lock()?;
        if let Some(there) = self.read_now(tenant)?
            && stands(&there)? >= stands(note)?
        {
            return Ok(());
        }
        let next = self.0.join(format!(".{tenant}.next"));
        let mut file = File::create(&next)?;
        file.write_all(note.as_bytes())?;
        file.sync_all()?;
        fs::rename(&next, self.file(tenant))?;
        File::open(&self.0)?.sync_all()
    }

    /// Work on files, on a thread that may wait.
    async fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&AnchorFolder) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let folder = self.clone();
        spawn_blocking(move || work(&folder)).await.map_err(io::Error::other)?
    }
}

#[async_trait]
impl Anchors for AnchorFolder {
    async fn tenants(&self) -> io::Result<Vec<TenantId>> {
        self.on_thread(AnchorFolder::tenants_now).await
    }

    async fn read(&self, tenant: &TenantId) -> io::Result<Option<String>> {
        let tenant = tenant.clone();
        self.on_thread(move |it| it.read_now(&tenant)).await
    }

    async fn write(&self, tenant: &TenantId, note: &str) -> io::Result<()> {
        let (tenant, note) = (tenant.clone(), note.to_owned());
        self.on_thread(move |it| it.write_now(&tenant, &note)).await
    }
}

#[cfg(test)]
mod tests {
    use fokus_log::note::{Checkpoint, Ed25519Signer, sign_checkpoint};

    use super::*;

    fn note(size: u64) -> String {
        let origin = "log.test/demo/journal".to_owned();
        let checkpoint = Checkpoint { origin, size, root: [1; 32] };
        sign_checkpoint(&checkpoint, &Ed25519Signer::from_seed(&[9; 32])).unwrap()
    }

    fn folder() -> (tempfile::TempDir, AnchorFolder) {
        let temp = tempfile::tempdir().unwrap();
        let folder = AnchorFolder::open(temp.path(), &StoreKind::Memory).unwrap();
        (temp, folder)
    }

    #[test]
    fn an_anchor_only_moves_forward() {
        let (_temp, folder) = folder();
        let tenant = TenantId::parse("ishoj").unwrap();
        assert_eq!(folder.read_now(&tenant).unwrap(), None);
        assert_eq!(folder.tenants_now().unwrap(), []);
        for (written, kept) in [(5, 5), (7, 7), (6, 7), (7, 7), (8, 8)] {
            folder.write_now(&tenant, &note(written)).unwrap();
            assert_eq!(folder.read_now(&tenant).unwrap(), Some(note(kept)), "{written}");
        }
        assert_eq!(folder.tenants_now().unwrap(), [tenant]);
    }

    #[test]
    fn what_is_no_note_is_neither_believed_nor_written_over() {
        let (_temp, folder) = folder();
        let tenant = TenantId::parse("ishoj").unwrap();
        fs::write(folder.file(&tenant), "something else").unwrap();
        assert!(folder.write_now(&tenant, &note(5)).is_err());
        assert_eq!(folder.read_now(&tenant).unwrap().as_deref(), Some("something else"));
    }

    #[test]
    fn a_folder_that_is_gone_does_not_count_as_empty() {
        let (temp, folder) = folder();
        let tenant = TenantId::parse("ishoj").unwrap();
        folder.write_now(&tenant, &note(5)).unwrap();
        drop(temp);
        assert!(folder.read_now(&tenant).is_err());
        assert!(folder.write_now(&tenant, &note(6)).is_err());
    }

    #[test]
    fn an_anchor_must_be_there_and_apart_from_the_store() {
        let temp = tempfile::tempdir().unwrap();
        let store = StoreKind::Sqlite(temp.path().join("store"));
        let inside = temp.path().join("store").join("anchor");
        assert!(AnchorFolder::open(&temp.path().join("absent"), &store).is_err());
        fs::create_dir_all(&inside).unwrap();
        assert!(AnchorFolder::open(&inside, &store).is_err());
        assert!(AnchorFolder::open(temp.path(), &store).is_ok());
        fs::write(temp.path().join("file"), "").unwrap();
        assert!(AnchorFolder::open(&temp.path().join("file"), &store).is_err());
    }
}
