//! A genogram: the grown-ups above, the children below, and around each household a frame. Squares are
//! men, circles women, lozenges everybody of whom the role does not say it.

use fokus_words::Words;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::Color as _;

use super::*;

/// A symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Square,
    Circle,
    Lozenge,
}

/// Somebody of the family.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Such as "mother, 43".
    pub(crate) about: String,
    pub(crate) shape: Shape,
    pub(crate) grown_up: bool,
    /// The household: 0 = the core, 1 = part of the time, 2 = elsewhere.
    pub(crate) household: u8,
    pub(crate) died: bool,
}

/// A relationship, as stated.
#[derive(Debug, Clone)]
pub(crate) struct Tie {
    pub(crate) one: String,
    pub(crate) other: String,
    pub(crate) strained: bool,
}

/// Everything that is drawn.
#[derive(Debug, Clone)]
pub(crate) struct Genogram {
    pub(crate) name: String,
    pub(crate) people: Vec<Person>,
    pub(crate) ties: Vec<Tie>,
    /// The households in words.
    pub(crate) households: [String; 3],
}

const CELL: i32 = 150;
const ROW: i32 = 120;
const HEAD: i32 = 24;

/// Where somebody stands.
struct Place<'a> {
    person: &'a Person,
    x: i32,
    y: i32,
}

impl Genogram {
    /// The drawing, at most as wide as this: rows are broken where they do not fit.
    pub(crate) fn draw(&self, width: i32, _w: Words) -> String {
        let across = (width / CELL).max(1);
        let mut places: Vec<Place<'_>> = Vec::new();
        let mut frames: Vec<(i32, i32, u8)> = Vec::new();
        let mut top = 0;
        for household in 0..3 {
            let of = |grown_up: bool| {
                let people = self.people.iter();
                people.filter(move |it| it.household == household && it.grown_up == grown_up)
            };
            let (above, below): (Vec<_>, Vec<_>) = (of(true).collect(), of(false).collect());
            if above.is_empty() && below.is_empty() {
                continue;
            }
            let begin = top;
            top += HEAD;
            for row in [above, below] {
                for (index, person) in (0_i32..).zip(row.iter()) {
                    let (column, line) = (index % across, index / across);
                    let x = CELL * column + CELL / 2;
                    places.push(Place { person, x, y: top + ROW * line + 32 });
                }
                let count = i32::try_from(row.len()).unwrap_or_default();
                top += ROW * ((count + across - 1) / across);
            }
            frames.push((begin, top - 6, household));
            top += 10;
        }
        let columns = places.iter().map(|it| it.x / CELL + 1).max().unwrap_or(1);
        // The households' words need room too.
        let width = width.min((CELL * columns + 8).max(CELL * 2));
        svg((width, top.max(1)), &self.name, |area| {
            for (begin, end, household) in &frames {
                self.draw_frame(area, (*begin, *end), *household, width)?;
            }
            self.draw_ties(area, &places)?;
            for it in &places {
                draw_person(area, it)?;
            }
            Ok(())
        })
    }

    fn draw_frame(
        &self,
        area: &Area<'_>,
        (begin, end): (i32, i32),
        household: u8,
        width: i32,
    ) -> Drawn {
        let corners = [(1, begin + 1), (width - 2, end)];
        area.draw(&Rectangle::new(corners, GREY.stroke_width(1)))?;
        let label = self.households.get(usize::from(household)).map_or("", String::as_str);
        write(area, &fitting(label, width - 20), (8, begin + 13), Held::Left, FAINT)
    }

    fn draw_ties(&self, area: &Area<'_>, places: &[Place<'_>]) -> Drawn {
        let find = |id: &str| places.iter().find(|it| it.person.id == id);
        for tie in &self.ties {
            let (Some(one), Some(other)) = (find(&tie.one), find(&tie.other)) else { continue };
            let (color, width) = if tie.strained { (RED, 2) } else { (GREY, 1) };
            line(area, [(one.x, one.y), (other.x, other.y)], color, width)?;
        }
        Ok(())
    }
}

fn draw_person(area: &Area<'_>, Place { person, x, y }: &Place<'_>) -> Drawn {
    let (x, y) = (*x, *y);
    match person.shape {
        Shape::Square => {
            let corners = [(x - 17, y - 17), (x + 17, y + 17)];
            area.draw(&Rectangle::new(corners, PAPER.filled()))?;
            area.draw(&Rectangle::new(corners, INK.stroke_width(2)))?;
        }
        Shape::Circle => {
            area.draw(&Circle::new((x, y), 18, PAPER.filled()))?;
            area.draw(&Circle::new((x, y), 18, INK.stroke_width(2)))?;
        }
        Shape::Lozenge => {
            let mut corners = vec![(x, y - 20), (x + 20, y), (x, y + 20), (x - 20, y)];
            area.draw(&Polygon::new(corners.clone(), PAPER.filled()))?;
            corners.push((x, y - 20));
            area.draw(&PathElement::new(corners, INK.stroke_width(2)))?;
        }
    }
    if person.died {
        line(area, [(x - 17, y - 17), (x + 17, y + 17)], INK, 2)?;
        line(area, [(x - 17, y + 17), (x + 17, y - 17)], INK, 2)?;
    }
    // A name takes two lines where it must; names and what stands below are never wider than the cell.
    fill(area, [(x - CELL / 2 + 4, y + 24), (x + CELL / 2 - 4, y + 62)], PAPER)?;
    write(area, &fitting(&person.name, CELL - 14), (x, y + 34), Held::Middle, INK)?;
    write(area, &fitting(&person.about, CELL - 14), (x, y + 52), Held::Middle, FAINT)
}
