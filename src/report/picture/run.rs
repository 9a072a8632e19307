//! The picture of a run: on the left its first darts, and on the right its course. That has the estimate after 1, 10,
//! 100, ... darts with the digits of π that it has so far, and beside it the estimate's distance from π, on a scale of
//! decades to both sides. On such a scale the band that holds 95 % of all runs narrows by half a decade with each
//! decade of darts, so that a run of 10^19 darts is as plain to see as one of a thousand. A lazy run has no darts.

use std::f64::consts::PI;

use crate::darts::replay;
use crate::darts::tally::Tally;
use crate::report::numbers::grouped;
use crate::report::origin;
use crate::report::picture::page::{
    Font, MARGIN, NOTE, Page, Path, Point, SAMPLE, SMALL, Side, power_of_ten, width,
};
use crate::report::picture::paint::{Paint, Pen};
use crate::report::run::wanted;
use crate::result::estimate::{Estimate, Interval, Z95};
use crate::result::record::{Method, Record};

/// The side of the square, which is also the height of the course.
const SQUARE: f64 = 520.0;
/// The course: the right end of the numbers of darts, the left end of the estimates and of the panel, and the width of
/// the panel beside darts and without them.
const DARTS: f64 = 60.0;
const ESTIMATES: f64 = 74.0;
const PANEL: f64 = 222.0;
const WIDTHS: [f64; 2] = [288.0, 480.0];

/// The most darts that a picture shows.
const SHOWN: u64 = 2_000;

/// The most decimals of an estimate that an `f64` holds.
const DECIMALS: usize = 15;

/// The least distance between two rows of the course, and between the labels of two distances.
const ROW: f64 = 20.0;
const LABEL: f64 = 48.0;

const DIGITS: Font = Font {
    mono: true,
    ..Font::of(SMALL)
};
const KNOWN: Font = DIGITS.bold().paint(Paint::Blue);

const HIT: Pen = Pen::line(Paint::Blue, 4.0);
const MISS: Pen = Pen::line(Paint::Vermilion, 1.0);
const BAND: Pen = Pen::fill(Paint::Sky);
const COURSE: Pen = Pen::line(Paint::Blue, 1.0);
const INSIDE: Pen = Pen::line(Paint::Blue, 7.0);
const OUTSIDE: Pen = Pen::line(Paint::Vermilion, 2.0);
const TRUTH: Pen = Pen::dashed(Paint::Ink, 1.2);

/// Draws a run: its first darts, and the estimate at each of the `milestones`, the last of which is the end of the
/// run.
pub fn run(record: &Record, milestones: &[Tally]) -> String {
    let is_lazy = record.method == Method::Lazy;
    let left = if is_lazy { 10.0 } else { MARGIN + SQUARE };
    let panel_width = WIDTHS[usize::from(is_lazy)];
    let mut page = Page::new(left + PANEL + panel_width + MARGIN);
    let title = title(record);
    let partial = partial(record);
    let top = 34.0 + page.heading(&title, partial.as_deref(), &origin::record(record));
    let mut samples = Vec::new();
    if !is_lazy {
        darts(&mut page, record, top);
        let shown = format!("the first {} darts", grouped(SHOWN));
        let all = if record.sims > SHOWN {
            &shown
        } else {
            "all darts"
        };
        samples.push((Sample::Hit, format!("hit, {all}")));
        samples.push((Sample::Miss, "miss".to_owned()));
    }
    if record.sims > 0 {
        let course = Course::of(record, milestones, (left, top), panel_width);
        course.draw(&mut page);
        samples.push((Sample::Digits, "digits of π".to_owned()));
        samples.push((Sample::Estimate, "estimate".to_owned()));
        samples.push((Sample::Band, "95 % of all runs".to_owned()));
        if course.points().iter().any(|(_, is_outside)| *is_outside) {
            samples.push((Sample::Outside, "outside of it".to_owned()));
        }
        samples.push((Sample::Truth, "π".to_owned()));
    }
    let (places, end) = page.legend(MARGIN, top + SQUARE + 38.0, samples);
    for (sample, at) in places {
        sample.draw(&mut page, at);
    }
    let description = description(record, is_lazy);
    page.finish(end + 14.0, &title, &description)
}

fn title(record: &Record) -> String {
    let estimate = record.estimate();
    let Estimate { pi, std_error, .. } = estimate;
    let decimals = estimate.decimals();
    let error = match estimate.known_error() {
        Some(_) => format!(" ± {std_error:.decimals$}"),
        None => String::new(),
    };
    let lazy = match record.method {
        Method::Darts => "",
        Method::Lazy => "lazy ",
    };
    match record.sims {
        0 => "no darts".to_owned(),
        1 => format!("π ≈ {pi:.decimals$} from 1 {lazy}dart"),
        sims => format!(
            "π ≈ {pi:.decimals$}{error} from {} {lazy}darts",
            grouped(sims)
        ),
    }
}

/// Says that darts are missing.
fn partial(record: &Record) -> Option<String> {
    let of = wanted(record).map(|wanted| format!(" of {}", grouped(wanted)));
    let (sims, of) = (grouped(record.sims), of.unwrap_or_default());
    record
        .partial
        .then(|| format!("PARTIAL: stopped after {sims}{of} darts"))
}

