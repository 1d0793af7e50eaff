//! What the machine says of a process, and how long it takes to write something durably.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use tokio::time::Instant;

use super::figures::percentile;

/// Ticks a second in `/proc/PID/stat`; Linux has the same on every machine (`USER_HZ`).
const TICKS_PER_S: f64 = 100.0;
/// Where user and system time stand in `/proc/PID/stat`, counted after the name's closing bracket.
const USER_FIELD: usize = 11;
/// Writes of [`sync_us`].
const SYNCS: usize = 100;
/// Bytes of one of these writes.
const SYNC_BYTES: usize = 4_096;

/// Memory of a process, in KiB.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    /// Resident now.
    pub(super) resident_kib: u64,
    /// The most that was resident at once.
    pub(super) peak_kib: u64,
}

/// The memory of a process; `None` where `/proc` does not say.
pub(super) fn memory(process: u32) -> Option<Memory> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Some(Memory { resident_kib: field("VmRSS:")?, peak_kib: field("VmHWM:")? })
}

/// Seconds of processor time that a process has used so far; 0 where `/proc` does not say.
pub(super) fn cpu_s(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name may hold spaces and brackets.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = fields.split_whitespace().skip(USER_FIELD).take(2);
    ticks.filter_map(|it| it.parse::<f64>().ok()).sum::<f64>() / TICKS_PER_S
}

/// The median time in microseconds of appending 4 KiB to a file in `dir` and having it on the disk.
///
/// # Errors
///
/// When nothing can be written there.
pub(super) fn sync_us(dir: &Path) -> io::Result<f64> {
    let mut file = tempfile::tempfile_in(dir)?;
    let bytes = [7; SYNC_BYTES];
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let begun = Instant::now();
        file.write_all(&bytes)?;
        file.sync_data()?;
        times.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    Ok(percentile(&mut times, 0.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_memory_and_the_disk_takes_time() {
        let own = memory(std::process::id()).expect("this process");
        assert!(own.resident_kib > 0 && own.peak_kib >= own.resident_kib);
        assert!(memory(u32::MAX).is_none());
        assert!(cpu_s(std::process::id()) >= 0.0);
        assert!(sync_us(&std::env::temp_dir()).expect("a file") > 0.0);
    }
}
