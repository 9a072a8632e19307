//! The picture of a comparison of one size: a panel for each strategy, and in it a bar for each number of workers. A
//! bar goes up from serial if the strategy is faster, and down if it is slower. Strategies with wrong answers are apart
//! from the others; a wrong row has no bar.

use crate::compare::laws::Law;
use crate::compare::own::StrategyName;
use crate::compare::row::{Comparison, Row, strategies};
use crate::compare::stats::Measured;
use crate::compare::strategy::Strategy;
use crate::darts::tally::counted;
use crate::report::comparison::words::{answer, speed_up, wrong_share};
use crate::report::picture::page::{
    Font, MARGIN, NOTE, ORIGIN, Page, Path, Point, SMALL, Side, TINY, width,
};
use crate::report::picture::paint::{Paint, Pen};
use crate::report::picture::ratios::{Ratios, WHISKER, shown_ends};
use crate::report::picture::verdicts::{LAW, WRONG, ideal, legend, pen};

/// The left end of all panels, and the distance between two.
const LEFT: f64 = 92.0;
const APART: f64 = 18.0;
/// The room for the bars of one number of workers: the most, the least, and the most for all bars of a panel that
/// shares its line with others.
const PITCH: f64 = 90.0;
const LEAST_PITCH: f64 = 3.0;
const BARS: f64 = 290.0;
/// The least width of a page.
const NARROW: f64 = 660.0;
/// The heights of a line of panels: the group's name, the three lines of a panel's head, the bars, and the workers.
const GROUP: f64 = 26.0;
const HEAD: f64 = 62.0;
const WORKERS: f64 = 46.0;
/// The height of the bars if there is one line of panels, and if there are several.
const TALL: f64 = 330.0;
const LOW: f64 = 210.0;

const RIGHT_ANSWERS: &str = "✓ right answers";
const WRONG_ANSWERS: &str = "✗ wrong answers";

/// A strategy's rows, in ascending order of workers.
struct Panel<'a> {
    strategy: StrategyName,
    rows: Vec<&'a Row>,
    is_wrong: bool,
    /// The name, the answer, and the number of workers it is of.
    head: [String; 3],
}

/// A panel's place: its line, its left end, and its width.
#[derive(Clone, Copy)]
struct Place {
    line: usize,
    left: f64,
    width: f64,
}

/// The width of a page for the panels, at most `most`.
pub(crate) fn page_width(comparison: &Comparison, most: f64) -> f64 {
    let places = places(&panels(comparison), most - MARGIN);
    let right = places.iter().map(|place| place.left + place.width);
    (right.fold(0.0, f64::max) + MARGIN).clamp(NARROW, most)
}

/// Draws the bars below `top`. Returns the lower end of everything.
pub(crate) fn bars(page: &mut Page, comparison: &Comparison, top: f64) -> f64 {
    let panels = panels(comparison);
    let laws = comparison.laws();
    let rows = panels.iter().flat_map(|panel| &panel.rows);
    let rows: Vec<&Row> = rows.copied().collect();
    let legend = legend(comparison, &rows, &laws);
    let (samples, top) = page.legend(MARGIN, top, legend);
    for (sample, at) in samples {
        sample.draw(page, at);
    }
    let places = places(&panels, page.right());
    let lines = places.last().map_or(0, |place| place.line + 1);
    let is_split = panels.iter().any(|panel| panel.is_wrong);
    let group = if is_split { GROUP } else { 0.0 };
    let bars = if lines > 1 { LOW } else { TALL };
    let height = group + HEAD + bars + WORKERS;
    let above = top + 16.0 + group + HEAD;
    let first = ratios(comparison, &panels, above, above + bars);
    for line in 0..lines {
        let axis = first.moved(height * line as f64);
        let in_line = places.iter().filter(|place| place.line == line);
        let right = in_line.map(|place| place.left + place.width);
        let right = right.fold(LEFT, f64::max);
        axis.draw(page, LEFT - 10.0, right);
        let y = axis.y(0.0) + 14.0;
        page.write((LEFT - 18.0, y), Side::Right, NOTE, "workers");
    }
    let mut last = None;
    for (panel, place) in panels.iter().zip(&places) {
        let axis = first.moved(height * place.line as f64);
        let group = (panel.is_wrong, place.line);
        if is_split && last != Some(group) {
            let name = if panel.is_wrong {
                WRONG_ANSWERS
            } else {
                RIGHT_ANSWERS
            };
            let y = above + height * place.line as f64 - HEAD - GROUP / 2.0;
            page.write((place.left, y), Side::Left, NOTE, name);
        }
        last = Some(group);
        panel.draw(page, *place, axis, comparison, &laws);
    }
    above + height * lines.max(1) as f64 - HEAD - group
}

