//! Scenes of seed 42 on screens of five sizes. A scene has no clock, so its picture is a constant.

use std::num::NonZero;

use ratatui_core::backend::TestBackend;
use ratatui_core::buffer::Buffer;
use ratatui_core::style::{Color, Modifier};
use ratatui_core::terminal::Terminal;

use crate::cli::run::live::draw::draw;
use crate::cli::run::live::look::Look;
use crate::cli::run::live::pace::Pace;
use crate::cli::run::live::scene::{Scene, Worker};
use crate::darts::plan::Plan;
use crate::darts::replay::{self, Dart};
use crate::darts::tally::Tally;
use crate::engine::whole;
use crate::kernel::Kernel;
use crate::result::milestones::marks;

const SIZES: [(u16, u16); 5] = [(20, 3), (40, 10), (80, 24), (160, 50), (300, 100)];
const SIMS: [u64; 4] = [0, 1, 40, 5_000_000];

const COLOUR: Look = Look {
    colour: true,
    ascii: false,
};
const PLAIN: Look = Look {
    colour: false,
    ascii: false,
};
const ASCII: Look = Look {
    colour: false,
    ascii: true,
};

/// The past of a run.
struct Past {
    tally: Tally,
    darts: Vec<Dart>,
    points: Vec<Tally>,
    workers: Vec<Worker>,
}

fn tally(sims: u64) -> Tally {
    let plan = Plan::first(42, sims);
    plan.map_or(Tally::default(), |plan| {
        whole::count(&plan, Kernel::detect(), NonZero::<usize>::MIN).unwrap()
    })
}

impl Past {
    fn of(sims: u64, workers: usize) -> Past {
        let worker = Worker {
            chunks: 1_234,
            rate: 1.3e9,
            busy: 0.5,
        };
        Past {
            tally: tally(sims),
            darts: replay::darts(42, sims.saturating_sub(8_000)..sims).collect(),
            points: marks()
                .take_while(|mark| *mark <= sims)
                .map(tally)
                .collect(),
            workers: vec![worker; workers],
        }
    }

    fn scene(&self, look: Look) -> Scene<'_> {
        Scene {
            seed: 42,
            sims: Some(10_000_000),
            tally: self.tally,
            darts: &self.darts,
            points: &self.points,
            workers: &self.workers,
            rate: Some(2.5e9),
            left: None,
            pace: Pace::Full,
            is_paused: false,
            is_over: false,
            has_help: false,
            note: None,
            look,
        }
    }
}

fn screen((width, height): (u16, u16), scene: &Scene) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| draw(frame.buffer_mut(), scene))
        .unwrap();
    terminal.backend().buffer().clone()
}

fn lines(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    let rows = buffer.content.chunks(width);
    rows.map(|row| row.iter().map(|cell| cell.symbol()).collect())
        .collect()
}

#[test]
fn every_size_shows_what_it_has_room_for() {
    for sims in SIMS {
        let past = Past::of(sims, 2);
        for size in SIZES {
            let lines = lines(&screen(size, &past.scene(COLOUR)));
            let text = lines.join("\n");
            let pi = ["π ≈ ?", "π ≈ 4.0", "π ≈ 3.3", "π ≈ 3.142"]
                [SIMS.iter().position(|n| *n == sims).unwrap()];
            assert!(lines[0].starts_with(pi), "{size:?}, {sims}:\n{text}");
            assert!(lines.last().unwrap().starts_with("full speed"), "{text}");
            assert_eq!(text.contains('┌'), size.1 >= 10, "{text}");
            assert_eq!(text.contains("worker "), size.1 >= 24, "{text}");
            assert!(text.contains("10.0 M"), "{text}");
            assert_eq!(text.contains("seed 42"), size.0 >= 80, "{text}");
        }
    }
}

/// Sizes that nobody has draw what fits, too.
#[test]
fn no_size_is_too_small() {
    let past = Past::of(40, 3);
    for width in 1..60 {
        for height in 1..30 {
            for has_help in [false, true] {
                let scene = Scene {
                    has_help,
                    ..past.scene(COLOUR)
                };
                screen((width, height), &scene);
            }
        }
    }
}

#[test]
fn certain_digits_are_set_apart() {
    let past = Past::of(1_000_000, 2);
    let buffer = screen((80, 24), &past.scene(PLAIN));
    // The interval is 3.1397 to 3.1461.
    assert!(lines(&buffer)[0].starts_with("π ≈ 3.1429 ± 0.0016   95 %: 3.1397 to 3.1461"));
    let is_certain = |x: u16| buffer[(x, 0)].modifier.contains(Modifier::UNDERLINED);
    let certain: Vec<u16> = (0..80).filter(|x| is_certain(*x)).collect();
    assert_eq!(certain, [4, 5, 6], "3.1");
    let past = Past::of(5_000_000, 2);
    let buffer = screen((80, 24), &past.scene(PLAIN));
    let underlined = buffer
        .content
        .iter()
        .filter(|cell| cell.modifier.contains(Modifier::UNDERLINED));
    assert_eq!(
        underlined.map(|cell| cell.symbol()).collect::<String>(),
        "3.14"
    );
}

