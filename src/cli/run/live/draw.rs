//! From a [`Scene`] to the screen, of any size: no clock, no terminal, no engine. A small screen shows the first of: π,
//! how far the run is, the keys, the darts, the curve, the workers.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::{Modifier, Style};

use crate::cli::run::live::keys::KEYS;
use crate::cli::run::live::look::{dim, strong};
use crate::cli::run::live::pace::Pace;
use crate::cli::run::live::panel::{inside, panel};
use crate::cli::run::live::scene::Scene;
use crate::cli::run::live::{board, curve, lanes};
use crate::report::numbers::grouped;
use crate::report::run::standing;
use crate::result::estimate::{Estimate, Interval};

/// The rows above the pictures.
const HEAD: u16 = 2;
/// The rows from which there are lanes.
const ROWS_FOR_LANES: u16 = 14;
/// The least columns of the curve, and the least rows of a picture.
const CURVE: u16 = 26;
const PICTURE: u16 = 5;

/// Draws the scene on the whole of `buffer`.
pub(crate) fn draw(buffer: &mut Buffer, scene: &Scene) {
    let area = buffer.area;
    if area.is_empty() {
        return;
    }
    pi(buffer, row(area, 0), scene);
    if area.height > 2 {
        let parts = standing(scene.tally, scene.sims, scene.rate, scene.left);
        let seed = format!("seed {}", scene.seed);
        // In slow motion, the number by which `pi-mc dart` knows it.
        let newest = scene.darts.last().filter(|_| scene.pace != Pace::Full);
        let newest = newest.map(|dart| format!("dart {}", grouped(dart.dart)));
        let parts: Vec<String> = parts.into_iter().chain(newest).chain([seed]).collect();
        line(buffer, row(area, 1), &parts, ", ", Style::new(), scene);
    }
    if area.height > 1 {
        foot(buffer, row(area, area.height - 1), scene);
    }
    let lanes = match area.height {
        ROWS_FOR_LANES.. => lanes::rows(scene.workers.len(), area),
        _ => 0,
    };
    let height = area.height.saturating_sub(HEAD + lanes + 1);
    let middle = Rect::new(area.x, area.y + HEAD, area.width, height);
    if height >= PICTURE && area.width >= 2 * PICTURE {
        pictures(buffer, middle, scene);
    }
    if lanes > 0 {
        let lanes = Rect::new(area.x, middle.bottom(), area.width, lanes);
        lanes::draw(buffer, lanes, scene);
    }
    if scene.has_help {
        help(buffer, scene);
    }
}

/// One row of `area`.
fn row(area: Rect, row: u16) -> Rect {
    Rect::new(area.x, area.y + row, area.width, 1)
}

/// The square, and beside it the curve if both have room.
fn pictures(buffer: &mut Buffer, area: Rect, scene: &Scene) {
    // A border is one cell on each side.
    let rows = |columns: u16| columns.saturating_sub(2) / 2 + 2;
    let beside = rows(area.width.saturating_sub(CURVE)).min(area.height);
    let has_curve = beside >= PICTURE;
    let height = if has_curve {
        beside
    } else {
        rows(area.width).min(area.height)
    };
    let width = 2 * (height - 2) + 2;
    board::draw(buffer, Rect::new(area.x, area.y, width, height), scene);
    if has_curve {
        let x = area.x + width;
        let area = Rect::new(x, area.y, area.right() - x, area.height);
        curve::draw(buffer, area, scene);
    }
}

