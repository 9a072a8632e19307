//! `--shard`: the part of a run that this process counts, typed or read from the variables of a job array.

use std::env;

use crate::cli::parse::number;

/// Part `number` of `of`, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    pub(crate) number: u64,
    pub(crate) of: u64,
    /// The variables that it was read from, with their values; `None` if it was typed.
    pub(crate) from: Option<String>,
}

/// Reads `I/N`, or `env` for the part that the environment gives.
pub(crate) fn shard(text: &str) -> Result<Shard, String> {
    if text == "env" {
        return in_array(|name| Some(env::var_os(name)?.to_string_lossy().into_owned()));
    }
    let (number, of) =
        number::shard(text).map_err(|expected| format!("{expected}, or env, for a job array"))?;
    let from = None;
    Ok(Shard { number, of, from })
}

/// The variables of job arrays: a part's number, how many parts there are, and the first part's number. Kubernetes
/// gives an Indexed Job only its number, so the job has to set JOB_COMPLETIONS itself.
const ARRAYS: [(&str, &str, u64); 2] = [
    ("JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", 0),
    ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", 1),
];

/// The part of a job array, by the values of environment variables.
fn in_array(variable: impl Fn(&str) -> Option<String>) -> Result<Shard, String> {
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
    // An array of Slurm may have gaps. In one without, the last number is the number of parts.
    let has_gaps = *first == 1 && variable("SLURM_ARRAY_TASK_MAX").is_some_and(|last| last != n);
    let parsed = i.parse::<u64>().ok().zip(n.parse::<u64>().ok());
    let part = parsed.and_then(|(i, of)| {
        let number = i.checked_sub(*first)?.checked_add(1)?;
        (number <= of && !has_gaps).then_some((number, of))
    });
    let from = format!("{index}={i} {total}={n}");
    let (number, of) = part.ok_or_else(|| {
        format!(
            "{from} is no part of an array that counts from {first} without gaps; type I/N, such as 3/64"
        )
    })?;
    let from = Some(from);
    Ok(Shard { number, of, from })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The part that `env` stands for if these variables are set.
    fn in_environment(set: &str) -> Result<(u64, u64), String> {
        let set: Vec<_> = set
            .split(' ')
            .filter_map(|set| set.split_once('='))
            .collect();
        let value = |name: &str| set.iter().find(|(set, _)| *set == name);
        let shard = in_array(|name| value(name).map(|(_, value)| (*value).to_owned()))?;
        assert!(shard.from.is_some());
        Ok((shard.number, shard.of))
    }

    fn kubernetes(i: &str) -> String {
        format!("JOB_COMPLETION_INDEX={i} JOB_COMPLETIONS=8")
    }

    fn slurm(i: &str) -> String {
        format!("SLURM_ARRAY_TASK_ID={i} SLURM_ARRAY_TASK_COUNT=8")
    }

    #[test]
    fn a_job_array_gives_the_part() {
        assert_eq!(in_environment(&kubernetes("0")), Ok((1, 8)));
        assert_eq!(in_environment(&kubernetes("7")), Ok((8, 8)));
        assert_eq!(in_environment(&slurm("8")), Ok((8, 8)));
        let whole = slurm("8") + " SLURM_ARRAY_TASK_MAX=8";
        assert_eq!(in_environment(&whole), Ok((8, 8)));
        // A Kubernetes job is the inner one.
        let both = slurm("8") + " JOB_COMPLETION_INDEX=2 JOB_COMPLETIONS=3";
        assert_eq!(in_environment(&both), Ok((3, 3)));
    }

    #[test]
    fn what_is_no_part_is_refused_by_name() {
        for (set, named) in [
            (String::new(), "SLURM_ARRAY_TASK_COUNT"),
            ("JOB_COMPLETIONS=8".to_owned(), "JOB_COMPLETION_INDEX"),
            (
                "JOB_COMPLETION_INDEX=0".to_owned(),
                "JOB_COMPLETIONS is not",
            ),
            (kubernetes("8"), "counts from 0"),
            (kubernetes("0").replace('8', "0"), "counts from 0"),
            (kubernetes("-1"), "_INDEX=-1"),
            (kubernetes(""), "_INDEX= "),
            (kubernetes("18446744073709551615"), "counts from 0"),
            (slurm("0"), "counts from 1"),
            (slurm("9"), "counts from 1"),
            (slurm("3") + " SLURM_ARRAY_TASK_MAX=11", "gaps"),
            (slurm("x"), "_ID=x"),
        ] {
            let message = in_environment(&set).unwrap_err();
            assert!(message.contains(named), "{set}: {message}");
        }
    }
}
