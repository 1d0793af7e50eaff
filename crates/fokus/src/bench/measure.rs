//! What is measured at each size of the log, and in which order.
//!
//! Ceiling, command, bare insert and status read take turns, window by window, so that a machine that is
//! busy with something else disturbs all alike; the median window counts. Between windows everybody waits
//! until the views have caught up. Read [`store`].

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::bare::Bare;
use super::failed;
use super::figures::{Run, Size, StoreFigures, median, ratio, rounded};
use super::load::{Load, Statuses, Until, Window, Work, lock};
use super::machine::{memory, sync_us};
use super::reads;
use super::site::{Server, Site};
use super::world::{BEFORE_FAMILIES, EVENTS_PER_FAMILY, FOUNDING, Population, WORKING_SET};
use crate::failure::Failure;
use crate::output::{Output, Unit};
use crate::server::store::{StoreKind, StoreName};
use crate::server::system::{now_ms, random};

/// Windows of each measurement.
const ROUNDS: u32 = 3;
/// Contacts sent before the progress is told.
const FILL_STEP: u64 = 10_000;
/// Events of a family when the first size is reached; later ones come to have more.
const EVENTS_PER_FIRST_FAMILY: u64 = 30;
/// Between two looks at views that catch up.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long views may stand still.
const STANDSTILL_MAX: Duration = Duration::from_secs(60);

/// What is to be measured.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// Sizes of the log, ascending.
    pub(super) events: Vec<u64>,
    /// How long each thing is measured.
    pub(super) time: Duration,
    /// Calls under way, ascending.
    pub(super) in_flight: Vec<usize>,
}

/// Measures one store.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] when the server does not start, or refuses what it should take.
pub(super) async fn store(
    name: Option<StoreName>,
    plan: &Plan,
    output: &mut Output,
) -> Result<StoreFigures, Failure> {
    let site = Site::new(name)?;
    let mut server = site.serve().await?;
    if !server.is_empty {
        server.stop().await?;
        let words = "the store is not empty: the bench wants one to itself";
        return Err(Failure::CouldNotRun(words.to_owned()));
    }
    let most = plan.in_flight.iter().copied().max().unwrap_or(1);
    let load = Load::connect(&site, &server, most).await?;
    let seed = u64::from_be_bytes(random());
    let folder = site.folder().to_owned();
    let sync = tokio::task::spawn_blocking(move || sync_us(&folder)).await;
    let figures = StoreFigures {
        store: match site.kind {
            StoreKind::Sqlite(_) => "sqlite",
            StoreKind::Postgres(_) => "postgres",
            StoreKind::Memory => "memory",
        },
        sync_us: rounded(sync.map_err(|it| failed(&it))?.map_err(|it| failed(&it))?),
        runs: Vec::new(),
        growth: Vec::new(),
    };
    let population = Arc::new(Mutex::new(Population::new(seed, now_ms())));
    let bare = Bare::open(&site)?;
    let mut bench = Bench { site, server, load, population, bare, plan, figures, fill_per_s: 0.0 };
    for events in &plan.events {
        bench.size(*events, output).await?;
    }
    let Bench { mut server, figures, .. } = bench;
    server.stop().await?;
    Ok(figures)
}

/// A store that is being measured.
struct Bench<'a> {
    site: Site,
    server: Server,
    load: Load,
    population: Arc<Mutex<Population>>,
    bare: Bare,
    plan: &'a Plan,
    figures: StoreFigures,
    /// Commands a second while the log was filled last.
    fill_per_s: f64,
}

