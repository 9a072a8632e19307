//! The part of a run that `--shard` asks for: typed, or told by the system that started this process as
//! one of many.

use std::env;

use crate::cli::parse::number;

/// Part `number` of `of`, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    pub(crate) number: u64,
    pub(crate) of: u64,
    /// The variables that told it, with their values; none if it was typed.
    pub(crate) from: Option<String>,
}

/// `I/N`, or `env` for the part that the environment tells.
pub(crate) fn shard(text: &str) -> Result<Shard, String> {
    if text == "env" {
        return told(|name| Some(env::var_os(name)?.to_string_lossy().into_owned()));
    }
    let (number, of) =
        number::shard(text).map_err(|expected| format!("{expected}, or env, for a job array"))?;
    let from = None;
    Ok(Shard { number, of, from })
}

/// The variables of job arrays: a part's number, how many parts there are, and the first one's number.
/// Kubernetes tells an Indexed Job its number alone, so the job has to set the other.
const ARRAYS: [(&str, &str, u64); 2] = [
    ("JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", 0),
    ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", 1),
];

fn told(variable: impl Fn(&str) -> Option<String>) -> Result<Shard, String> {
    let array = ARRAYS
        .iter()
        .find_map(|array| Some((array, variable(array.0)?)));
    let Some(((index, total, first), i)) = array else {
        let [(a, b, _), (c, d, _)] = ARRAYS;
        return Err(format!(
            "it needs {a} and {b} (Kubernetes), or {c} and {d} (Slurm), which are not set; type I/N, \
             such as 3/64"
        ));
    };
    let Some(n) = variable(total) else {
        return Err(format!(
            "{index} is set, but {total} is not; set it to the number of parts"
        ));
    };
    // An array of Slurm may have gaps. Without one its last number is how many there are.
    let has_gaps = *first == 1 && variable("SLURM_ARRAY_TASK_MAX").is_some_and(|last| last != n);
    let number = |text: &str| text.parse::<u64>().ok();
    let shard = number(&i).zip(number(&n)).and_then(|(i, of)| {
        let number = i.checked_sub(*first)?.checked_add(1)?;
        (number <= of && !has_gaps).then_some((number, of))
    });
    let from = format!("{index}={i} {total}={n}");
    match shard {
        Some((number, of)) => Ok(Shard {
            number,
            of,
            from: Some(from),
        }),
        None => Err(format!(
            "{from} is no part of an array that counts from {first} without gaps; type I/N, such as 3/64"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `env` is read as where these variables are set.
    fn in_environment(set: &str) -> Result<(u64, u64), String> {
        let set: Vec<_> = set
            .split(' ')
            .filter_map(|set| set.split_once('='))
            .collect();
        let value = |name: &str| set.iter().find(|(set, _)| *set == name);
        let shard = told(|name| value(name).map(|(_, value)| (*value).to_owned()))?;
        assert!(shard.from.is_some());
        Ok((shard.number, shard.of))
    }

    #[test]
    fn a_job_array_tells_the_part() {
        let kubernetes =
            |i, n| in_environment(&format!("JOB_COMPLETION_INDEX={i} JOB_COMPLETIONS={n}"));
        assert_eq!(kubernetes("0", "8"), Ok((1, 8)));
        assert_eq!(kubernetes("7", "8"), Ok((8, 8)));
        let slurm = "SLURM_ARRAY_TASK_ID=8 SLURM_ARRAY_TASK_COUNT=8";
        assert_eq!(in_environment(slurm), Ok((8, 8)));
        assert_eq!(
            in_environment(&format!("{slurm} SLURM_ARRAY_TASK_MAX=8")),
            Ok((8, 8))
        );
        // A Kubernetes job is the inner one.
        let both = format!("{slurm} JOB_COMPLETION_INDEX=2 JOB_COMPLETIONS=3");
        assert_eq!(in_environment(&both), Ok((3, 3)));
    }

    #[test]
    fn what_is_no_part_is_refused_by_name() {
        for (set, named) in [
            ("", "SLURM_ARRAY_TASK_COUNT"),
            ("JOB_COMPLETIONS=8", "JOB_COMPLETION_INDEX"),
            ("JOB_COMPLETION_INDEX=0", "JOB_COMPLETIONS is not"),
            ("JOB_COMPLETION_INDEX=8 JOB_COMPLETIONS=8", "counts from 0"),
            ("JOB_COMPLETION_INDEX=0 JOB_COMPLETIONS=0", "counts from 0"),
            ("JOB_COMPLETION_INDEX=-1 JOB_COMPLETIONS=8", "_INDEX=-1"),
            ("JOB_COMPLETION_INDEX= JOB_COMPLETIONS=8", "_INDEX= "),
            (
                "JOB_COMPLETION_INDEX=18446744073709551615 JOB_COMPLETIONS=8",
                "counts from 0",
            ),
            (
                "SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_COUNT=8",
                "counts from 1",
            ),
            (
                "SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_COUNT=8",
                "counts from 1",
            ),
            (
                "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MAX=7",
                "gaps",
            ),
            ("SLURM_ARRAY_TASK_ID=x SLURM_ARRAY_TASK_COUNT=8", "_ID=x"),
        ] {
            let message = in_environment(set).unwrap_err();
            assert!(message.contains(named), "{set}: {message}");
        }
    }
}
