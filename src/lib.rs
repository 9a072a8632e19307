//! pi-mc: the Monte Carlo estimate of π that is the same, to the last hit, for any number of workers,
//! machines or CPU types.
//!
//! The modules, in reading order. Data flows one way: numbers -> [`Plan`] -> chunks -> ([`Kernel`], one
//! chunk) -> hits -> [`Tally`] -> [`Estimate`] -> [`Record`] -> bytes.
//!
//! 1. [`dart`]: the contract. What a seed means, and the slow, obvious count that defines it.
//! 2. [`kernel`]: the fast count of one chunk, for each instruction set.
//! 3. [`plan`]: which darts to count, cut into chunks.
//! 4. [`tally`]: what was counted.
//! 5. [`engine`]: counts a plan, on one thread or on many.
//! 6. [`pin`]: which core each of the threads runs on.
//! 7. [`timeline`]: which worker did what, and when.
//! 8. [`milestones`]: the dart numbers at which a run is looked at.
//! 9. [`lazy`]: draws the hits by their exact distribution, without throwing the darts.
//! 10. [`estimate`]: from hits to π, its standard error and its interval.
//! 11. [`machine`]: what a run was made on, and how much of it the run got.
//! 12. [`record`]: a result, as it is printed, saved and read again.
//! 13. [`mod@merge`]: adds records up.
//! 14. [`mod@average`]: the mean of runs of different seeds.
//! 15. [`compare`]: runs a plan in many ways, right and wrong, and times them.
//! 16. [`verify`]: checks that this machine counts right.
//! 17. [`replay`]: single darts, with all that decides them.
#![cfg_attr(
    feature = "cli",
    doc = "18. [`report`]: results as text, tables and pictures."
)]
//! 19. [`error`]: what can go wrong.
#![cfg_attr(
    feature = "gpu",
    doc = "20. [`gpu`]: the count of many chunks at a time, on a GPU."
)]
//!
//! ```
//! use pi_mc::{Estimate, Kernel, Plan, engine};
//!
//! let plan = Plan::new(42, 1_000_000)?;
//! let tally = engine::count(&plan, Kernel::detect(), engine::workers(&plan, None))?;
//! assert_eq!(tally.hits, 785_725); // on every machine, for every number of workers
//! assert_eq!(Estimate::of(tally).pi, 3.1429);
//! # Ok::<(), pi_mc::Error>(())
//! ```

pub mod average;
pub mod compare;
pub mod dart;
pub mod engine;
pub mod error;
pub mod estimate;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod kernel;
pub mod lazy;
pub mod machine;
pub mod merge;
pub mod milestones;
pub mod pin;
pub mod plan;
pub mod record;
pub mod replay;
#[cfg(feature = "cli")]
pub mod report;
pub mod tally;
pub mod timeline;
pub mod verify;

pub use average::average;
pub use error::Error;
pub use estimate::Estimate;
pub use kernel::Kernel;
pub use machine::Machine;
pub use merge::merge;
pub use plan::Plan;
pub use record::{Method, Record};
pub use tally::{Part, Tally};
