//! Options whose values have names: their parsers come from the library's own lists, so a mistyped
//! name is answered with the nearest.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use pi_mc::Kernel;

/// Parses the name of one of `all`.
pub(super) fn one_of<T: Copy + Send + Sync + 'static, const N: usize>(
    all: [T; N],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.map(name)).try_map(move |typed| {
        // clap has let through only what is a name, in whatever case it allows.
        all.into_iter()
            .find(|one| name(*one).eq_ignore_ascii_case(&typed))
            .ok_or("no such value")
    })
}

/// Parses the name of a kernel that this CPU has, or `auto`, the fastest of them.
pub(super) fn kernel() -> impl TypedValueParser<Value = Kernel> {
    let names = ["auto"].into_iter().chain(Kernel::NAMES.iter().copied());
    PossibleValuesParser::new(names).try_map(|name| {
        if name == "auto" {
            Ok(Kernel::detect())
        } else {
            Kernel::named(&name)
        }
    })
}
