//! How far a long piece of work is. Whatever takes long calls a function `FnMut(Progress) -> ControlFlow<()>`
//! again and again, and stops when it breaks. Only a walk has none, since its caller steps it.

/// How far a piece of work is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The darts counted, the chunks checked by a burn-in, or the runs of a comparison that are done.
    pub done: u64,
    /// All of them; `None` for a burn-in, which has no end of its own.
    pub total: Option<u64>,
    /// The hits among the darts counted; 0 if they are not known yet.
    pub hits: u64,
    /// The size that is being compared, from 1, and the number of sizes.
    pub size: (usize, usize),
}

impl Progress {
    pub(crate) fn new(done: u64, total: Option<u64>) -> Progress {
        Progress {
            done,
            total,
            hits: 0,
            size: (1, 1),
        }
    }
}