fn description(record: &Record, is_lazy: bool) -> String {
    let square = if is_lazy {
        "No dart was thrown."
    } else {
        "Darts in a square: those inside its circle are hits, those in its corners are misses."
    };
    let Interval { low, high } = record.estimate().ci95;
    let decimals = record.estimate().decimals();
    format!(
        "{square} Beside them the estimate after 1, 10, 100 and more darts, and its distance from π, which shrinks as \
         one over the root of their number. The 95 % interval at the end is {low:.decimals$} to {high:.decimals$}."
    )
}

/// The square with the first darts, and the circle that they should hit.
fn darts(page: &mut Page, record: &Record, top: f64) {
    let half = SQUARE / 2.0;
    let centre = (MARGIN + half, top + half);
    let end = record.first.saturating_add(record.sims.min(SHOWN));
    let (mut hits, mut misses) = (Vec::new(), Vec::new());
    for dart in replay::darts(record.seed, record.first..end) {
        let at = (centre.0 + half * dart.x, centre.1 - half * dart.y);
        if dart.hit {
            hits.push(Path::dot(at));
        } else {
            misses.push(Path::cross(at, 2.5));
        }
    }
    page.draw(hits.into_iter().collect(), HIT);
    page.draw(misses.into_iter().collect(), MISS);
    let square = Path::rectangle((MARGIN, top), (MARGIN + SQUARE, top + SQUARE));
    page.draw(square, Pen::line(Paint::Ink, 1.0));
    page.draw(Path::circle(centre, half), Pen::line(Paint::Ink, 1.6));
}

/// The samples of the legend.
#[derive(Clone, Copy)]
enum Sample {
    Hit,
    Miss,
    Digits,
    Estimate,
    Band,
    Outside,
    Truth,
}

impl Sample {
    fn draw(self, page: &mut Page, (x, y): Point) {
        let middle = (x + SAMPLE / 2.0, y);
        let line = || Path::through([(x, y), (x + SAMPLE, y)]);
        match self {
            Sample::Hit => page.draw(Path::dot(middle), HIT),
            Sample::Miss => page.draw(Path::cross(middle, 2.5), MISS),
            Sample::Digits => page.write((x, y), Side::Left, KNOWN, "3.1"),
            Sample::Band => {
                page.draw(Path::rectangle((x, y - 7.0), (x + SAMPLE, y + 7.0)), BAND);
            }
            Sample::Estimate => {
                page.draw(line(), COURSE);
                page.draw(Path::dot(middle), INSIDE);
            }
            Sample::Outside => page.draw(Path::cross(middle, 4.0), OUTSIDE),
            Sample::Truth => page.draw(line(), TRUTH),
        }
    }
}

/// The course of a run, from the first dart at the top to the last at the bottom.
struct Course<'a> {
    milestones: &'a [Tally],
    sims: u64,
    /// The logarithm of the number of darts, at least 1.
    decades: f64,
    left: f64,
    top: f64,
    /// The width of the panel.
    width: f64,
}

