//! The colours of pictures, on a light page and on a dark one.
//!
//! They are those of Okabe and Ito ("Color universal design", 2008), which colour-blind people can tell apart, and
//! lighter ones for dark pages. No two things differ in colour alone, since some people print in grey.

/// A colour that follows the reader's preference for light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Paint {
    Ink,
    /// Text that matters less.
    Faint,
    Grid,
    Paper,
    Blue,
    LightBlue,
    Sky,
    Vermilion,
    Orange,
    Green,
    Purple,
    Grey,
    LightGrey,
    /// A blue, from 0, the lightest, to [`Paint::SHADES`] - 1.
    Shade(u8),
}

impl Paint {
    /// The number of [`Paint::Shade`]s.
    pub(crate) const SHADES: u8 = 6;

    /// The name of its class.
    pub(crate) fn name(self) -> String {
        match self {
            Paint::Shade(i) => format!("shade{i}"),
            paint => format!("{paint:?}").to_lowercase(),
        }
    }

    /// The colours on a light page and on a dark one.
    pub(crate) fn colours(self) -> [String; 2] {
        let both = match self {
            Paint::Ink => ["#1a1a1a", "#e8e8e8"],
            Paint::Faint => ["#595959", "#ababab"],
            Paint::Grid => ["#dddddd", "#3b3e45"],
            Paint::Paper => ["#ffffff", "#17191e"],
            Paint::Blue => ["#0072b2", "#3f9fdc"],
            Paint::LightBlue => ["#4d9dcc", "#8ac8f0"],
            Paint::Sky => ["#bbe1f7", "#1f4a66"],
            Paint::Vermilion => ["#d55e00", "#f5803a"],
            Paint::Orange => ["#e69f00", "#f2b632"],
            Paint::Green => ["#009e73", "#2cc79b"],
            Paint::Purple => ["#cc79a7", "#e3a0c6"],
            Paint::Grey => ["#6e6e6e", "#a2a2a2"],
            Paint::LightGrey => ["#bebebe", "#62656d"],
            Paint::Shade(i) => {
                let share = f64::from(i) / f64::from(Paint::SHADES - 1);
                let shade = |light: [f64; 3], dark: [f64; 3]| {
                    let [r, g, b] = [0, 1, 2].map(|i| light[i] + share * (dark[i] - light[i]));
                    format!("#{:02x}{:02x}{:02x}", r as u8, g as u8, b as u8)
                };
                return [
                    shade([190.0, 225.0, 245.0], [0.0, 50.0, 110.0]),
                    shade([205.0, 235.0, 250.0], [20.0, 85.0, 150.0]),
                ];
            }
        };
        both.map(str::to_owned)
    }
}

/// How a path is filled and outlined.
#[derive(Clone, Copy)]
pub(crate) struct Pen {
    pub(crate) fill: Option<Paint>,
    pub(crate) line: Option<(Paint, f64)>,
    pub(crate) dashed: bool,
}

impl Pen {
    pub(crate) const fn fill(paint: Paint) -> Pen {
        Pen {
            fill: Some(paint),
            line: None,
            dashed: false,
        }
    }

    /// A line of this width, in pixels, with round ends.
    pub(crate) const fn line(paint: Paint, width: f64) -> Pen {
        Pen {
            fill: None,
            line: Some((paint, width)),
            dashed: false,
        }
    }

    pub(crate) const fn dashed(paint: Paint, width: f64) -> Pen {
        Pen {
            dashed: true,
            ..Pen::line(paint, width)
        }
    }
}
