//! All integration tests, one binary, in the order in which to read them.

// How tests run the program.
mod program;

// What a seed means: the contract's table, golden values, and what a coarse word alone decides.
mod coarse;
mod contract;
// The same for people who do without us: docs/contract.md, its values and its Python. Single darts.
mod replay;
mod vectors;
// Every kernel against the reference, on one table of boundaries and on random ranges.
mod kernels;
// The same on a GPU.
#[cfg(feature = "gpu")]
mod gpu;
// Workers and ranges change nothing.
mod runs;
// (Lazy darts are tested beside their code, in src/lazy: most of it is not public.)
// From hits to an estimate; and the law that the hits of many seeds follow.
mod estimates;
mod law;
// Every way to run a plan, the gate before the speed-up, and worker processes that fail.
mod compare;
mod table;
// The same saved and read again, held to a baseline, and the laws of scaling.
mod saved;
// Long runs: limits, traces, checkpoints, signals. Many machines: shards, merges, MPI.
mod long;
mod many;
// Files that the program did not make, and systems that refuse something.
#[cfg(unix)]
mod files;
#[cfg(target_os = "linux")]
mod refusals;
// Known answers, burn-in, saved results counted again: each finds a fault that is put there.
mod verify;
// Which thread runs on which core.
#[cfg(target_os = "linux")]
mod pin;
// Pictures, and who did what when.
mod plots;
mod timelines;
// What must hold for any input, on random ones; the functions that say so are those of fuzz/ too.
mod bodies;
mod properties;
// The command line as a person types it: results, bad input, closed pipes, full disks. And every
// example of the README and of docs/.
mod cli;
#[cfg(unix)] // The examples are for a shell.
mod docs;
// The source itself: which file may import from which.
mod house;
