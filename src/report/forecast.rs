//! A forecast as text: what a run would take.

use crate::report::numbers::{grouped, seconds, short};
use crate::report::run::clock;
use crate::result::estimate::decimals;
use crate::result::forecast::{Cost, Forecast};

/// The forecast as aligned lines.
pub(crate) fn text(forecast: &Forecast) -> String {
    let Forecast { cost, shard, .. } = forecast;
    let held = forecast
        .held
        .map(|held| format!("{} in the checkpoint", grouped(held)));
    let lines = [
        Some(("sims", grouped(cost.sims))),
        held.map(|held| ("held", held)),
        shard.map(|(number, of)| ("shard", format!("{number}/{of}"))),
        Some(("chunks", grouped(forecast.chunks))),
        Some(("workers", forecast.workers.to_string())),
        Some(("kernel", forecast.kernel.clone())),
        Some(("standard error", error(cost))),
        Some((
            "darts/s",
            short(forecast.sims_per_s) + ", by a probe of 50 ms",
        )),
        Some(("time", time(cost.elapsed_s))),
        forecast.whole.as_ref().zip(*shard).map(|(whole, (_, of))| {
            let sims = grouped(whole.sims);
            let (error, time) = (error(whole), time(whole.elapsed_s));
            (
                "all shards",
                format!("{of}: {sims} sims, standard error {error}, {time}"),
            )
        }),
    ];
    let lines = lines.into_iter().flatten();
    lines
        .map(|(label, value)| format!("{label:<14}  {value}\n"))
        .collect()
}

/// The standard error to expect, in two digits.
fn error(part: &Cost) -> String {
    match part.std_error {
        Some(error) => format!("{error:.*}", decimals(error)),
        None => "unknown".to_owned(),
    }
}

/// A time, which a probe knows to two or three digits.
pub(crate) fn time(s: f64) -> String {
    if s < 100.0 {
        seconds(s.max(1e-9))
    } else {
        clock(s as u64)
    }
}
