//! Bars from left to right, in groups, each with its number beside it. A hidden number is an empty frame
//! over the whole width: it may be anything.

use plotters::element::Rectangle;
use plotters::style::Color as _;

use super::*;

/// One bar.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    pub(crate) label: String,
    /// `None` = hidden.
    pub(crate) value: Option<u32>,
    /// So much of the value is drawn in the bar's colour, the rest faintly. All of it where there is none.
    pub(crate) part: Option<u32>,
    /// The number in words.
    pub(crate) said: String,
    pub(crate) color: RGBColor,
}

/// Bars that belong together, under a head where it has one.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) head: String,
    pub(crate) bars: Vec<Bar>,
}

/// Everything that is drawn.
#[derive(Debug, Clone)]
pub(crate) struct Bars {
    pub(crate) name: String,
    pub(crate) groups: Vec<Group>,
    /// Each group has a scale of its own: its numbers are of another kind than the others'.
    pub(crate) own_scales: bool,
}

/// A group's head, and what sets a group apart from the one above.
const HEAD: i32 = 28;
const APART: i32 = 10;
/// A bar with its label to the left, and with the label above.
const BESIDE: i32 = 28;
const BELOW: i32 = 44;
const THICK: i32 = 16;
/// Room for labels, at most a third of what there is.
const LABELS_MAX: i32 = 320;
const EDGE: i32 = 6;
const GAP: i32 = 10;

/// Where things stand from left to right.
#[derive(Clone, Copy)]
struct Places {
    beside: bool,
    left: i32,
    right: i32,
    width: i32,
}

impl Bars {
    /// The drawing, in a width.
    pub(crate) fn draw(&self, width: i32) -> String {
        let bars = || self.groups.iter().flat_map(|it| &it.bars);
        let longest = |of: &dyn Fn(&Bar) -> i32| bars().map(of).max().unwrap_or_default();
        let beside = width >= 600;
        let labels = (longest(&|it| width_of(&it.label)) + LETTERS).min(LABELS_MAX);
        let left = if beside { EDGE + labels + GAP } else { EDGE };
        let right = width - EDGE - GAP - longest(&|it| width_of(&it.said));
        let places = Places { beside, left, right, width };
        let row = if beside { BESIDE } else { BELOW };
        let heads = self.groups.iter().filter(|it| !it.head.is_empty()).count();
        let tall = |count: usize, height: i32| {
            i32::try_from(count).unwrap_or_default().saturating_mul(height)
        };
        let apart = tall(self.groups.len().saturating_sub(1), APART);
        let height = tall(heads, HEAD) + apart + tall(bars().count(), row) + EDGE;
        let most_of_all = most(bars());
        svg((width, height), &self.name, |area| {
            let mut top = 0;
            for group in &self.groups {
                if !group.head.is_empty() {
                    fill(area, [(0, top), (width, top + HEAD - 6)], SHADE)?;
                    let head = fitting(&group.head, width - 2 * EDGE);
                    write(area, &head, (EDGE, top + 11), Held::Left, INK)?;
                    top += HEAD;
                }
                let most = if self.own_scales { most(group.bars.iter()) } else { most_of_all };
                for bar in &group.bars {
                    draw_bar(area, bar, most, top, places)?;
                    top += row;
                }
                top += APART;
            }
            Ok(())
        })
    }
}

/// The largest of the numbers that are shown, at least 1.
fn most<'a>(bars: impl Iterator<Item = &'a Bar>) -> u32 {
    bars.filter_map(|it| it.value).max().unwrap_or(1).max(1)
}

fn draw_bar(area: &Area<'_>, bar: &Bar, most: u32, top: i32, it: Places) -> Drawn {
    let Places { beside, left, right, width } = it;
    let (label, middle) =
        if beside { (top + BESIDE / 2, top + BESIDE / 2) } else { (top + 11, top + 31) };
    let room = if beside { left - EDGE - GAP } else { width - 2 * EDGE };
    write(area, &fitting(&bar.label, room), (EDGE, label), Held::Left, INK)?;
    let (above, below) = (middle - THICK / 2, middle + THICK / 2);
    let end = |value: u32| {
        let long = i64::from(right - left) * i64::from(value.min(most)) / i64::from(most);
        left + i32::try_from(long).unwrap_or_default()
    };
    let said_at = match bar.value {
        None => {
            let frame = Rectangle::new([(left, above), (right, below)], GREY.stroke_width(1));
            area.draw(&frame)?;
            right
        }
        Some(value) => {
            line(area, [(left, above - 2), (left, below + 2)], GREY, 1)?;
            let part = bar.part.unwrap_or(value);
            if value > 0 {
                fill(area, [(left, above), (end(value), below)], GRID)?;
            }
            if part > 0 {
                fill(area, [(left, above), (end(part), below)], bar.color)?;
            }
            end(value)
        }
    };
    write(area, &bar.said, (said_at + GAP, middle), Held::Left, INK)
}

/// A sign of a colour, for a key.
pub(crate) fn key(color: RGBColor) -> String {
    let text = svg((20, 20), "", |area| fill(area, [(3, 4), (17, 16)], color));
    // It stands beside its word: to those who do not see it, it is nothing.
    text.replace("role=\"img\" aria-label=\"\"", "aria-hidden=\"true\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(value: Option<u32>, part: Option<u32>) -> Bar {
        let said = value.map_or_else(|| "·".to_owned(), |it| it.to_string());
        Bar { label: "Case open".to_owned(), value, part, said, color: BLUE }
    }

    fn drawn(bars: Vec<Bar>) -> String {
        let groups = vec![Group { head: String::new(), bars }];
        Bars { name: "Families".to_owned(), groups, own_scales: false }.draw(WIDE)
    }

    #[test]
    fn a_hidden_number_is_a_frame_and_says_nothing_of_its_size() {
        let beside_small = drawn(vec![bar(None, None), bar(Some(10), None)]);
        let beside_large = drawn(vec![bar(None, None), bar(Some(90), None)]);
        let frame = |text: &str| {
            let line = text.lines().find(|it| it.contains("fill=\"none\"")).map(str::to_owned);
            line.expect("a frame")
        };
        assert_eq!(frame(&beside_small), frame(&beside_large));
        assert!(beside_small.contains("·"), "{beside_small}");
    }

    #[test]
    fn the_longest_bar_fills_its_room_and_nothing_has_no_bar() {
        let text = drawn(vec![bar(Some(40), Some(10)), bar(Some(0), None)]);
        let widths = |color: &str| -> Vec<i32> {
            let bars = text.lines().filter(|it| it.starts_with("<rect") && it.contains(color));
            let width = |it: &str| it.split("width=\"").nth(1)?.split('"').next()?.parse().ok();
            bars.filter_map(width).collect()
        };
        let (whole, part) = (widths("#D0D0D6"), widths("#0065A3"));
        assert_eq!((whole.len(), part.len()), (1, 1), "{text}");
        assert!((part[0] * 4 - whole[0]).abs() <= 4, "{whole:?} {part:?}");
    }
}
