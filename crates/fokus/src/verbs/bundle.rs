//! `fokus bundle`: an audit bundle as a folder. It is whole when BUNDLE.json is there, which comes last.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use fokus_proto::v1;

use crate::client::Client;
use crate::failure::Failure;
use crate::flags::{Bundle, Purpose};
use crate::output::Output;
use crate::verbs::checkpoint::kept_position;
use crate::verbs::which_family;

/// The file that comes last.
const LIST: &str = "BUNDLE.json";

/// Writes the bundle.
pub(crate) async fn run(flags: Bundle, output: &mut Output) -> Result<(), Failure> {
    prepare(&flags.folder)?;
    let client = Client::connect(&flags.connection, Purpose::Audit).await?;
    let family_id = match &flags.family {
        Some(family) => which_family::find(&client, family).await?,
        None => String::new(),
    };
    let kept_position = flags.since.as_deref().map_or(Ok(0), kept_position)?;
    let request = v1::ExportBundleRequest {
        purpose: client.purpose(),
        recipient: flags.recipient,
        first_position: flags.first,
        last_position: flags.last,
        family_id,
        kept_position,
    };
    let mut pieces = client
        .audit()
        .export_bundle(request)
        .await
        .map_err(|status| client.failure(&status))?
        .into_inner();
    let (mut files, mut is_whole) = (0_u64, false);
    let mut open: Option<(String, File)> = None;
    while let Some(piece) = pieces.message().await.map_err(|status| client.failure(&status))? {
        let file = match open.take().filter(|it| it.0 == piece.path) {
            Some((_, file)) => file,
            None => {
                let (file, is_new) = open_file(&flags.folder, &piece.path)?;
                files += u64::from(is_new);
                file
            }
        };
        let mut file = file;
        file.write_all(&piece.bytes).map_err(|it| not_written(&flags.folder, &it))?;
        is_whole |= piece.path == LIST;
        open = Some((piece.path, file));
    }
    if !is_whole {
        return Err(Failure::CouldNotRun("the bundle ended before its list of files".to_owned()));
    }
    output.data(&format!("{files} files in {}", flags.folder.display()))
}

/// The folder is there and empty.
fn prepare(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|it| not_written(folder, &it))?;
    match fs::read_dir(folder).map(|mut it| it.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::CouldNotRun(format!("{} is not empty", folder.display()))),
        Err(it) => Err(not_written(folder, &it)),
    }
}

/// The file to add to, and whether it is new. A path that leads out of the folder is never followed.
fn open_file(folder: &Path, path: &str) -> Result<(File, bool), Failure> {
    let relative = PathBuf::from(path);
    if path.is_empty() || relative.components().any(|it| !matches!(it, Component::Normal(_))) {
        let words = "the server names a file outside the folder";
        return Err(Failure::CouldNotRun(words.to_owned()));
    }
    let whole = folder.join(relative);
    if let Some(parent) = whole.parent() {
        fs::create_dir_all(parent).map_err(|it| not_written(parent, &it))?;
    }
    let is_new = !whole.exists();
    let file = OpenOptions::new().create(true).append(true).open(&whole);
    Ok((file.map_err(|it| not_written(&whole, &it))?, is_new))
}

fn not_written(path: &Path, error: &std::io::Error) -> Failure {
    Failure::CouldNotRun(format!("{}: {}", path.display(), error.kind()))
}
