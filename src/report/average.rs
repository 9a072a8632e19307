//! The average of several runs, as text or CSV.

use std::fmt::Write;

use crate::report::Error;
use crate::report::run::grouped;
use crate::result::average::Average;
use crate::result::estimate::{self, Interval};

/// Aligned lines: the mean with its error, and each run with its own seed.
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
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "seed {seed:<9}  {pi:.places$}{error} from {sims} darts"
        );
    }
    if average.runs.len() > 1 {
        out += "\nThe runs throw different darts: this is not the estimate of one long run.\n";
    }
    out
}

/// The decimals that show two digits of the error, or of 0.1 where the error is unknown.
fn decimals(error: Option<f64>) -> usize {
    estimate::decimals(error.unwrap_or(0.1))
}

/// A line for each run, with its own seed, between a header and a line for the mean, whose seed is empty.
///
/// # Errors
/// Those of the csv crate, which do not occur when writing to memory.
pub fn csv(average: &Average) -> Result<String, Error> {
    let cell = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["seed", "first", "sims", "hits", "pi", "std_error"])?;
    for run in &average.runs {
        let numbers = [run.seed, run.first, run.sims, run.hits].map(|n| n.to_string());
        let estimate = [run.pi.to_string(), cell(run.std_error)];
        writer.write_record(numbers.into_iter().chain(estimate))?;
    }
    let mean = [average.pi.to_string(), cell(average.std_error)];
    let empty = ["", "", &average.sims.to_string(), ""].map(str::to_owned);
    writer.write_record(empty.into_iter().chain(mean))?;
    Ok(String::from_utf8(writer.into_inner()?)?)
}
