//! The square with the darts that landed last, and the circle that they should hit. Hits are dots. Misses are dots of
//! another colour, or without colour crosses.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::Style;

use crate::cli::run::live::dots::{Cell, Dots, braille};
use crate::cli::run::live::look::{BLUE, ORANGE, dim, ink, strong};
use crate::cli::run::live::pace::Pace;
use crate::cli::run::live::panel::{inside, panel};
use crate::cli::run::live::scene::Scene;
use crate::darts::replay::Dart;
use crate::report::numbers::grouped;

const CIRCLE: usize = 0;
const HITS: usize = 1;
const MISSES: usize = 2;

/// Of a hundred dots on the screen, as many may be darts: with more, the square looks full.
const DENSITY: usize = 10;

/// The pace up to which a person can read what became of each dart.
const READABLE: u32 = 10;

/// Draws the square. It looks like one because a cell is twice as high as wide.
pub(crate) fn draw(buffer: &mut Buffer, area: Rect, scene: &Scene) {
    let inner = inside(area);
    let mut dots = Dots::new(inner);
    circle(&mut dots);
    let most = dots.width() * dots.height() * DENSITY / 100;
    let shown = &scene.darts[scene.darts.len().saturating_sub(most)..];
    panel(buffer, area, &titles(scene, shown.len()), scene.look);
    for dart in shown {
        let (x, y) = place(dart, &dots);
        dots.put(x, y, if dart.hit { HITS } else { MISSES });
    }
    dots.draw(buffer, |cell| seen(cell, scene));
    if let Some(dart) = newest(scene) {
        let (x, y) = place(dart, &dots);
        let at = (inner.x + x as u16 / 2, inner.y + y as u16 / 4);
        let (letter, colour) = if dart.hit {
            (scene.look.letter('●', 'O'), BLUE)
        } else {
            (scene.look.letter('✗', 'X'), ORANGE)
        };
        if inner.contains(at.into()) {
            buffer[at].set_char(letter);
            buffer[at].set_style(strong().patch(ink(colour, scene.look)));
        }
    }
}

/// The dart that has just landed, if darts land so slowly that it can be told apart.
fn newest<'a>(scene: &Scene<'a>) -> Option<&'a Dart> {
    match scene.pace {
        Pace::Darts(n) if n <= READABLE => scene.darts.last(),
        _ => None,
    }
}

/// What became of the newest dart, or else which darts are seen; the first that fits is the title.
fn titles(scene: &Scene, shown: usize) -> Vec<String> {
    let Some(dart) = newest(scene) else {
        return match shown {
            0 => vec!["no dart yet".to_owned()],
            1 => vec!["the first dart".to_owned()],
            shown => vec![
                format!("the last {} darts", grouped(shown as u64)),
                "darts".to_owned(),
            ],
        };
    };
    // Enough decimals to see on which side of 1 it is.
    let square = dart.x * dart.x + dart.y * dart.y;
    let decimals = (1.0 - (square - 1.0).abs().log10()).clamp(3.0, 15.0) as usize;
    let (verdict, than) = if dart.hit {
        ("hit", '≤')
    } else {
        ("miss", '>')
    };
    vec![
        format!("x²+y² = {square:.decimals$} {than} 1, a {verdict}"),
        format!("{square:.decimals$} {than} 1"),
        verdict.to_owned(),
    ]
}

/// Where a dart lies, in dots from the left and the top.
fn place(dart: &Dart, dots: &Dots) -> (usize, usize) {
    let at = |x: f64, size: usize| ((x + 1.0) / 2.0 * size as f64) as usize;
    (
        at(dart.x, dots.width()).min(dots.width() - 1),
        at(-dart.y, dots.height()).min(dots.height() - 1),
    )
}

fn circle(dots: &mut Dots) {
    let (width, height) = (dots.width(), dots.height());
    let steps = 4 * (width + height);
    for step in 0..steps {
        let angle = std::f64::consts::TAU * step as f64 / steps as f64;
        let at = |x: f64, size: usize| ((x + 1.0) / 2.0 * (size as f64 - 1.0)).round() as usize;
        dots.put(at(angle.cos(), width), at(angle.sin(), height), CIRCLE);
    }
}

/// A cell shows those darts of which it has more, and the circle.
fn seen(cell: &Cell, scene: &Scene) -> (char, Style) {
    let look = scene.look;
    let [circle, hits, misses] = *cell;
    if hits == 0 && misses == 0 {
        (look.letter(braille(circle), ':'), dim())
    } else if hits.count_ones() >= misses.count_ones() {
        (look.letter(braille(circle | hits), '.'), ink(BLUE, look))
    } else if look.colour {
        (
            look.letter(braille(circle | misses), 'x'),
            ink(ORANGE, look),
        )
    } else {
        (look.letter('×', 'x'), Style::new())
    }
}