/// π. The digits that no value in the interval changes are set apart.
fn pi(buffer: &mut Buffer, area: Rect, scene: &Scene) {
    let look = scene.look;
    let mut x = area.x;
    let mut put = |text: &str, style| {
        let room = usize::from(area.right() - x);
        (x, _) = buffer.set_stringn(x, area.y, look.text(text), room, style);
    };
    put("π ≈ ", Style::new());
    if scene.tally.sims == 0 {
        put("?", Style::new());
        return;
    }
    let estimate = Estimate::of(scene.tally);
    let (certain, rest) = digits(&estimate);
    put(&certain, strong().add_modifier(Modifier::UNDERLINED));
    put(&rest, dim());
    let decimals = estimate.decimals();
    if let Some(error) = estimate.known_error() {
        put(&format!(" ± {error:.decimals$}"), Style::new());
    }
    let Interval { low, high } = estimate.ci95;
    let interval = format!("   95 %: {low:.decimals$} to {high:.decimals$}");
    for note in [interval, "   underlined: beyond doubt at 95 %".to_owned()] {
        let (note, room) = (look.text(&note), usize::from(area.right() - x));
        if note.chars().count() <= room {
            (x, _) = buffer.set_stringn(x, area.y, note, room, dim());
        }
    }
}

/// The estimate's digits that all values in its 95 % interval have in common, and those after them that mean something.
fn digits(estimate: &Estimate) -> (String, String) {
    let Interval { low, high } = estimate.ci95;
    let pi = format!("{:.*}", estimate.decimals(), estimate.pi);
    let [low, high] = [low, high].map(|end| format!("{end:.17}"));
    let ends = low.bytes().zip(high.bytes());
    let is_same = |(digit, (low, high)): &(u8, (u8, u8))| digit == low && low == high;
    let same = pi.bytes().zip(ends).take_while(is_same).count();
    let (certain, rest) = pi.split_at(same);
    (certain.to_owned(), rest.to_owned())
}

/// The pace, or a message, and the most important keys.
fn foot(buffer: &mut Buffer, area: Rect, scene: &Scene) {
    let style = Style::new().add_modifier(Modifier::REVERSED);
    let state = if scene.is_paused {
        "PAUSED".to_owned()
    } else if scene.is_over {
        "done".to_owned()
    } else {
        scene.pace.name()
    };
    let mut parts = vec![state];
    match scene.note {
        Some(note) => parts.push(note.to_owned()),
        None => parts
            .extend(["? keys", "q end", "space pause", "+ faster", "- slower"].map(str::to_owned)),
    }
    buffer.set_style(area, style);
    line(buffer, area, &parts, "  ", style, scene);
}

/// As many of the first `parts` as fit.
fn line(
    buffer: &mut Buffer,
    area: Rect,
    parts: &[String],
    between: &str,
    style: Style,
    scene: &Scene,
) {
    let mut x = area.x;
    for (i, part) in parts.iter().enumerate() {
        let between = if i == 0 { "" } else { between };
        let text = scene.look.text(&format!("{between}{part}"));
        let room = usize::from(area.right() - x);
        if i > 0 && text.chars().count() > room {
            break;
        }
        (x, _) = buffer.set_stringn(x, area.y, text, room, style);
    }
}

/// The keys, in the middle of the screen.
fn help(buffer: &mut Buffer, scene: &Scene) {
    let shown = KEYS.iter().filter(|key| !key.name.is_empty());
    let rows: Vec<String> = shown
        .map(|key| format!("{:<5}  {}", key.name, key.what))
        .collect();
    let width = rows.iter().map(String::len).max().unwrap_or(0) as u16 + 4;
    let screen = buffer.area;
    let (width, height) = (width.min(screen.width), rows.len() as u16 + 2);
    let is_framed = height <= screen.height && width > 4;
    let height = height.min(screen.height);
    let area = Rect::new(
        screen.x + (screen.width - width) / 2,
        screen.y + (screen.height - height) / 2,
        width,
        height,
    );
    for y in area.y..area.bottom() {
        for x in area.x..area.right() {
            buffer[(x, y)].reset();
        }
    }
    let inner = if is_framed {
        panel(buffer, area, &["keys".to_owned()], scene.look);
        let inner = inside(area);
        Rect::new(inner.x + 1, inner.y, inner.width - 1, inner.height)
    } else {
        area
    };
    for (y, text) in (inner.y..inner.bottom()).zip(rows) {
        buffer.set_stringn(inner.x, y, text, inner.width.into(), Style::new());
    }
}
