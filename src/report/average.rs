//! The average of several runs, as text.

use crate::report::numbers::grouped;
use crate::result::average::Average;
use crate::result::estimate::{self, Interval};

/// The mean with its error, and each run with its own seed, in aligned lines.
pub fn text(average: &Average) -> String {
    let places = decimals(average.std_error);
    let unknown = || "unknown".to_owned();
    let error = average.std_error;
    let error = error.map_or_else(unknown, |error| format!("{error:.places$}"));
    let interval = average.ci95;
    let interval = interval.map_or_else(unknown, |Interval { low, high }| {
        format!("{low:.places$} to {high:.places$}")
    });
    let pi = average.pi;
    let mut out = format!(
        "mean of π ≈     {pi:.places$}\nstandard error  {error}\n95 % interval   {interval}\n\
         sims            {}\nruns            {}\n",
        grouped(average.sims),
        grouped(average.runs.len() as u64)
    );
    for run in &average.runs {
        let places = decimals(run.std_error);
        let error = run.std_error;
        let error = error.map_or_else(String::new, |error| format!(" ± {error:.places$}"));
        let (seed, pi, sims) = (run.seed, run.pi, grouped(run.sims));
        let misses = if run.holds_pi() { "" } else { ", misses π" };
        out += &format!("seed {seed:<9}  {pi:.places$}{error} from {sims} darts{misses}\n");
    }
    let (runs, hold_pi) = (average.runs.len(), average.hold_pi);
    if runs > 1 {
        let expected = average.hold_pi_expected;
        out += &format!("\n{hold_pi} of {runs} intervals hold π; {expected} expected (95 %).\n");
        out += "The runs throw different darts: this is not the estimate of one long run.\n";
    }
    out
}

/// The number of decimals that leaves two digits of the error, if the error is known.
fn decimals(error: Option<f64>) -> usize {
    estimate::decimals(error.unwrap_or(0.1))
}