/// Where a dart of [`Past`] lies on an 80 by 24 screen, whose square has 32 by 16 cells.
fn cell(dart: &Dart) -> (u16, u16) {
    let at = |x: f64, cells: f64| ((x + 1.0) / 2.0 * cells) as u16;
    (1 + at(dart.x, 32.0), 3 + at(-dart.y, 16.0))
}

#[test]
fn hits_and_misses_are_told_apart_with_colour_and_without() {
    let past = Past::of(40, 2);
    for look in [COLOUR, PLAIN, ASCII] {
        let buffer = screen((80, 24), &past.scene(look));
        for dart in &past.darts {
            let near = past.darts.iter().filter(|other| cell(other) == cell(dart));
            if near.count() > 1 {
                continue;
            }
            let shown = &buffer[cell(dart)];
            let cross = if look.ascii { "x" } else { "×" };
            if look.colour {
                let colour = if dart.hit { 74 } else { 166 };
                assert_eq!(shown.fg, Color::Indexed(colour), "{dart:?}");
            } else {
                assert_eq!(shown.symbol() == cross, !dart.hit, "{dart:?}");
                assert_eq!(shown.fg, Color::Reset);
            }
            assert_ne!(shown.symbol(), " ", "{dart:?}");
        }
    }
}

#[test]
fn a_dart_a_second_is_named_with_its_verdict() {
    let hit = Past::of(1, 2);
    let scene = Scene {
        pace: Pace::Darts(1),
        rate: None,
        ..hit.scene(PLAIN)
    };
    let buffer = screen((80, 24), &scene);
    let text = lines(&buffer).join("\n");
    assert!(text.contains(" x²+y² = 0.713 ≤ 1, a hit "), "{text}");
    assert!(text.contains(", dart 0, seed 42"), "{text}");
    assert!(!text.contains("darts/s,"), "no rate: {text}");
    assert_eq!(buffer[cell(&hit.darts[0])].symbol(), "●");
    let first_miss = replay::darts(42, 0..100).find(|dart| !dart.hit).unwrap();
    let miss = Past::of(first_miss.dart + 1, 2);
    let scene = Scene {
        pace: Pace::Darts(1),
        ..miss.scene(PLAIN)
    };
    let buffer = screen((80, 24), &scene);
    assert!(lines(&buffer)[2].contains(" > 1, a miss "), "{buffer:?}");
    assert_eq!(buffer[cell(&first_miss)].symbol(), "✗");
}

/// A verdict never contradicts the number before it.
#[test]
fn a_dart_near_the_circle_has_more_decimals() {
    // The first dart of seed 42 that its coarse word does not decide.
    let past = Past::of(6_225, 2);
    let scene = Scene {
        pace: Pace::Darts(1),
        ..past.scene(PLAIN)
    };
    let text = lines(&screen((80, 24), &scene)).join("\n");
    assert!(text.contains(" x²+y² = 1.00002 > 1, a miss "), "{text}");
}

#[test]
fn a_terminal_of_ascii_gets_ascii() {
    for sims in SIMS {
        let past = Past::of(sims, 40);
        for pace in [Pace::Full, Pace::Darts(1)] {
            let scene = Scene {
                pace,
                has_help: sims == 1,
                note: (sims == 40).then_some("π is lost"),
                ..past.scene(ASCII)
            };
            let text = lines(&screen((160, 50), &scene)).join("\n");
            assert!(text.is_ascii(), "{text}");
        }
    }
}

#[test]
fn as_many_lanes_as_fit_and_how_many_more() {
    let past = Past::of(40, 4_096);
    for ((width, height), last, more) in [
        ((80, 24), "     2 ", "and 4,093 more"),
        ((160, 50), "    28 ", "and 4,067 more"),
    ] {
        let text = lines(&screen((width, height), &past.scene(COLOUR))).join("\n");
        assert!(text.contains(last) && text.contains(more), "{text}");
    }
    let few = Past::of(40, 4);
    let text = lines(&screen((80, 24), &few.scene(COLOUR))).join("\n");
    assert!(text.contains("     3 ") && !text.contains("more"), "{text}");
}

/// The circle stays whole under any number of darts: each of its cells shows it, alone or with darts.
#[test]
fn darts_do_not_break_the_circle() {
    let [none, many] = [Past::of(0, 2), Past::of(5_000_000, 2)];
    let [empty, full] = [&none, &many].map(|past| screen((80, 24), &past.scene(COLOUR)));
    let bits = |symbol: &str| {
        let letter = u32::from(symbol.chars().next().unwrap());
        letter.checked_sub(0x2800).filter(|bits| *bits < 256)
    };
    let mut circle = 0;
    for y in 3..19 {
        for x in 1..33 {
            let Some(wanted) = bits(empty[(x, y)].symbol()) else {
                continue;
            };
            circle += 1;
            assert_eq!(bits(full[(x, y)].symbol()).unwrap() & wanted, wanted);
        }
    }
    assert!(circle > 60, "{circle} cells");
}

/// The whole picture, so that no change goes unseen.
#[test]
fn forty_darts_on_a_terminal_of_80_by_24() {
    let past = Past::of(40, 2);
    let shown = lines(&screen((80, 24), &past.scene(PLAIN)));
    let shown: Vec<&str> = shown.iter().map(|line| line.trim_end()).collect();
    let expected = include_str!("forty.txt").replace('\r', "");
    assert!(shown.join("\n") + "\n" == expected, "{}", shown.join("\n"));
}