impl Course<'_> {
    fn of<'a>(
        record: &Record,
        milestones: &'a [Tally],
        (left, top): Point,
        width: f64,
    ) -> Course<'a> {
        Course {
            milestones,
            sims: record.sims,
            decades: (record.sims.max(10) as f64).log10(),
            left,
            top,
            width,
        }
    }

    fn draw(&self, page: &mut Page) {
        self.rows(page);
        self.distances(page);
        let [left, right] = self.sides();
        let (middle, bottom) = (self.middle(), self.top + SQUARE);
        page.draw(self.band(), BAND);
        self.grid(page);
        let truth = [(middle, self.top), (middle, bottom)];
        page.draw(Path::through(truth), TRUTH);
        let points = self.points();
        page.draw(Path::through(points.iter().map(|(at, _)| *at)), COURSE);
        let (outside, inside): (Vec<_>, Vec<_>) =
            points.into_iter().partition(|(_, is_outside)| *is_outside);
        let dots = inside.into_iter().map(|(at, _)| Path::dot(at));
        page.draw(dots.collect(), INSIDE);
        let crosses = outside.into_iter().map(|(at, _)| Path::cross(at, 4.0));
        page.draw(crosses.collect(), OUTSIDE);
        let outline = Path::rectangle((left, self.top), (right, bottom));
        page.draw(outline, Pen::line(Paint::Ink, 1.0));
    }

    /// The places of the estimates, and whether they are outside the band.
    fn points(&self) -> Vec<(Point, bool)> {
        let thrown = self.milestones.iter().filter(|tally| tally.sims > 0);
        let point = |tally: &Tally| {
            let estimate = Estimate::of(*tally);
            let x = self.middle() + self.offset(estimate.pi - PI);
            ((x, self.y(tally.sims as f64)), !estimate.ci95.holds(PI))
        };
        thrown.map(point).collect()
    }

    /// The sides of the panel.
    fn sides(&self) -> [f64; 2] {
        [0.0, self.width].map(|x| self.left + PANEL + x)
    }

    fn middle(&self) -> f64 {
        self.left + PANEL + self.width / 2.0
    }

    fn y(&self, sims: f64) -> f64 {
        self.top + SQUARE * sims.log10() / self.decades
    }

    /// The logarithm of the least distance from π that can be told from none: a tenth of the band's at the end.
    fn least(&self) -> f64 {
        band(1.0).log10() - self.decades / 2.0 - 1.0
    }

    /// The pixels from the middle to a distance from π.
    fn offset(&self, distance: f64) -> f64 {
        let half = self.width / 2.0;
        let most = band(1.0).log10() + 0.02;
        let share = (distance.abs().log10() - self.least()) / (most - self.least());
        distance.signum() * half * share.clamp(0.0, 1.0)
    }

    fn band(&self) -> Path {
        let ends = [1.0, self.sims as f64];
        let side = |sign: f64| {
            ends.map(|sims| (self.middle() + self.offset(sign * band(sims)), self.y(sims)))
        };
        let [left, mut right] = [-1.0, 1.0].map(side);
        right.reverse();
        Path::around(left.into_iter().chain(right))
    }

    /// The rows that have a label: the decades, and the end. Two labels are never too near each other.
    fn labels(&self) -> Vec<(u64, String)> {
        let mut rows = Vec::new();
        let is_decade = |sims: u64| 10u64.pow(sims.ilog10()) == sims;
        let end = (!is_decade(self.sims)).then(|| (self.sims, "end".to_owned()));
        let last = self.y(self.sims as f64);
        for decade in 0..=self.sims.ilog10() {
            let sims = 10u64.pow(decade);
            if end.is_none() || last - self.y(sims as f64) >= ROW {
                rows.push((sims, power_of_ten(decade as i32)));
            }
        }
        rows.extend(end);
        rows
    }

    /// The numbers of darts, and the estimates there.
    fn rows(&self, page: &mut Page) {
        let heads = [
            (DARTS, Side::Right, "darts"),
            (ESTIMATES, Side::Left, "estimate"),
        ];
        for (x, side, head) in heads {
            page.write((self.left + x, self.top - 20.0), side, NOTE, head);
        }
        for (sims, label) in self.labels() {
            let y = self.y(sims as f64);
            page.write((self.left + DARTS, y), Side::Right, NOTE, &label);
            let milestone = self.milestones.iter().find(|tally| tally.sims == sims);
            if let Some(tally) = milestone {
                let estimate = Estimate::of(*tally);
                let decimals = estimate.decimals().min(DECIMALS);
                let (shown, truth) = (format!("{:.decimals$}", estimate.pi), PI.to_string());
                let same = shown.bytes().zip(truth.bytes());
                let same = same.take_while(|(a, b)| a == b).count();
                let (known, rest) = shown.split_at(same);
                let at = (self.left + ESTIMATES, y);
                page.write_parts(at, Side::Left, DIGITS, &[(known, KNOWN), (rest, DIGITS)]);
            }
        }
    }

    /// The exponents of the distances that have a label.
    fn exponents(&self) -> impl Iterator<Item = i32> {
        let decade = self.offset(1.0) - self.offset(0.1);
        let every = (LABEL / decade).ceil().max(1.0) as i32;
        // The labels of both sides, and that of π, are apart.
        (0..)
            .map(move |i| -i * every)
            .take_while(|exponent| self.offset(10f64.powi(*exponent)) >= LABEL)
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The labels of the distances from π.
    fn distances(&self, page: &mut Page) {
        let (middle, y) = (self.middle(), self.top + SQUARE + 16.0);
        let head = "distance of the estimate from π";
        page.write((middle, self.top - 20.0), Side::Middle, NOTE, head);
        page.write((middle, y), Side::Middle, NOTE, "π");
        for exponent in self.exponents() {
            let offset = self.offset(10f64.powi(exponent));
            for (sign, side) in [("−", -1.0), ("+", 1.0)] {
                let text = format!("{sign}{}", power_of_ten(exponent));
                debug_assert!(width(&text, SMALL) <= LABEL);
                page.write((middle + side * offset, y), Side::Middle, NOTE, &text);
            }
        }
    }

    fn grid(&self, page: &mut Page) {
        let [left, right] = self.sides();
        let rows = self.labels().into_iter();
        let rows = rows.map(|(sims, _)| self.y(sims as f64));
        let rows = rows.map(|y| Path::through([(left, y), (right, y)]));
        let columns = self.exponents().flat_map(|exponent| {
            let offset = self.offset(10f64.powi(exponent));
            let columns = [-offset, offset].map(|offset| self.middle() + offset);
            columns.map(|x| Path::through([(x, self.top), (x, self.top + SQUARE)]))
        });
        page.draw(rows.chain(columns).collect(), Pen::line(Paint::Grid, 1.0));
    }
}

/// The distance from π that 95 % of all runs of `sims` darts keep. Wilson's interval of an estimate is the same test:
/// it holds π if the estimate is within this distance.
fn band(sims: f64) -> f64 {
    Z95 * (PI * (4.0 - PI) / sims).sqrt()
}
