//! A lane for each worker: its chunks, its darts a second, and how busy it is.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::Style;

use crate::cli::run::live::look::{BLUE, dim, ink};
use crate::cli::run::live::scene::{Scene, Worker};
use crate::report::numbers::{grouped, short};

/// The columns that a lane needs, with a short bar and a gap behind it.
const WIDTH: u16 = 48;
/// The columns before the bar.
const TEXT: u16 = 32;
/// The columns of the share behind the bar.
const SHARE: u16 = 6;

/// The rows that the lanes take of a screen with `rows`, header included.
pub(crate) fn rows(workers: usize, area: Rect) -> u16 {
    let most = (area.height / 5).max(2);
    let columns = usize::from((area.width / WIDTH).max(1));
    let wanted = if workers <= usize::from(most) {
        workers
    } else {
        workers.div_ceil(columns)
    };
    1 + u16::try_from(wanted).unwrap_or(most).min(most)
}

/// Draws as many lanes as fit, in columns if one is not enough, and says how many more there are.
pub(crate) fn draw(buffer: &mut Buffer, area: Rect, scene: &Scene) {
    let all = scene.workers.len();
    let height = usize::from(area.height.saturating_sub(1));
    let columns = if all > height {
        usize::from((area.width / WIDTH).max(1))
    } else {
        1
    };
    let width = area.width / columns as u16;
    let fit = height * columns;
    let shown = if all > fit {
        fit.saturating_sub(1)
    } else {
        all
    };
    for column in 0..columns.min(all.div_ceil(height.max(1))) {
        let x = area.x + column as u16 * width;
        let header = format!("{:>6}{:>12}{:>12}  busy", "worker", "chunks", "darts/s");
        buffer.set_stringn(x, area.y, header, width.into(), dim());
    }
    let place = |i: usize| {
        let x = area.x + (i / height) as u16 * width;
        Rect::new(x, area.y + 1 + (i % height) as u16, width, 1)
    };
    for (number, worker) in scene.workers.iter().enumerate().take(shown) {
        let is_last = number / height + 1 == columns;
        lane(buffer, place(number), number, worker, is_last, scene);
    }
    if all > shown && fit > 0 {
        let more = format!("and {} more", grouped((all - shown) as u64));
        let Rect { x, y, width, .. } = place(shown);
        buffer.set_stringn(x, y, more, width.into(), dim());
    }
}

fn lane(
    buffer: &mut Buffer,
    area: Rect,
    number: usize,
    worker: &Worker,
    is_last: bool,
    scene: &Scene,
) {
    let rate = match scene.rate {
        Some(_) if worker.rate > 0.0 => short(worker.rate),
        _ => scene.look.text("–"),
    };
    let text = format!("{number:>6}{:>12}{rate:>12}", grouped(worker.chunks));
    let Rect { x, y, width, .. } = area;
    buffer.set_stringn(x, y, text, width.into(), Style::new());
    let gap = if is_last { 0 } else { 2 };
    let bar = width.saturating_sub(TEXT + SHARE + gap);
    let busy = worker.busy.clamp(0.0, 1.0);
    let full = (busy * f64::from(bar)).round() as u16;
    for i in 0..bar {
        let (letter, style) = if i < full {
            (scene.look.letter('█', '#'), ink(BLUE, scene.look))
        } else {
            (scene.look.letter('░', '.'), dim())
        };
        buffer[(x + TEXT + i, y)].set_char(letter).set_style(style);
    }
    let share = format!("{:>4.0} %", 100.0 * busy);
    let room = usize::from(width).saturating_sub(usize::from(TEXT + bar));
    buffer.set_stringn(x + (TEXT + bar).min(width), y, share, room, Style::new());
}
