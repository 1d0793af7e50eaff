//! How far a cell can move while all that is shown stays: bounds from flows.
//!
//! Each cell is added in one equation of its table and subtracted in one. So the equations are the nodes
//! of a network, a cell is an arc from the one to the other, and a table is a circulation. A cell can
//! rise by as much as can flow back from its end to its beginning through cells that are not shown: along
//! an arc without limit, against it by as much as its cell holds. All numbers being whole, the bounds are
//! exact for whole numbers.

use std::collections::VecDeque;

use super::{Cells, Table};

/// More than any count: no bound.
pub(super) const UNBOUNDED: i64 = i64::MAX;

/// A table as a network.
pub(super) struct Network<'a> {
    table: &'a Table,
    nodes: usize,
    /// By cell: where it is added and where it is subtracted.
    arcs: Vec<(usize, usize)>,
}

/// What a search came to.
pub(super) struct Reach {
    /// The bound; [`UNBOUNDED`] where there is none.
    pub(super) bound: i64,
    /// Where the bound is not far enough: the shown cells of which at least one must be hidden for it to
    /// move.
    pub(super) holding: Cells,
}

/// One step of a search: into which node, by which cell, along its arc or against it.
#[derive(Clone, Copy)]
struct Step {
    to: usize,
    cell: usize,
    along: bool,
}

impl<'a> Network<'a> {
    pub(super) fn new(table: &'a Table) -> Network<'a> {
        let equations = table.equations();
        let mut arcs = vec![(0, 0); table.cells().len()];
        for (node, equation) in equations.iter().enumerate() {
            for cell in &equation.plus {
                if let Some(it) = arcs.get_mut(*cell) {
                    it.0 = node;
                }
            }
            for cell in &equation.minus {
                if let Some(it) = arcs.get_mut(*cell) {
                    it.1 = node;
                }
            }
        }
        Network { table, nodes: equations.len(), arcs }
    }

    /// The lowest value that the cell can have while `shown` stay as they are, and no lower than `enough`
    /// needs.
    pub(super) fn lowest(&self, cell: usize, shown: Cells, enough: i64) -> Reach {
        let count = self.table.count(cell);
        let (from, to) = self.arcs.get(cell).copied().unwrap_or_default();
        let wanted = count - enough.clamp(0, count);
        let (moved, holding) = self.flow(from, to, shown.with(cell), wanted);
        let holding = holding.without(Cells::default().with(cell));
        Reach { bound: count - moved.min(count), holding }
    }

    /// The highest value that the cell can have while `shown` stay as they are, and no higher than
    /// `enough` needs.
    pub(super) fn highest(&self, cell: usize, shown: Cells, enough: i64) -> Reach {
        let count = self.table.count(cell);
        let (from, to) = self.arcs.get(cell).copied().unwrap_or_default();
        let wanted = if enough == UNBOUNDED { UNBOUNDED } else { (enough - count).max(0) };
        let (moved, holding) = self.flow(to, from, shown.with(cell), wanted);
        let holding = holding.without(Cells::default().with(cell));
        Reach { bound: count.saturating_add(moved), holding }
    }

    /// How much can flow, up to `wanted`, and which fixed cells hold it up when that is less.
    fn flow(&self, from: usize, to: usize, fixed: Cells, wanted: i64) -> (i64, Cells) {
        let mut held: Vec<i64> = self.table.cells().iter().map(|it| it.count.into()).collect();
        let mut moved = 0_i64;
        while moved < wanted {
            let came = self.search(from, fixed, &held);
            let Some(path) = path(from, to, &came, self) else {
                return (moved, self.holding(&came, from, fixed, &held));
            };
            let room = path.iter().map(|it| room(it, &held)).min().unwrap_or(UNBOUNDED);
            let amount = room.min(wanted - moved);
            if room == UNBOUNDED {
                return (wanted, Cells::default());
            }
            for step in &path {
                if let Some(it) = held.get_mut(step.cell) {
                    *it = if step.along { it.saturating_add(amount) } else { *it - amount };
                }
            }
            moved += amount;
        }
        (moved, Cells::default())
    }

    /// By which step each node is reached first, breadth first: along what has no bound before anything
    /// else, so that a way without bound is found where there is one.
    fn search(&self, from: usize, fixed: Cells, held: &[i64]) -> Vec<Option<Step>> {
        let mut came: Vec<Option<Step>> = vec![None; self.nodes];
        for bounded in [false, true] {
            let reached = (0..self.nodes)
                .filter(|it| *it == from || came.get(*it).is_some_and(Option::is_some));
            let mut queue: VecDeque<usize> = reached.collect();
            while let Some(node) = queue.pop_front() {
                for step in self.steps(node, fixed) {
                    let open = if bounded { room(&step, held) > 0 } else { step.along };
                    let new = step.to != from && came.get(step.to).is_some_and(Option::is_none);
                    if open
                        && new
                        && let Some(it) = came.get_mut(step.to)
                    {
                        *it = Some(step);
                        queue.push_back(step.to);
                    }
                }
            }
        }
        came
    }

    fn steps(&self, node: usize, fixed: Cells) -> impl Iterator<Item = Step> {
        let free = self.arcs.iter().enumerate().filter(move |(cell, _)| !fixed.has(*cell));
        free.filter_map(move |(cell, (begin, end))| {
            if *begin == node {
                Some(Step { to: *end, cell, along: true })
            } else if *end == node {
                Some(Step { to: *begin, cell, along: false })
            } else {
                None
            }
        })
    }

    /// The fixed cells that would let something out of the nodes reached.
    fn holding(&self, came: &[Option<Step>], from: usize, fixed: Cells, held: &[i64]) -> Cells {
        let reached = |node: usize| node == from || came.get(node).is_some_and(Option::is_some);
        let lets = |(cell, (begin, end)): &(usize, &(usize, usize))| {
            let along = reached(*begin) && !reached(*end);
            let against = reached(*end) && !reached(*begin);
            fixed.has(*cell) && (along || against && held.get(*cell).is_some_and(|it| *it > 0))
        };
        self.arcs.iter().enumerate().filter(lets).map(|it| it.0).collect()
    }
}

/// How much the step can take.
fn room(step: &Step, held: &[i64]) -> i64 {
    if step.along { UNBOUNDED } else { held.get(step.cell).copied().unwrap_or_default() }
}

/// The steps from one node to another.
fn path(from: usize, to: usize, came: &[Option<Step>], network: &Network<'_>) -> Option<Vec<Step>> {
    let (mut node, mut steps) = (to, Vec::new());
    while node != from {
        let step = came.get(node).copied().flatten()?;
        let (begin, end) = network.arcs.get(step.cell).copied()?;
        node = if step.along { begin } else { end };
        steps.push(step);
    }
    Some(steps)
}
