//! Charts as SVG, made on the server: each in two widths, of which the style shows the one that fits, and
//! each beside a table that says the same.
//!
//! A chart's colours are names: `assets/style.css` says what they are in light and in dark, by the value
//! that is written here.

pub(crate) mod bars;
pub(crate) mod columns;
pub(crate) mod genogram;
pub(crate) mod lanes;
pub(crate) mod risk;
mod scale;

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea as _};
use plotters::element::{PathElement, Rectangle, Text};
use plotters::prelude::SVGBackend;
pub(crate) use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, IntoFont as _, TextStyle};

/// Text and strong lines.
pub(crate) const INK: RGBColor = RGBColor(0x1B, 0x1B, 0x1F);
/// Text of axes.
pub(crate) const FAINT: RGBColor = RGBColor(0x55, 0x55, 0x5E);
/// Lines of a grid.
pub(crate) const GRID: RGBColor = RGBColor(0xD0, 0xD0, 0xD6);
/// Every other lane.
pub(crate) const SHADE: RGBColor = RGBColor(0xF2, 0xF2, 0xF5);
/// The page behind.
pub(crate) const PAPER: RGBColor = RGBColor(0xFE, 0xFE, 0xFE);
/// Contacts and sessions.
pub(crate) const BLUE: RGBColor = RGBColor(0x00, 0x65, 0xA3);
/// Assessments and judgements.
pub(crate) const GREEN: RGBColor = RGBColor(0x00, 0x7A, 0x58);
/// Interventions.
pub(crate) const PURPLE: RGBColor = RGBColor(0x8A, 0x4F, 0x9E);
/// The case, plans, referrals.
pub(crate) const GREY: RGBColor = RGBColor(0x6A, 0x6A, 0x74);
/// Incidents, flags, and what is out of date.
pub(crate) const RED: RGBColor = RGBColor(0xB3, 0x3A, 0x1E);
/// What was corrected.
pub(crate) const AMBER: RGBColor = RGBColor(0xA8, 0x6A, 0x00);

/// What plotters draws on.
pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// What drawing gives; into memory it does not fail.
pub(crate) type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Widths of a chart: beside a wide screen's margins, and on a telephone. Pixels.
pub(crate) const WIDE: i32 = 1100;
pub(crate) const NARROW: i32 = 330;
/// The width of one to the left of its table; `.pair` in the style leaves it so much room.
const BESIDE_TABLE: i32 = 624;
/// The size of letters, in pixels; and the room that a letter takes on average, in tenths of a pixel.
pub(crate) const LETTERS: i32 = 13;
const LETTER_WIDTH_TENTHS: i32 = 72;

/// A chart in both widths.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figure {
    pub(crate) wide: String,
    pub(crate) narrow: String,
}

impl Figure {
    /// Draws a chart in both widths; `draw` gets the width and gives the SVG.
    pub(crate) fn of(draw: impl Fn(i32) -> String) -> Figure {
        Figure { wide: draw(WIDE), narrow: draw(NARROW) }
    }

    /// The same for a chart that stands to the left of its table where there is room.
    pub(crate) fn beside(draw: impl Fn(i32) -> String) -> Figure {
        Figure { wide: draw(BESIDE_TABLE), narrow: draw(NARROW) }
    }
}

/// An SVG of a size, with its name for those who do not see it.
pub(crate) fn svg(
    (width, height): (i32, i32),
    name: &str,
    draw: impl FnOnce(&Area<'_>) -> Drawn,
) -> String {
    let mut text = String::new();
    let size = (u32::try_from(width).unwrap_or(1), u32::try_from(height).unwrap_or(1));
    let drawn = {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        draw(&area).and_then(|()| Ok(area.present()?))
    };
    if let Err(error) = drawn {
        tracing::error!(%error, "a chart could not be drawn");
        return String::new();
    }
    // The library's own head says nothing to those who do not see.
    let Some((_, inside)) = text.split_once('>') else { return String::new() };
    let name = escape(name);
    format!(
        "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{name}\">{inside}"
    )
}

/// A text inside an attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// Where a text is held.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Held {
    Left,
    Middle,
    Right,
}

/// A text on the drawing, its middle at the height.
pub(crate) fn write(
    area: &Area<'_>,
    text: &str,
    at: (i32, i32),
    held: Held,
    color: RGBColor,
) -> Drawn {
    let h_pos = match held {
        Held::Left => HPos::Left,
        Held::Middle => HPos::Center,
        Held::Right => HPos::Right,
    };
    // The library divides what it is given by 1.24.
    let size = f64::from(LETTERS) * 1.24;
    let style = TextStyle::from(("sans-serif", size).into_font()).color(&color);
    area.draw(&Text::new(text.to_owned(), at, style.pos(Pos::new(h_pos, VPos::Center))))?;
    Ok(())
}

/// A text cut to what fits the pixels.
pub(crate) fn fitting(text: &str, pixels: i32) -> String {
    let letters = usize::try_from(pixels * 10 / LETTER_WIDTH_TENTHS).unwrap_or_default();
    fokus_words::labels::beginning(text, letters.max(1))
}

/// The room that a text takes, in pixels.
pub(crate) fn width_of(text: &str) -> i32 {
    let letters = i32::try_from(text.chars().count()).unwrap_or(i32::MAX / LETTER_WIDTH_TENTHS);
    letters.saturating_mul(LETTER_WIDTH_TENTHS) / 10
}

/// A line from here to there.
pub(crate) fn line(area: &Area<'_>, ends: [(i32, i32); 2], color: RGBColor, width: u32) -> Drawn {
    area.draw(&PathElement::new(ends.to_vec(), color.stroke_width(width)))?;
    Ok(())
}

/// A filled box.
pub(crate) fn fill(area: &Area<'_>, corners: [(i32, i32); 2], color: RGBColor) -> Drawn {
    area.draw(&Rectangle::new(corners, color.filled()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_a_name_and_no_text_of_others_as_markup() {
        let text =
            svg((100, 40), "\"<Amina>\"", |area| write(area, "<script>", (5, 20), Held::Left, INK));
        assert!(text.starts_with("<svg class=\"chart\""), "{text}");
        assert!(text.contains("aria-label=\"&quot;&lt;Amina&gt;&quot;\""), "{text}");
        assert!(text.contains("&lt;script&gt;"), "{text}");
        assert!(text.contains("fill=\"#1B1B1F\""), "the colour is the name: {text}");
        assert!(text.trim_end().ends_with("</svg>"), "{text}");
    }

    #[test]
    fn a_label_is_cut_to_its_room() {
        assert_eq!(fitting("Amina", 100), "Amina");
        assert_eq!(fitting("Snæflert Kvistdal Bjælktoft", 72), "Snæflert…");
    }
}
