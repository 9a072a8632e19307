//! pi-mc estimates π by the Monte Carlo method, with the same hits, to the last one, for any number of workers,
//! machines or CPU types.
//!
//! ```
//! let record = pi_mc::estimate(pi_mc::Plan::first(42, 1_000_000)?)?;
//! assert_eq!(record.hits, 785_725); // on every machine, for every number of workers
//! assert_eq!(record.estimate().to_string(), "3.1429 ± 0.0016");
//! # Ok::<(), pi_mc::Error>(())
//! ```
//!
//! | I want to | with |
//! |---|---|
//! | estimate π | [`estimate`] a [`Plan`] |
//! | show progress, or stop early | step a [`Walk`]; its [`Walk::record`] is whole at any time |
//! | stop at a standard error | [`Tally::next_check`] and [`Tally::reaches`] between steps |
//! | go on later | [`Record::to_json`], [`Record::read`] and [`WalkBuilder::resume`](engine::walk::WalkBuilder::resume) |
//! | share a run among machines | [`Plan::shards`], and [`merge`] their records |
//! | average runs of several seeds | [`average`] |
//! | see single darts | [`Plan::darts`], or a [`Dart`] by its number |
//! | draw the hits of 2^60 darts | [`lazy::count`] |
//! | know whether my function counts right | make it a [`Counter`] for [`verify::known`] |
//! | compare serial with parallel | [`compare::run`], with strategies of my own by [`compare::Lineup::with`] |
//! | see which thread did what | [`WalkBuilder::with_timeline`](engine::walk::WalkBuilder::with_timeline) |
//!
//! # In a debug build
//!
//! Without optimisation, counting is 250 times slower. Two lines in your Cargo.toml optimise this crate alone:
//!
//! ```toml
//! [profile.dev.package.pi-mc]
//! opt-level = 3
//! ```
//!
//! Do not build with `-C target-cpu=native`. The crate picks the fastest kernel for the CPU at run time, and
//! rustc 1.95 miscompiles some AVX-512 code ([issue 158622](https://github.com/rust-lang/rust/issues/158622)).
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `report` | results as text, tables and pictures |
//! | `gpu` | a [`Counter`] on a GPU, by Vulkan or Metal |
//! | `cli` (default) | the program `pi-mc`; set `default-features = false` for the library alone |
//! | `live` (default) | `pi-mc --live` |
//! | `mpi` | `pi-mc --mpi` |
//!
//! # Platforms
//!
//! Linux, macOS, Windows, FreeBSD and others, of any endianness, with kernels for AVX-512, AVX2, SSE4.1 and
//! NEON. Hits are the same on all of them. Workers can be pinned to cores on Linux only, and Windows reports
//! no processor time once a child process was started.
//!
//! # Rooms
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
mod printable;
#[cfg(feature = "report")]
pub mod report;
pub mod result;
pub mod verify;

#[doc(inline)]
pub use compare::row::Comparison;
#[doc(inline)]
pub use darts::{plan::Plan, replay::Dart, tally::Tally};
#[doc(inline)]
pub use engine::{counter::Counter, machine::Machine, walk::Walk};
#[doc(inline)]
pub use error::Error;
#[doc(inline)]
pub use kernel::Kernel;
#[doc(inline)]
pub use result::{average::average, counted::estimate, merge::merge};
#[doc(inline)]
pub use result::{estimate::Estimate, record::Record};
