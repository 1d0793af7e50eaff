//! What was measured, as JSON and as tables.
//!
//! Names in the JSON are a contract: others compare figures of different days and machines.

use serde::Serialize;

use crate::render::table;

/// All figures of one run of the bench.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    /// The program's version.
    pub(super) version: &'static str,
    /// Processors that the bench may use.
    pub(super) processors: usize,
    pub(super) stores: Vec<StoreFigures>,
}

/// The figures of one store.
#[derive(Debug, Serialize)]
pub(super) struct StoreFigures {
    /// `memory`, `sqlite` or `postgres`.
    pub(super) store: &'static str,
    /// Median of a 4 KiB append with fdatasync, in the file system of the store (PostgreSQL: of this
    /// machine's temporary files). Microseconds.
    pub(super) sync_us: f64,
    pub(super) runs: Vec<Run>,
    pub(super) growth: Vec<Size>,
}

/// One thing measured at one size of the log.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Run {
    /// `ceiling`, `command`, `bare_insert`, `status_read`, `export_leaves`, `export_events`, `rebuild`.
    pub(super) name: &'static str,
    /// The view that was rebuilt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) view: Option<String>,
    /// Calls under way at once; of a bare insert, rows in a transaction.
    pub(super) in_flight: usize,
    /// Events in the log when it began.
    pub(super) events: u64,
    /// Calls, rows, leaves or events a second.
    pub(super) per_s: f64,
    /// Of a call; of a bare insert, a transaction (PostgreSQL: their mean); of `export_leaves` and
    /// `rebuild`, the whole.
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    /// To the empty calls a second with as many in flight.
    pub(super) ratio_to_ceiling: f64,
    /// To the rows a second of the bare insert with as many in a transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ratio_to_bare_insert: Option<f64>,
    /// Median one at a time, to the median of an empty call and one write to the disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) p50_to_call_and_sync: Option<f64>,
    /// How far the slowest view was behind when the commands ended, at most. Events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) views_behind: Option<u64>,
    /// Processors that this client kept busy.
    pub(super) client_cores: f64,
    /// Processors that the server kept busy; a database server of its own is not counted.
    pub(super) server_cores: f64,
    /// The processor time that the client took for each; hardly changes when the machine is busy.
    pub(super) client_cpu_us: f64,
    /// Likewise the server. To that of the ceiling: what is beyond the call itself.
    pub(super) server_cpu_us: f64,
}

/// One size of the log.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Size {
    /// Events in the log when it was measured first.
    pub(super) events: u64,
    /// Events in the log when it was measured last.
    pub(super) events_after: u64,
    pub(super) families: usize,
    /// Commands a second while the log was filled.
    pub(super) fill_per_s: f64,
    /// Commands a second with the most in flight.
    pub(super) command_per_s: f64,
    /// That, to the first size's.
    pub(super) ratio_to_first: f64,
    /// The server's memory after all that was measured.
    pub(super) resident_kib: u64,
    pub(super) peak_kib: u64,
    /// Of a server just started on the log. A store in memory is not started again: from its first start.
    pub(super) start_s: f64,
    /// Until its first answer about a family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_read_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resident_after_start_kib: Option<u64>,
}

/// The value below which so much of the values lies; sorts them. 0 of none.
pub(super) fn percentile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let place = (last as f64 * part).round();
    values.iter().zip(0_u32..).find(|(_, at)| f64::from(*at) >= place).map_or(0.0, |(it, _)| *it)
}

/// The middle one of a few values.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    percentile(&mut values, 0.5)
}

/// The value without digits that mean nothing.
pub(super) fn rounded(value: f64) -> f64 {
    // A small ratio is not nothing.
    let digits = if value.abs() < 0.1 { 1e6 } else { 1e3 };
    (value * digits).round() / digits
}

/// A ratio; 0 to nothing.
pub(super) fn ratio(of: f64, to: f64) -> f64 {
    if to > 0.0 { rounded(of / to) } else { 0.0 }
}

impl StoreFigures {
    /// The figures as text for people.
    pub(super) fn render(&self, width: Option<u16>) -> String {
        let head = [
            "Store",
            "Measured",
            "Events",
            "In flight",
            "Per second",
            "p50 µs",
            "p99 µs",
            "Of ceiling",
            "Of bare",
            "Cores: client",
            "server",
            "Server CPU µs",
        ];
        let runs = table(head, self.runs.iter().map(|it| self.row(it)).collect(), width);
        let head = [
            "Store",
            "Events",
            "to",
            "Families",
            "Filled/s",
            "Commands/s",
            "Of first",
            "Memory MiB",
            "at most",
            "after start",
            "Start s",
            "First read s",
        ];
        let growth = self.growth.iter().map(|it| {
            let mib = |kib: u64| (kib / 1024).to_string();
            vec![
                self.store.to_owned(),
                it.events.to_string(),
                it.events_after.to_string(),
                it.families.to_string(),
                format!("{:.0}", it.fill_per_s),
                format!("{:.0}", it.command_per_s),
                format!("{:.2}", it.ratio_to_first),
                mib(it.resident_kib),
                mib(it.peak_kib),
                it.resident_after_start_kib.map_or(String::new(), mib),
                format!("{:.2}", it.start_s),
                it.first_read_s.map_or(String::new(), |it| format!("{it:.2}")),
            ]
        });
        let growth = table(head, growth.collect(), width);
        let sync = format!("One write of 4 KiB to the disk: {:.0} µs.", self.sync_us);
        format!("{runs}\n\n{growth}\n\n{sync}\n")
    }

    fn row(&self, run: &Run) -> Vec<String> {
        let name = match &run.view {
            Some(view) => format!("{} {view}", run.name),
            None => run.name.to_owned(),
        };
        vec![
            self.store.to_owned(),
            name,
            run.events.to_string(),
            run.in_flight.to_string(),
            format!("{:.0}", run.per_s),
            format!("{:.0}", run.p50_us),
            format!("{:.0}", run.p99_us),
            format!("{:.2}", run.ratio_to_ceiling),
            run.ratio_to_bare_insert.map_or(String::new(), |it| format!("{it:.2}")),
            format!("{:.2}", run.client_cores),
            format!("{:.2}", run.server_cores),
            format!("{:.0}", run.server_cpu_us),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        #[track_caller]
        fn check(values: &[f64], part: f64, expected: f64) {
            let found = percentile(&mut values.to_vec(), part);
            assert!((found - expected).abs() < f64::EPSILON, "{values:?} {part}: {found}");
        }
        check(&[], 0.5, 0.0);
        check(&[7.0], 0.5, 7.0);
        check(&[7.0], 0.99, 7.0);
        check(&[3.0, 1.0, 2.0], 0.5, 2.0);
        check(&[3.0, 1.0, 2.0], 1.0, 3.0);
        let hundred: Vec<f64> = (0..=100).map(f64::from).collect();
        check(&hundred, 0.99, 99.0);
    }

    #[test]
    fn a_ratio_to_nothing_is_nothing() {
        assert!(ratio(1.0, 0.0).abs() < f64::EPSILON);
        assert!((ratio(1.0, 3.0) - 0.333).abs() < f64::EPSILON);
    }
}
