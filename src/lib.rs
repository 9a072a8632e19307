//! pi-mc estimates π by the Monte Carlo method, with the same hits, to the last one, for any number of workers,
//! machines or CPU types.
//!
//! ```
//! use pi_mc::{Estimate, Kernel, Plan, engine};
//!
//! let plan = Plan::first(42, 1_000_000)?;
//! let tally = engine::count(&plan, Kernel::detect(), engine::workers(&plan, None))?;
//! assert_eq!(tally.hits, 785_725); // on every machine, for every number of workers
//! assert_eq!(Estimate::of(tally).pi, 3.1429);
//! # Ok::<(), pi_mc::Error>(())
//! ```
//!
//! Data flows one way: numbers -> [`Plan`] -> chunks -> ([`Kernel`], one chunk) -> hits -> [`Tally`] ->
//! [`Estimate`] -> [`Record`] -> bytes. Each folder imports only folders above it in this list:
//!
//! - [`darts`]: the darts. What a seed means, and which darts a plan holds.
//! - [`kernel`]: counts one chunk fast, for each instruction set.
//! - [`lazy`]: draws the hits by their exact distribution, without throwing the darts.
//! - [`engine`]: threads, cores and GPUs that count a plan, and timelines of their work.
//! - [`result`]: estimates, records and merges.
//! - [`verify`]: checks that this machine counts right.
//! - [`compare`]: serial against parallel. Runs a plan in many ways, right and wrong, and times them.
#![cfg_attr(
    feature = "report",
    doc = "- [`report`]: results as text, tables and pictures."
)]

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
pub mod compare;
pub mod darts;
pub mod engine;
pub mod error;
pub mod kernel;
pub mod lazy;
#[cfg(feature = "report")]
pub mod report;
pub mod result;
pub mod verify;

pub use compare::row::Comparison;
pub use darts::plan::Plan;
pub use darts::replay::Dart;
pub use darts::tally::{Part, Tally};
pub use engine::counter::Counter;
pub use engine::machine::Machine;
pub use engine::walk::Walk;
pub use error::Error;
pub use kernel::Kernel;
pub use result::estimate::Estimate;
pub use result::merge::merge;
pub use result::record::{Method, Record};
