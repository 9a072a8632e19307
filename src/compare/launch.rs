//! What a GPU costs before it counts, and from how many darts on that pays.

use std::num::NonZero;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::compare::measure::Settings;
use crate::compare::row::Row;
use crate::compare::strategy::Strategy;
use crate::compare::strategy::protocol::StrategyError;
use crate::darts::contract::CHUNK_DARTS;
use crate::darts::plan::Plan;

/// How often a run of one chunk is timed; the shortest time counts.
const TIMES: usize = 20;

/// What a row of [`Strategy::Gpu`] has more than others.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Launch {
    /// The GPU.
    pub gpu: String,
    /// Seconds that a run of one chunk takes.
    pub launch_s: f64,
    /// The number of darts from which on it is faster than the pool at its fastest; unknown without a
    /// pool, and if it never is.
    pub break_even: Option<f64>,
    /// Whether it was compared with a pool.
    pub has_pool: bool,
}

/// Rows that were judged anew, with what was measured of the saved ones.
pub(crate) fn keep(saved: &[Row], mut judged: Vec<Row>) -> Vec<Row> {
    for (row, saved) in judged.iter_mut().zip(saved) {
        if let Some(launch) = &saved.launch {
            row.verdict += &format!("; {}", launch.sentence());
            row.launch = Some(launch.clone());
        }
    }
    judged
}

/// Adds to the row of the GPU, if there is one and it has a speed, what it costs to launch.
///
/// # Errors
/// Those of the GPU.
pub(crate) fn measure(settings: &Settings, rows: &mut [Row]) -> Result<(), StrategyError> {
    let rates = |row: &Row| Some(row.sims_per_s?).filter(|_| row.strategy == Strategy::Pool);
    let pool = rows.iter().filter_map(rates).reduce(f64::max);
    let is_gpu = |row: &&mut Row| row.strategy == Strategy::Gpu && row.sims_per_s.is_some();
    let (Some(row), Some(device)) = (rows.iter_mut().find(is_gpu), &settings.device) else {
        return Ok(());
    };
    let plan = Plan::new(settings.plan.seed(), CHUNK_DARTS.into())?;
    let task = settings.task_of(plan, NonZero::<usize>::MIN);
    let mut launch_s = f64::INFINITY;
    for _ in 0..TIMES {
        let start = Instant::now();
        Strategy::Gpu.count(&task)?;
        launch_s = launch_s.min(start.elapsed().as_secs_f64());
    }
    let counting_s = row.times.mean_s - launch_s;
    let gpu = (counting_s > 0.0).then(|| row.sims as f64 / counting_s);
    let launch = Launch {
        gpu: device.name().to_owned(),
        launch_s,
        break_even: gpu
            .zip(pool)
            .and_then(|(gpu, pool)| break_even(launch_s, gpu, pool)),
        has_pool: pool.is_some(),
    };
    row.verdict += &format!("; {}", launch.sentence());
    row.launch = Some(launch);
    Ok(())
}

/// The number of darts that take a GPU, which needs `launch_s` before it counts `gpu` darts a second, as long
/// as they take a pool that counts `pool` a second; none if there is no such number.
fn break_even(launch_s: f64, gpu: f64, pool: f64) -> Option<f64> {
    (gpu > pool).then(|| launch_s / (1.0 / pool - 1.0 / gpu))
}

impl Launch {
    /// Whether a GPU can have it. For what comes from a file.
    pub(crate) fn is_possible(&self) -> bool {
        let from = self.break_even.unwrap_or(1.0);
        !self.gpu.contains(char::is_control) && self.launch_s > 0.0 && from > 0.0
    }

    /// In words, without a comma.
    pub(crate) fn sentence(&self) -> String {
        let launch = format!("{:.2} ms to launch", 1e3 * self.launch_s);
        match self.break_even {
            Some(darts) => format!("{launch}; faster than the pool from {darts:.1e} darts on"),
            None if self.has_pool => format!("{launch}; never faster than the pool"),
            None => launch,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 ms, then 100 G/s; the pool 10 G/s: 10 ms at 1e8 is 1 ms + 9 ms / 10.
    #[test]
    fn it_breaks_even_where_both_take_as_long() {
        let n = break_even(1e-3, 100e9, 10e9).unwrap();
        assert!((n / 10e9 - (1e-3 + n / 100e9)).abs() < 1e-12, "{n}");
        assert_eq!(break_even(1e-3, 10e9, 10e9), None);
        assert_eq!(break_even(1e-3, 1e9, 10e9), None);
    }
}