/// The panels, those with wrong answers last.
fn panels(comparison: &Comparison) -> Vec<Panel<'_>> {
    let of = |strategy: StrategyName| {
        let rows = comparison.rows.iter();
        let mut rows: Vec<&Row> = rows.filter(|row| row.strategy == strategy).collect();
        rows.sort_by_key(|row| row.workers);
        let is_wrong = rows.iter().any(|row| row.status.is_wrong());
        let shown = *telling(&rows)?;
        let said = if is_wrong {
            answer(shown, false)
        } else {
            speed_up(shown)
        };
        let on = if strategy.has_one_row() {
            String::new()
        } else {
            format!("on {}", counted(shown.workers, "worker"))
        };
        let head = [strategy.to_string(), said, on];
        Some(Panel {
            strategy,
            rows,
            is_wrong,
            head,
        })
    };
    let others = strategies(comparison.rows.iter()).into_iter();
    let others = others.filter(|strategy| *strategy != Strategy::Serial);
    let mut panels: Vec<_> = others.filter_map(of).collect();
    panels.sort_by_key(|panel| panel.is_wrong);
    panels
}

/// The row that says most about a strategy: the most wrong, or else the fastest.
pub(crate) fn telling<'a, 'b>(rows: &'b [&'a Row]) -> Option<&'b &'a Row> {
    let wrong = rows.iter().filter(|row| row.status.is_wrong());
    let worst = wrong.max_by(|a, b| wrong_share(a).total_cmp(&wrong_share(b)));
    let value = |row: &Row| row.speed_up.map_or(0.0, |ratio| ratio.value);
    worst.or_else(|| rows.iter().max_by(|a, b| value(a).total_cmp(&value(b))))
}

/// The axis of all panels.
fn ratios(comparison: &Comparison, panels: &[Panel], top: f64, bottom: f64) -> Ratios {
    let rows = || panels.iter().flat_map(|panel| &panel.rows);
    let drawn = || rows().filter_map(|row| row.speed_up);
    let most = drawn().map(|ratio| ratio.value).fold(1.0, f64::max);
    // An ideal that is far above all bars would press them together.
    let ideals = rows().filter_map(|row| ideal(comparison, row));
    let ideals = ideals.map(|ideal| ideal.min(4.0 * most));
    Ratios::of(drawn().flat_map(shown_ends).chain(ideals), top, bottom)
}

/// The places of the panels, as many in a line as fit.
fn places(panels: &[Panel], right: f64) -> Vec<Place> {
    let rows = panels.iter().map(|panel| panel.rows.len()).max();
    let rows = rows.unwrap_or(0).max(1) as f64;
    let room = right - LEFT;
    let pitch = (BARS / rows).clamp(LEAST_PITCH, PITCH).min(room / rows);
    // One line of narrow bars is easier to read than several lines.
    let narrow = [54.0, 42.0, 30.0]
        .into_iter()
        .filter(|narrow| *narrow < pitch);
    let pitches = [pitch].into_iter().chain(narrow);
    let all: Vec<_> = pitches
        .map(|pitch| in_lines(panels, right, pitch))
        .collect();
    let is_one_line = |places: &&Vec<Place>| places.last().is_none_or(|last| last.line == 0);
    all.iter().find(is_one_line).unwrap_or(&all[0]).clone()
}

/// The places of the panels with bars of this pitch.
fn in_lines(panels: &[Panel], right: f64, pitch: f64) -> Vec<Place> {
    let widths: Vec<f64> = panels
        .iter()
        .map(|panel| panel.width(pitch).min(right - LEFT))
        .collect();
    let mut places: Vec<Place> = Vec::new();
    let (mut line, mut left) = (0, LEFT);
    for (i, panel) in panels.iter().enumerate() {
        let is_first = i == 0 || panels[i - 1].is_wrong != panel.is_wrong;
        if is_first && left > LEFT {
            left += APART;
        }
        // A panel alone in its line and group is as wide as the name of the group.
        let next = panels.get(i + 1).zip(widths.get(i + 1));
        let is_last = next.is_none_or(|(next, width)| {
            next.is_wrong != panel.is_wrong || left + widths[i] + APART + width > right
        });
        let width = if is_last && (is_first || left == LEFT) {
            widths[i].max(width(WRONG_ANSWERS, SMALL))
        } else {
            widths[i]
        };
        if left > LEFT && left + width > right {
            (line, left) = (line + 1, LEFT);
        }
        places.push(Place { line, left, width });
        left += width + APART;
    }
    places
}

