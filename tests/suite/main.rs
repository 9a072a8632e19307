//! All integration tests in one binary, in reading order.

// Helpers that run the program.
mod program;

// The meaning of a seed: the contract's table, golden values, and what a coarse word alone decides.
mod coarse;
mod contract;
// The contract as other implementations see it: docs/contract.md, its values and its Python. Single darts.
mod replay;
mod vectors;
// Every kernel against the reference, on a table of boundaries and on random ranges.
mod kernels;
// The same on a GPU.
#[cfg(feature = "gpu")]
mod gpu;
// Workers and ranges change no hit.
mod runs;
// (Tests of lazy darts are in src/lazy, since most of it is not public.)
// From hits to an estimate, and the distribution of hits over many seeds.
mod estimates;
mod launchers;
mod law;
// Every strategy, verdicts on hits before speed, and worker processes that fail.
mod compare;
mod table;
// Saved comparisons, baselines and scaling laws.
mod saved;
// Long runs: limits, traces, checkpoints, signals. Many machines: shards, merges, MPI.
mod long;
mod many;
mod missing;
#[cfg(feature = "mpi")]
mod mpi;
#[cfg(target_os = "linux")]
mod recipes;
// Files that the program did not create, and systems that refuse a resource.
#[cfg(unix)]
mod files;
#[cfg(target_os = "linux")]
mod refusals;
#[cfg(target_os = "linux")]
mod systems;
// Known answers, burn-in and recounts: each finds an injected fault.
mod verify;
// Which thread runs on which core.
#[cfg(target_os = "linux")]
mod pin;
// Pictures and timelines.
mod plots;
mod timelines;
// Properties of any input, tried on random inputs. The fuzz targets call the same functions.
mod bodies;
mod properties;
// The command line: results, bad input, closed pipes, full disks. Every example of the README and docs/.
mod cli;
mod learn;
mod words;
// Names of files, and strings from files, that try to forge a line or a formula.
#[cfg(unix)]
mod hostile;
// The screen of a terminal.
#[cfg(unix)] // The examples are for a shell.
mod docs;
#[cfg(target_os = "linux")]
mod interrupt;
#[cfg(all(target_os = "linux", feature = "live"))]
mod live;
#[cfg(target_os = "linux")]
mod shells;
#[cfg(target_os = "linux")]
mod terminal;
// The source itself: which files may import from which.
mod house;
