//! The picture of a comparison: the fastest strategy as its title, and below it the speed-up of every strategy by
//! workers, or by darts if there are several sizes.

use crate::compare::row::{Comparison, Row};
use crate::compare::strategy::Strategy;
use crate::darts::tally::counted;
use crate::report::comparison::words::{PARTIAL, answer, darts, name, speed_up};
use crate::report::origin;
use crate::report::picture::bars::{bars, page_width, telling};
use crate::report::picture::page::Page;
use crate::report::picture::sizes::{self, sizes};

const WIDTH: f64 = 1140.0;

/// Draws comparisons that differ only in their number of darts: the speed-ups with their 95 % intervals, and which rows
/// are wrong.
pub fn comparison(comparisons: &[Comparison]) -> String {
    let width = match comparisons {
        [] => WIDTH,
        [one] => page_width(one, WIDTH),
        several => sizes::page_width(several, WIDTH),
    };
    let mut page = Page::new(width);
    let title = title(comparisons);
    let stopped = comparisons.iter().any(|one| one.partial);
    let origin = origin::comparison(comparisons);
    let top = page.heading(&title, stopped.then_some(PARTIAL), &origin);
    let end = match comparisons {
        [] => top,
        [one] => bars(&mut page, one, top),
        several => sizes(&mut page, several, top),
    };
    page.finish(end + 10.0, &title, &description(comparisons))
}

/// The row of the last size that is right and has the greatest speed-up.
fn title(comparisons: &[Comparison]) -> String {
    let Some(last) = comparisons.last() else {
        return "no comparison".to_owned();
    };
    let others = last.rows.iter().filter(|row| {
        row.strategy != Strategy::Serial && row.strategy.is_right() && row.speed_up.is_some()
    });
    let others: Vec<&Row> = others.collect();
    let Some(fastest) = telling(&others) else {
        return format!("serial alone, {}", darts(last));
    };
    let on = if fastest.strategy.has_one_row() {
        String::new()
    } else {
        format!(" on {}", counted(fastest.workers, "worker"))
    };
    let at = if comparisons.len() > 1 {
        format!(", {}", darts(last))
    } else {
        String::new()
    };
    format!("{}: {}{on}{at}", fastest.strategy, speed_up(fastest))
}

/// Every row in words.
fn description(comparisons: &[Comparison]) -> String {
    let of = |comparison: &Comparison| {
        let rows = comparison.rows.iter();
        let rows = rows.filter(|row| row.strategy != Strategy::Serial);
        let rows =
            rows.map(|row| format!("{}: {}, {}", name(row), speed_up(row), answer(row, true)));
        format!(
            "{}: {}.",
            darts(comparison),
            rows.collect::<Vec<_>>().join("; ")
        )
    };
    let each: Vec<String> = comparisons.iter().map(of).collect();
    format!("Speed-up over serial. {}", each.join(" "))
}