impl Panel<'_> {
    /// The room that its bars and its head take.
    fn width(&self, pitch: f64) -> f64 {
        // The first is bold, and wider.
        let head = [1.15 * (SMALL + 2.0), SMALL, TINY];
        let head = self.head.iter().zip(head);
        let head = head.map(|(text, size)| width(text, size));
        head.fold(pitch * self.rows.len() as f64, f64::max)
    }

    fn draw(
        &self,
        page: &mut Page,
        place: Place,
        axis: Ratios,
        comparison: &Comparison,
        laws: &[Law],
    ) {
        let (top, bottom) = (axis.y(f64::INFINITY), axis.y(0.0));
        let [name, said, on] = &self.head;
        let fonts = [Font::of(SMALL + 2.0).bold(), NOTE, ORIGIN];
        for ((text, font), up) in [name, said, on]
            .into_iter()
            .zip(fonts)
            .zip([52.0, 34.0, 17.0])
        {
            page.write((place.left, top - up), Side::Left, font, text);
        }
        let pitch = place.width / self.rows.len() as f64;
        let pitch = pitch.min(PITCH);
        let at = |i: f64| place.left + pitch * (i + 0.5);
        let half = (0.36 * pitch).clamp(1.0, 24.0);
        let mut whiskers = Vec::new();
        let mut ideals = Vec::new();
        let mut wrong = Vec::new();
        let mut last = f64::NEG_INFINITY;
        for (i, row) in self.rows.iter().enumerate() {
            let x = at(i as f64);
            if let Some(ratio) = row.speed_up {
                bar(page, row, ratio, axis, (x, half));
                whiskers.push(axis.whisker(ratio, x, half.min(3.0)));
            }
            if row.status.is_wrong() {
                wrong.push(Path::cross((x, axis.y(1.0)), half.min(6.0)));
            }
            let ideal = ideal(comparison, row).filter(|ideal| axis.holds(*ideal));
            if let Some(ideal) = ideal.filter(|_| row.speed_up.is_some()) {
                let y = axis.y(ideal);
                ideals.push(Path::through([(x - half - 2.0, y), (x + half + 2.0, y)]));
            }
            let label = row.workers.to_string();
            let wide = width(&label, SMALL) / 2.0;
            if !self.strategy.has_one_row() && x - wide >= last {
                page.write((x, bottom + 14.0), Side::Middle, NOTE, &label);
                last = x + wide + 6.0;
            }
        }
        let law = laws.iter().find(|law| law.strategy == self.strategy);
        if let Some(law) = law {
            page.draw(self.curve(law, axis, at), LAW);
        }
        let ideal = Pen::line(Paint::Ink, half.clamp(1.0, 3.0));
        page.draw(ideals.into_iter().collect(), ideal);
        page.draw(whiskers.into_iter().collect(), WHISKER);
        page.draw(wrong.into_iter().collect(), WRONG);
    }

    /// The law over the bars that it was fitted to, and on a straight line across those that were left out.
    fn curve(&self, law: &Law, axis: Ratios, at: impl Fn(f64) -> f64) -> Path {
        const STEPS: usize = 12;
        let rows = self.rows.iter().enumerate();
        let fitted: Vec<(f64, f64)> = rows
            .filter(|(_, row)| law.workers.contains(&row.workers))
            .map(|(place, row)| (place as f64, row.workers as f64))
            .collect();
        let between = fitted.array_windows().flat_map(|[from, to]| {
            (0..STEPS).map(move |step| {
                let share = step as f64 / STEPS as f64;
                let place = from.0 + share * (to.0 - from.0);
                (place, from.1 * (to.1 / from.1).powf(share))
            })
        });
        let point = |(place, workers): (f64, f64)| {
            let ratio = law.speed_up(workers).filter(|ratio| axis.holds(*ratio))?;
            Some((at(place), axis.y(ratio)))
        };
        let points: Vec<Option<Point>> = between.chain(fitted.last().copied()).map(point).collect();
        let pieces = points.split(Option::is_none);
        pieces
            .map(|piece| Path::through(piece.iter().copied().flatten()))
            .collect()
    }
}

/// Draws a bar from serial to a speed-up, `half` pixels to both sides of `x`.
fn bar(page: &mut Page, row: &Row, ratio: Measured, axis: Ratios, (x, half): (f64, f64)) {
    let (serial, y) = (axis.y(1.0), axis.y(ratio.value));
    // A bar without height would not be seen.
    let y = if (y - serial).abs() < 1.5 {
        serial - 1.5
    } else {
        y
    };
    let corners = Path::rectangle((x - half, y), (x + half, serial));
    page.draw(corners, pen(row.status, ratio.ci95.is_some()));
}
