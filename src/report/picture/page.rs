//! The page that all pictures share: an SVG document, written from front to back.
//!
//! It scales to the room it gets, follows the reader's preference for light or dark, and has a title and a description
//! for those who cannot see it. Colours are attributes, and only a dark page needs the style, so that the programs
//! that know no styles show the light one. Texts are placed by the widths of [`width`], so that tests can tell whether
//! two overlap, whatever font there is.

use std::collections::BTreeSet;

use crate::printable::printable;
use crate::report::columns::html_text;
use crate::report::picture::paint::{Paint, Pen};

/// A place on the page: pixels from the left and from the top.
pub(crate) type Point = (f64, f64);

/// Heights of text.
pub(crate) const LARGE: f64 = 20.0;
pub(crate) const SMALL: f64 = 13.0;
pub(crate) const TINY: f64 = 12.0;

/// The left end of all texts, and the room to the right of everything.
pub(crate) const MARGIN: f64 = 30.0;

/// The most lines of a text below the title.
const LINES: usize = 3;

/// The distance from a legend's sample to the next line of samples, and from its middle to its name.
const LEGEND_LINE: f64 = 22.0;
pub(crate) const SAMPLE: f64 = 26.0;

/// The width of a text in a wide font, in pixels.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    // The letters of East Asia are as wide as high.
    let ems = |letter| if letter < '\u{2e80}' { 0.62 } else { 1.0 };
    size * text.chars().map(ems).sum::<f64>()
}

/// The side of a text that its place is at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Middle,
    Right,
}

/// The size and the looks of a text.
#[derive(Clone, Copy)]
pub(crate) struct Font {
    pub(crate) size: f64,
    pub(crate) paint: Paint,
    pub(crate) bold: bool,
    pub(crate) mono: bool,
}

impl Font {
    pub(crate) const fn of(size: f64) -> Font {
        Font {
            size,
            paint: Paint::Ink,
            bold: false,
            mono: false,
        }
    }

    pub(crate) const fn bold(self) -> Font {
        Font { bold: true, ..self }
    }

    pub(crate) const fn paint(self, paint: Paint) -> Font {
        Font { paint, ..self }
    }
}

pub(crate) const NOTE: Font = Font::of(SMALL);
pub(crate) const ORIGIN: Font = Font::of(TINY).paint(Paint::Faint);

/// The path of a pen.
#[derive(Clone, Default)]
pub(crate) struct Path(String);

impl Path {
    /// A line through the points.
    pub(crate) fn through(points: impl IntoIterator<Item = Point>) -> Path {
        let mut path = Path::default();
        for (i, (x, y)) in points.into_iter().enumerate() {
            let step = if i == 0 { 'M' } else { ' ' };
            path.0 += &format!("{step}{} {}", px(x), px(y));
        }
        path
    }

    /// The area within the points.
    pub(crate) fn around(points: impl IntoIterator<Item = Point>) -> Path {
        let mut path = Path::through(points);
        path.0.push('z');
        path
    }

    /// A box between two corners.
    pub(crate) fn rectangle((left, top): Point, (right, bottom): Point) -> Path {
        let (left, top, right, bottom) = (px(left), px(top), px(right), px(bottom));
        Path(format!("M{left} {top}H{right}V{bottom}H{left}z"))
    }

    /// A point, which a line with round ends makes a dot as wide as itself.
    pub(crate) fn dot((x, y): Point) -> Path {
        Path(format!("M{} {}h0", px(x), px(y)))
    }

    /// Two strokes that cross, `reach` to each side.
    pub(crate) fn cross((x, y): Point, reach: f64) -> Path {
        let (back, on) = (px(-reach), px(2.0 * reach));
        Path(format!(
            "M{} {}m{back} {back} {on} {on}m0-{on}-{on} {on}",
            px(x),
            px(y)
        ))
    }