impl Bench<'_> {
    /// Fills the log to a size and measures everything there.
    async fn size(&mut self, target: u64, output: &mut Output) -> Result<(), Failure> {
        let filled = self.fill(target, output).await;
        output.progress_ended();
        filled?;
        let events = self.caught_up().await?;
        let sizes = reads::sizes(&self.site, &self.server, events).await?;
        self.bare.fill_with(&sizes);
        for in_flight in &self.plan.in_flight {
            self.say(output, events, &format!("calls and commands, {in_flight} in flight"));
            self.turns(events, *in_flight).await?;
        }
        self.say(output, events, "exports and rebuilds");
        self.exports(events).await?;
        let families = lock(&self.population).families.len();
        let command = self.per_s("command", events, self.most());
        let first = self.figures.growth.first().map_or(command, |it| it.command_per_s);
        let used = memory(self.server.process);
        let mut size = Size {
            events,
            events_after: self.caught_up().await?,
            families,
            fill_per_s: rounded(self.fill_per_s),
            command_per_s: command,
            ratio_to_first: ratio(command, first),
            resident_kib: used.map_or(0, |it| it.resident_kib),
            peak_kib: used.map_or(0, |it| it.peak_kib),
            start_s: rounded(self.server.started_s),
            first_read_s: None,
            resident_after_start_kib: None,
        };
        if self.site.kind != StoreKind::Memory {
            self.say(output, events, "a new start");
            self.start_again(&mut size).await?;
        }
        self.figures.growth.push(size);
        Ok(())
    }

    fn say(&self, output: &mut Output, events: u64, what: &str) {
        output.note(&format!("{}, {events} events: {what}", self.figures.store));
    }

    fn most(&self) -> usize {
        self.plan.in_flight.iter().copied().max().unwrap_or(1)
    }

    /// Contacts until the log has so many events, and families to hold them.
    async fn fill(&mut self, target: u64, output: &mut Output) -> Result<(), Failure> {
        let mut events = self.caught_up().await?;
        let (before, begun) = (events, Instant::now());
        if target <= before {
            return Ok(());
        }
        self.say(output, before, &format!("filling it to {target}"));
        output.progress_of(target, Unit::Events);
        let first = before == 0;
        if first {
            let programme = lock(&self.population).programme();
            self.load.send(programme).await?;
            events = BEFORE_FAMILIES;
        }
        while events < target {
            output.progress(events);
            let left = target - events;
            let room = lock(&self.population).room();
            if room == 0 {
                let each = if first { EVENTS_PER_FIRST_FAMILY } else { EVENTS_PER_FAMILY.into() };
                let families = (left / each).clamp(1, WORKING_SET as u64);
                self.load.found(&self.population, families).await?;
                events = events.saturating_add(families.saturating_mul(FOUNDING.into()));
            } else {
                let calls = left.min(room).min(FILL_STEP);
                let work = Work::Contacts(Arc::clone(&self.population));
                let until = Until::Calls(calls);
                self.load.run(&self.server, &work, self.most(), until).await?;
                events = events.saturating_add(calls);
            }
        }
        self.fill_per_s = (events - before) as f64 / begun.elapsed().as_secs_f64();
        Ok(())
    }

    /// Waits until every view is at the head of the log; gives the head.
    async fn caught_up(&self) -> Result<u64, Failure> {
        let (mut behind, mut moved_at) = (u64::MAX, Instant::now());
        loop {
            let views = reads::views(&self.site, &self.server).await?;
            if views.behind == 0 {
                return Ok(views.head);
            }
            if views.behind < behind {
                (behind, moved_at) = (views.behind, Instant::now());
            }
            if moved_at.elapsed() > STANDSTILL_MAX {
                let words = format!("a view stands still, {} events behind", views.behind);
                return Err(Failure::CouldNotRun(words));
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Families with room for the contacts of a window, so that none grows past what families have.
    async fn make_room(&self, window: Duration) -> Result<(), Failure> {
        let contacts = (self.fill_per_s * window.as_secs_f64() * 1.2).ceil();
        let room = lock(&self.population).room() as f64;
        let each = f64::from(EVENTS_PER_FAMILY - FOUNDING);
        let families = (1_u64..).take_while(|it| room + *it as f64 * each < contacts).count();
        self.load.found(&self.population, families as u64).await
    }

    /// Ceiling, command, bare insert and status read in turns.
    async fn turns(&mut self, events: u64, in_flight: usize) -> Result<(), Failure> {
        let window = self.plan.time / ROUNDS;
        let until = Until::Time(window);
        let contacts = Work::Contacts(Arc::clone(&self.population));
        let [mut ceiling, mut command, mut bare, mut status] = [const { Vec::new() }; 4];
        let mut behind = 0;
        for _ in 0..ROUNDS {
            ceiling.push(self.load.run(&self.server, &Work::Nothing, in_flight, until).await?);
            self.make_room(window).await?;
            self.caught_up().await?;
            command.push(self.load.run(&self.server, &contacts, in_flight, until).await?);
            behind = reads::views(&self.site, &self.server).await?.behind.max(behind);
            self.caught_up().await?;
            bare.push(self.bare.window(in_flight, window).await?);
            let statuses = {
                let population = lock(&self.population);
                Statuses::new(population.active().map(|it| it.id.as_str()))
            };
            let statuses = Work::Statuses(Arc::new(statuses));
            status.push(self.load.run(&self.server, &statuses, in_flight, until).await?);
        }
        let [ceiling, command, bare, status] = [ceiling, command, bare, status].map(middle);
        let run = |name, it: Window| Run {
            ratio_to_ceiling: ratio(it.per_s, ceiling.per_s),
            ..run(name, in_flight, events, it)
        };
        let to_bare = Some(ratio(command.per_s, bare.per_s));
        let alone = ceiling.p50_us + self.figures.sync_us;
        let durable = in_flight == 1 && self.site.kind != StoreKind::Memory;
        self.figures.runs.push(run("ceiling", ceiling));
        self.figures.runs.push(Run {
            ratio_to_bare_insert: to_bare,
            p50_to_call_and_sync: durable.then(|| ratio(command.p50_us, alone)),
            views_behind: Some(behind),
            ..run("command", command)
        });
        self.figures.runs.push(run("bare_insert", bare));
        self.figures.runs.push(run("status_read", status));
        Ok(())
    }

    /// The calls a second of a run that was measured.
    fn per_s(&self, name: &str, events: u64, in_flight: usize) -> f64 {
        let found = self
            .figures
            .runs
            .iter()
            .find(|it| it.name == name && it.events == events && it.in_flight == in_flight);
        found.map_or(0.0, |it| it.per_s)
    }

    /// The whole log as leaves, the families' histories opened, and each view made anew.
    async fn exports(&mut self, events: u64) -> Result<(), Failure> {
        let Bench { site, server, plan, .. } = self;
        let few = plan.in_flight.first().copied().unwrap_or(1);
        let families = lock(&self.population).families.clone();
        let mut runs = Vec::new();
        let leaves = reads::leaves(site, server, plan.time).await?;
        runs.push(run("export_leaves", 1, events, leaves));
        let histories = reads::histories(site, server, &families, plan.time).await?;
        runs.push(run("export_events", 1, events, histories));
        for (view, window) in reads::rebuilds(site, server).await? {
            let view = Some(view);
            runs.push(Run { view, ..run("rebuild", 1, events, window) });
        }
        let ceiling = self.per_s("ceiling", events, few);
        for mut it in runs {
            it.ratio_to_ceiling = ratio(it.per_s, ceiling);
            self.figures.runs.push(it);
        }
        Ok(())
    }

    /// Ends the server and starts it again on what is there.
    async fn start_again(&mut self, size: &mut Size) -> Result<(), Failure> {
        let server = self.site.serve_again(&mut self.server).await?;
        size.start_s = rounded(server.started_s);
        self.server = server;
        self.load = Load::connect(&self.site, &self.server, self.most()).await?;
        let statuses = {
            let population = lock(&self.population);
            Statuses::new(population.active().map(|it| it.id.as_str()))
        };
        let work = Work::Statuses(Arc::new(statuses));
        self.load.run(&self.server, &work, 1, Until::Calls(1)).await?;
        size.first_read_s = Some(rounded(self.server.begun.elapsed().as_secs_f64()));
        size.resident_after_start_kib = memory(self.server.process).map(|it| it.resident_kib);
        Ok(())
    }
}

/// A window as a run, without its ratios.
fn run(name: &'static str, in_flight: usize, events: u64, window: Window) -> Run {
    Run {
        name,
        in_flight,
        events,
        per_s: rounded(window.per_s),
        p50_us: rounded(window.p50_us),
        p99_us: rounded(window.p99_us),
        client_cores: rounded(window.client_cores),
        server_cores: rounded(window.server_cores),
        client_cpu_us: ratio(window.client_cores * 1e6, window.per_s),
        server_cpu_us: ratio(window.server_cores * 1e6, window.per_s),
        ..Run::default()
    }
}

/// The middle of each figure of some windows.
fn middle(windows: Vec<Window>) -> Window {
    let of = |figure: fn(&Window) -> f64| median(windows.iter().map(figure).collect());
    Window {
        calls: windows.iter().map(|it| it.calls).sum(),
        per_s: of(|it| it.per_s),
        p50_us: of(|it| it.p50_us),
        p99_us: of(|it| it.p99_us),
        client_cores: of(|it| it.client_cores),
        server_cores: of(|it| it.server_cores),
    }
}
