//! Replays single darts by [`crate::darts::contract`], the reference: where each lands, and which words decide it.
//! For pictures, and for people who follow a dart by hand or in another program; the kernels count.

use std::ops::Range;

use serde::{Serialize, Serializer};

use crate::darts::contract::{self, CHUNK_DARTS, CONTRACT};
use crate::darts::plan::Plan;
use crate::darts::tally::json;

/// A dart. The fields are those of its JSON object, in order.
///
/// ```
/// let dart = pi_mc::Dart::new(42, 6_224);
/// assert!(!dart.hit);
/// assert!(dart.x.hypot(dart.y) > 1.0);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Dart {
    /// The version of the dart contract.
    pub contract: u32,
    /// The seed.
    pub seed: u64,
    /// The dart's number, from 0.
    pub dart: u64,
    /// The chunk that the dart is in.
    pub chunk: u64,
    /// The place in the chunk.
    pub place: u32,
    /// The coarse word.
    pub coarse: u32,
    /// The first fine word.
    pub fx: u32,
    /// The second fine word.
    pub fy: u32,
    /// The horizontal coordinate, from -1 to 1, exact. JSON has 15 decimals, enough to tell sub-cells apart.
    #[serde(serialize_with = "rounded")]
    pub x: f64,
    /// The vertical coordinate, likewise.
    #[serde(serialize_with = "rounded")]
    pub y: f64,
    /// The words that the verdict depends on.
    pub decided_by: DecidedBy,
    /// Whether the dart hits the disc.
    pub hit: bool,
}

/// The words that decide a dart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DecidedBy {
    /// The coarse word alone: see [`contract::coarse_verdict`].
    Coarse,
    /// The coarse word and the fine words.
    Fine,
}

impl Dart {
    /// Dart `number` of `seed`.
    pub fn new(seed: u64, number: u64) -> Dart {
        let size = u64::from(CHUNK_DARTS);
        let (chunk, place) = (number / size, (number % size) as u32);
        let mut words = contract::words(seed, chunk, place..place + 1);
        Dart::decided(seed, chunk, place, words.next().unwrap_or_default())
    }

    /// The dart at `place` of `chunk`, from its words.
    fn decided(seed: u64, chunk: u64, place: u32, [coarse, fx, fy]: [u32; 3]) -> Dart {
        let decided_by = match contract::coarse_verdict(coarse) {
            Some(_) => DecidedBy::Coarse,
            None => DecidedBy::Fine,
        };
        Dart {
            contract: CONTRACT,
            seed,
            dart: chunk * u64::from(CHUNK_DARTS) + u64::from(place),
            chunk,
            place,
            coarse,
            fx,
            fy,
            x: coordinate(coarse as u16, fx),
            y: coordinate((coarse >> 16) as u16, fy),
            decided_by,
            hit: contract::is_hit(coarse, fx, fy),
        }
    }

    /// The dart as one line of JSON.
    pub fn to_json(&self) -> String {
        json(self)
    }
}

impl Plan {
    /// The darts of the plan, in order. They are replayed one by one, for people and pictures; a kernel
    /// counts their hits far faster.
    ///
    /// ```
    /// let plan = pi_mc::Plan::first(42, 1_000)?;
    /// assert_eq!(plan.darts().filter(|dart| dart.hit).count(), 790);
    /// # Ok::<(), pi_mc::Error>(())
    /// ```
    pub fn darts(&self) -> impl Iterator<Item = Dart> + use<> {
        darts(self.seed(), self.start()..self.end())
    }
}

/// The darts of `seed` with these `numbers`, in order.
pub(crate) fn darts(seed: u64, numbers: Range<u64>) -> impl Iterator<Item = Dart> {
    let size = u64::from(CHUNK_DARTS);
    let chunks = numbers.start / size..numbers.end.div_ceil(size);
    chunks.flat_map(move |chunk| {
        let place = |number: u64| number.saturating_sub(chunk * size).min(size) as u32;
        let places = place(numbers.start)..place(numbers.end);
        let words = contract::words(seed, chunk, places.clone());
        places
            .zip(words)
            .map(move |(place, words)| Dart::decided(seed, chunk, place, words))
    })
}

/// The centre of the sub-cell: an odd number below 2^49, in units of 2^-48, which an `f64` holds.
fn coordinate(cell: u16, fine: u32) -> f64 {
    let centre = 2 * ((i64::from(cell as i16) << 32) + i64::from(fine)) + 1;
    centre as f64 / (1u64 << 48) as f64
}

/// `x` to 15 decimals. An `f64` holds 15 digits, so exactly these are printed.
fn rounded<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let rounded = format!("{x:.15}").parse();
    serializer.serialize_f64(rounded.unwrap_or(*x))
}
