//! Single darts: where each of them lands by [`crate::darts::contract`], the reference, and what decides it. For
//! people who follow a dart by hand or in another program; not a way to count.

use serde::{Serialize, Serializer};

use crate::darts::contract::{self, CHUNK_DARTS, CONTRACT};

/// A dart. The fields are those of its JSON object, in its order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dart {
    /// The version of the dart contract.
    pub contract: u32,
    /// The seed.
    pub seed: u64,
    /// Its number, from 0.
    pub dart: u64,
    /// The chunk that it is in.
    pub chunk: u64,
    /// Its place there.
    pub place: u32,
    /// Its coarse word.
    pub coarse: u32,
    /// Its first fine word.
    pub fx: u32,
    /// Its second fine word.
    pub fy: u32,
    /// Where it lands, from -1 to 1, exactly. JSON has 15 decimals, which only this dart's sub-cell has.
    #[serde(serialize_with = "rounded")]
    pub x: f64,
    /// The same, vertically.
    #[serde(serialize_with = "rounded")]
    pub y: f64,
    /// The words that the verdict needs.
    pub decided_by: DecidedBy,
    /// The verdict.
    pub hit: bool,
}

/// Which words decide a dart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DecidedBy {
    /// The coarse word alone: see [`contract::coarse_verdict`].
    Coarse,
    /// The fine words too.
    Fine,
}

impl Dart {
    /// Dart `number` of `seed`.
    pub fn new(seed: u64, number: u64) -> Dart {
        let size = u64::from(CHUNK_DARTS);
        let chunk = number / size;
        let place = (number % size) as u32;
        let [coarse, fx, fy] = contract::words(seed, chunk, place..place + 1)
            .next()
            .unwrap_or_default();
        let decided_by = match contract::coarse_verdict(coarse) {
            Some(_) => DecidedBy::Coarse,
            None => DecidedBy::Fine,
        };
        Dart {
            contract: CONTRACT,
            seed,
            dart: number,
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
    ///
    /// # Errors
    /// Those of serde_json, which numbers do not meet.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string(self)? + "\n")
    }
}

/// The centre of the sub-cell: an odd number below 2^49, in units of 2^-48, which a float holds.
fn coordinate(cell: u16, fine: u32) -> f64 {
    let centre = 2 * ((i64::from(cell as i16) << 32) + i64::from(fine)) + 1;
    centre as f64 / (1u64 << 48) as f64
}

/// `x` to 15 decimals. A float holds 15 digits, so they are what is printed.
fn rounded<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let rounded = format!("{x:.15}").parse();
    serializer.serialize_f64(rounded.unwrap_or(*x))
}
