//! pi-mc: the Monte Carlo estimate of pi that is the same, to the last hit, for any number of
//! workers, machines or CPU types.
//!
//! The rooms, in reading order. Data flows one way: number -> [`Plan`] -> chunks -> ([`Kernel`], one
//! chunk) -> hits -> [`Tally`] -> [`Estimate`] -> bytes.
//!
//! 1. [`dart`]: the contract. What a seed means, and the slow, obvious count that defines it.
//! 2. [`kernel`]: the fast count of one chunk, per instruction set.
//! 3. [`plan`]: which darts to count, cut into chunks.
//! 4. [`run`]: walks over the chunks, serial or on all cores.
//! 5. [`lazy`]: another way to draw the hits: not dart by dart, and exactly by the same law.
//! 6. [`estimate`]: from hits to pi, its standard error and interval.
//! 7. [`course`]: where along a run somebody looks.
//! 8. [`saved`]: a result read again: a shard, a checkpoint; and many of them added up.
//! 9. [`compare`]: the same plan run in many ways, right and wrong; no speed without equal hits.
//! 10. [`verify`]: whether this machine computes what it should.
//! 11. [`report`]: a result or a comparison as text, JSON, CSV, Markdown or a picture.
//! 12. [`error`]: what can go wrong.
//!
//! ```
//! use pi_mc::{Estimate, Kernel, Plan, run};
//!
//! let plan = Plan::new(42, 1_000_000)?;
//! let tally = run::count(&plan, Kernel::detect(), run::workers(&plan, None))?;
//! assert_eq!(tally.hits, 785_725); // on every machine, for every number of workers
//! assert_eq!(Estimate::of(tally).pi, 3.1429);
//! # Ok::<(), pi_mc::Error>(())
//! ```

pub mod compare;
pub mod course;
pub mod dart;
pub mod error;
pub mod estimate;
pub mod kernel;
pub mod lazy;
pub mod plan;
pub mod report;
pub mod run;
pub mod saved;
pub mod verify;

pub use error::Error;
pub use estimate::Estimate;
pub use kernel::Kernel;
pub use plan::Plan;
pub use report::Record;
pub use run::Tally;