    pub(crate) fn circle((x, y): Point, radius: f64) -> Path {
        let (r, width) = (px(radius), px(2.0 * radius));
        let (left, y) = (px(x - radius), px(y));
        Path(format!(
            "M{left} {y}a{r} {r} 0 1 1 {width} 0a{r} {r} 0 1 1-{width} 0z"
        ))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Extend<Path> for Path {
    fn extend<I: IntoIterator<Item = Path>>(&mut self, paths: I) {
        for path in paths {
            self.0 += &path.0;
        }
    }
}

impl FromIterator<Path> for Path {
    fn from_iter<I: IntoIterator<Item = Path>>(paths: I) -> Path {
        let mut all = Path::default();
        all.extend(paths);
        all
    }
}

/// A length in tenths of a pixel, in as few digits as possible.
fn px(length: f64) -> String {
    // Adding 0 makes -0 a 0.
    ((length * 10.0).round() / 10.0 + 0.0).to_string()
}

/// A picture that is being drawn.
pub(crate) struct Page {
    width: f64,
    body: String,
    /// The classes in use: fill or stroke, and the colour.
    classes: BTreeSet<(&'static str, Paint)>,
}

impl Page {
    pub(crate) fn new(width: f64) -> Page {
        Page {
            width,
            body: String::new(),
            classes: BTreeSet::new(),
        }
    }

    /// The right end of everything.
    pub(crate) fn right(&self) -> f64 {
        self.width - MARGIN
    }

    /// The picture, which is `height` pixels high.
    pub(crate) fn finish(mut self, height: f64, title: &str, description: &str) -> String {
        let paper = self.attributes(Pen::fill(Paint::Paper));
        let ink = self.attributes(Pen::fill(Paint::Ink));
        let (width, height) = (px(self.width), px(height.ceil()));
        let dark = self.classes.iter().map(|(property, paint)| {
            let ([_, dark], name) = (paint.colours(), paint.name());
            format!(".pi-mc .{property}-{name}{{{property}:{dark}}}")
        });
        let dark: String = dark.collect();
        let (title, description) = (html_text(title), html_text(description));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"pi-mc\" role=\"img\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" style=\"max-width:100%;height:auto\">\n\
             <title>{title}</title>\n<desc>{description}</desc>\n\
             <style>@media (prefers-color-scheme:dark){{{dark}}}</style>\n\
             <rect width=\"{width}\" height=\"{height}\"{paper}/>\n\
             <g font-family=\"sans-serif\"{ink}>\n{}</g>\n</svg>\n",
            self.body
        )
    }

    /// The attributes of a pen.
    fn attributes(&mut self, pen: Pen) -> String {
        let fill = pen.fill.map(|paint| ("fill", paint));
        let line = pen.line.map(|(paint, _)| ("stroke", paint));
        let both = || fill.into_iter().chain(line);
        self.classes.extend(both());
        let classes = both().map(|(property, paint)| format!("{property}-{}", paint.name()));
        let classes = classes.collect::<Vec<_>>().join(" ");
        let mut out = format!(" class=\"{classes}\"");
        if fill.is_none() {
            out += " fill=\"none\"";
        }
        for (property, paint) in both() {
            let [light, _] = paint.colours();
            out += &format!(" {property}=\"{light}\"");
        }
        if let Some((_, width)) = pen.line {
            out += &format!(" stroke-width=\"{}\"", px(width));
            if pen.dashed {
                out += " stroke-dasharray=\"6 4\"";
            } else {
                out += " stroke-linecap=\"round\" stroke-linejoin=\"round\"";
            }
        }
        out
    }

    /// Draws a path, unless it is empty.
    pub(crate) fn draw(&mut self, path: Path, pen: Pen) {
        if !path.is_empty() {
            let attributes = self.attributes(pen);
            self.body += &format!("<path{attributes} d=\"{}\"/>\n", path.0);
        }
    }

    /// Writes a text whose middle line is at a point.
    pub(crate) fn write(&mut self, at: Point, side: Side, font: Font, text: &str) {
        self.write_parts(at, side, font, &[(text, font)]);
    }

    /// Writes texts of different looks one after the other. All have the size of `font`.
    pub(crate) fn write_parts(
        &mut self,
        (x, y): Point,
        side: Side,
        font: Font,
        parts: &[(&str, Font)],
    ) {
        let anchor = match side {
            Side::Left => "",
            Side::Middle => " text-anchor=\"middle\"",
            Side::Right => " text-anchor=\"end\"",
        };
        let family = if font.mono {
            " font-family=\"monospace\""
        } else {
            ""
        };
        let (x, y, size) = (px(x), px(y + 0.35 * font.size), px(font.size));
        self.body += &format!("<text x=\"{x}\" y=\"{y}\"{anchor} font-size=\"{size}\"{family}");
        let is_single = parts.len() == 1;
        if !is_single {
            self.body += ">";
        }
        for (text, font) in parts {
            let mut looks = String::new();
            if font.paint != Paint::Ink {
                looks += &self.attributes(Pen::fill(font.paint));
            }
            if font.bold {
                looks += " font-weight=\"bold\"";
            }
            let text = html_text(text);
            self.body += &if is_single {
                format!("{looks}>{text}")
            } else {
                format!("<tspan{looks}>{text}</tspan>")
            };
        }
        self.body += "</text>\n";
    }

    /// Writes the message at the top, and below it in small letters what is `partial` and where it all comes from.
    /// Returns the lower end.
    pub(crate) fn heading(&mut self, title: &str, partial: Option<&str>, origin: &[String]) -> f64 {
        let room = self.right() - MARGIN;
        let mut y = 30.0;
        let mut put = |page: &mut Page, font: Font, text: &str, step: f64| {
            for line in wrapped(&printable(text), font.size, room) {
                page.write((MARGIN, y), Side::Left, font, &line);
                y += step;
            }
        };
        put(self, Font::of(LARGE), title, 26.0);
        if let Some(partial) = partial {
            put(self, NOTE.bold().paint(Paint::Vermilion), partial, 19.0);
        }
        for line in origin {
            put(self, ORIGIN, line, 17.0);
        }
        y
    }

    /// Writes the names of a legend in lines from `top` on. Returns the place of each sample, the middle of its left
    /// end, and the lower end of all.
    pub(crate) fn legend<T>(
        &mut self,
        left: f64,
        top: f64,
        names: impl IntoIterator<Item = (T, String)>,
    ) -> (Vec<(T, Point)>, f64) {
        let (mut x, mut y) = (left, top + LEGEND_LINE / 2.0);
        let mut places = Vec::new();
        for (what, name) in names {
            let all = SAMPLE + 8.0 + width(&name, SMALL);
            if x > left && x + all > self.right() {
                (x, y) = (left, y + LEGEND_LINE);
            }
            self.write((x + SAMPLE + 8.0, y), Side::Left, NOTE, &name);
            places.push((what, (x, y)));
            x += all + 24.0;
        }
        (places, y + LEGEND_LINE / 2.0)
    }
}

/// The text in a few lines that fit `room` pixels, broken at spaces, and cut off after the last. A longer word, such as
/// a list, is broken after a comma, or anywhere.
fn wrapped(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    let fits = |line: &str, more: &str| width(line, size) + width(more, size) <= room;
    let mut put = |piece: &str| {
        let last = lines.len() - 1;
        if fits(&lines[last], piece.trim_end()) {
            lines[last] += piece;
        } else {
            lines.push(piece.to_owned());
        }
    };
    for word in text.split_inclusive(' ') {
        if fits("", word) {
            put(word);
            continue;
        }
        for piece in word.split_inclusive(',') {
            if fits("", piece) {
                put(piece);
            } else {
                piece.chars().for_each(|letter| put(&letter.to_string()));
            }
        }
    }
    lines.retain(|line| !line.trim().is_empty());
    if lines.len() > LINES {
        lines.truncate(LINES);
        lines[LINES - 1].pop();
        lines[LINES - 1].push('…');
    }
    lines.iter().map(|line| line.trim().to_owned()).collect()
}

/// 1, 10, 100, 10³ and so on; 0.1 and 0.01 before them.
pub(crate) fn power_of_ten(exponent: i32) -> String {
    match exponent {
        0..=2 => 10u32.pow(exponent as u32).to_string(),
        -2..0 => format!("0.{:0>width$}", 1, width = -exponent as usize),
        _ => power("10", exponent),
    }
}

/// A power with a raised exponent: 2¹⁰.
pub(crate) fn power(base: &str, exponent: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let sign = if exponent < 0 { "⁻" } else { "" };
    let digits = exponent.unsigned_abs().to_string();
    let raised = digits
        .bytes()
        .map(|digit| DIGITS[usize::from(digit - b'0')]);
    format!("{base}{sign}{}", raised.collect::<String>())
}
