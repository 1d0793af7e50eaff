//! Columns by month, a row for each: small multiples, on one scale or on one each.

use super::*;

/// One row of columns.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) values: Vec<u64>,
    /// The last value in words.
    pub(crate) last: String,
}

/// Everything that is drawn.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    pub(crate) name: String,
    /// A word for each column.
    pub(crate) heads: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// Each row has a scale of its own: its values are of another kind than the others'.
    pub(crate) own_scales: bool,
}

const ROW: i32 = 46;
const AXIS: i32 = 26;
const LABELS: i32 = 190;
const LABELS_MAX: i32 = 280;
const LAST: i32 = 56;

impl Columns {
    /// The drawing, in a width.
    pub(crate) fn draw(&self, width: i32) -> String {
        let beside = width >= 600;
        let row = if beside { ROW } else { ROW + 20 };
        let labels = self.rows.iter().map(|it| width_of(&it.label) + 24).max().unwrap_or_default();
        let labels = if self.own_scales { labels.clamp(LABELS, LABELS_MAX) } else { LABELS };
        let (left, right) = (if beside { labels } else { 6 }, width - LAST);
        let count = i32::try_from(self.rows.len()).unwrap_or_default();
        let bottom = row * count;
        let columns = i32::try_from(self.heads.len()).unwrap_or_default().max(1);
        let most_of = |rows: &[Row]| rows.iter().flat_map(|it| &it.values).copied().max();
        let most_of_all = most_of(&self.rows);
        let at = |column: i32| left + (right - left) * column / columns;
        svg((width, bottom + AXIS), &self.name, |area| {
            for (index, it) in (0..).zip(&self.rows) {
                let top = row * index;
                if index % 2 == 0 {
                    fill(area, [(0, top), (width, top + row)], SHADE)?;
                }
                let (label_at, room) =
                    if beside { (top + row / 2, labels - 14) } else { (top + 11, width - 16) };
                write(area, &fitting(&it.label, room), (6, label_at), Held::Left, INK)?;
                let floor = top + row - 4;
                let own = most_of(std::slice::from_ref(it));
                let most = if self.own_scales { own } else { most_of_all }.unwrap_or(1).max(1);
                for (column, value) in (0..).zip(&it.values) {
                    // At most `ROW - 8` pixels.
                    let height =
                        (*value).saturating_mul(u64::from((ROW - 8).unsigned_abs())) / most;
                    let height = i32::try_from(height).unwrap_or_default();
                    if height > 0 {
                        let corners =
                            [(at(column) + 2, floor - height), (at(column + 1) - 2, floor)];
                        fill(area, corners, BLUE)?;
                    }
                }
                write(area, &it.last, (width - 8, floor - 10), Held::Right, INK)?;
            }
            self.draw_heads(area, bottom, &at)
        })
    }

    /// The words below, as many as have room.
    fn draw_heads(&self, area: &Area<'_>, bottom: i32, at: &impl Fn(i32) -> i32) -> Drawn {
        let mut free = 0;
        for (column, head) in (0..).zip(&self.heads) {
            let middle = i32::midpoint(at(column), at(column + 1));
            let half = width_of(head) / 2 + 1;
            if middle - half >= free {
                write(area, head, (middle, bottom + 13), Held::Middle, FAINT)?;
                free = middle + half + 12;
            }
        }
        Ok(())
    }
}
