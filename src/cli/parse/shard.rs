//! `--shard`: the part of a run that this process counts, typed or read from the variables of a launcher.

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

/// Reads `I/N`, `env` for the part that the environment gives, or `env/N` for the environment's part of N.
pub(crate) fn shard(text: &str) -> Result<Shard, String> {
    let variable = |name: &str| Some(env::var_os(name)?.to_string_lossy().into_owned());
    match text.strip_prefix("env") {
        Some("") => in_environment(variable),
        Some(rest) if rest.starts_with('/') => {
            let (_, of) = number::shard(&format!("1{rest}")).map_err(|_| {
                "expected env/N, with the number of parts, such as env/64".to_owned()
            })?;
            numbered(of, variable)
        }
        _ => {
            let (number, of) = number::shard(text).map_err(|expected| {
                format!("{expected}, or env or env/N, to read a launcher's variables")
            })?;
            let from = None;
            Ok(Shard { number, of, from })
        }
    }
}

/// A launcher of parts: the variables with a part's number and with the number of parts, if it tells that, and the
/// number of its first part.
struct Launcher {
    index: &'static str,
    total: Option<&'static str>,
    first: u64,
}

const fn launcher(index: &'static str, total: Option<&'static str>, first: u64) -> Launcher {
    Launcher {
        index,
        total,
        first,
    }
}

/// Job arrays. A job of Kubernetes, Cloud Run or Google Batch may run within one of Slurm, never the other way
/// round. Kubernetes gives an Indexed Job only its number, so the job has to set JOB_COMPLETIONS itself.
const ARRAYS: [Launcher; 8] = [
    launcher("JOB_COMPLETION_INDEX", Some("JOB_COMPLETIONS"), 0),
    launcher("CLOUD_RUN_TASK_INDEX", Some("CLOUD_RUN_TASK_COUNT"), 0),
    launcher("BATCH_TASK_INDEX", Some("BATCH_TASK_COUNT"), 0),
    launcher("SLURM_ARRAY_TASK_ID", Some("SLURM_ARRAY_TASK_COUNT"), 1),
    launcher("PBS_ARRAY_INDEX", None, 1),
    launcher("SGE_TASK_ID", None, 1),
    launcher("LSB_JOBINDEX", None, 1),
    launcher("AWS_BATCH_JOB_ARRAY_INDEX", None, 0),
];

/// Tasks of one job. mpirun within a job of Slurm sets its own variables beside those of srun, which are then the
/// same for several ranks.
const RANKS: [Launcher; 3] = [
    launcher("OMPI_COMM_WORLD_RANK", Some("OMPI_COMM_WORLD_SIZE"), 0),
    launcher("PMI_RANK", Some("PMI_SIZE"), 0),
    launcher("SLURM_PROCID", Some("SLURM_NTASKS"), 0),
];

/// A launcher with the values of its variables.
struct Set {
    launcher: &'static Launcher,
    index: String,
    total: Option<String>,
}

impl Set {
    fn find(
        launchers: &'static [Launcher],
        variable: impl Fn(&str) -> Option<String>,
    ) -> Option<Set> {
        launchers.iter().find_map(|launcher| {
            let index = variable(launcher.index)?;
            // Outside of arrays.
            let is_none = matches!(
                (launcher.index, index.as_str()),
                ("SGE_TASK_ID", "undefined") | ("LSB_JOBINDEX", "0")
            );
            let total = launcher.total.and_then(&variable);
            (!is_none).then_some(Set {
                launcher,
                index,
                total,
            })
        })
    }

    /// The variables and their values.
    fn text(&self) -> String {
        let total = self.launcher.total.zip(self.total.as_ref());
        let total = total.map_or(String::new(), |(name, value)| format!(" {name}={value}"));
        format!("{}={}{total}", self.launcher.index, self.index)
    }

    /// Whether it is a job of one part.
    fn is_single(&self) -> bool {
        self.total.as_deref() == Some("1")
    }

    /// Part `number` of `of`, from 1, that the index stands for.
    fn part_of(&self, of: u64) -> Option<u64> {
        let index = self.index.parse::<u64>().ok()?;
        let number = index.checked_sub(self.launcher.first)?.checked_add(1)?;
        (number <= of).then_some(number)
    }
}

/// The launcher of this process: the job array, or else the ranks, unless there is only one.
fn launched(variable: impl Fn(&str) -> Option<String>) -> Result<Set, String> {
    let array = Set::find(&ARRAYS, &variable);
    let ranks = Set::find(&RANKS, &variable).filter(|ranks| !ranks.is_single());
    match (array, ranks) {
        (Some(array), Some(ranks)) if !array.is_single() => Err(format!(
            "{} and {} are both set, and each names a part; type I/N, such as 3/64",
            array.text(),
            ranks.text()
        )),
        (Some(array), None) => Ok(array),
        (_, Some(ranks)) => Ok(ranks),
        (None, None) => Err(
            "no launcher's variables are set: JOB_COMPLETION_INDEX and JOB_COMPLETIONS (Kubernetes), \
             CLOUD_RUN_TASK_INDEX, BATCH_TASK_INDEX, SLURM_ARRAY_TASK_ID, or those of mpirun or srun with \
             several tasks; type I/N, such as 3/64"
                .to_owned(),
        ),
    }
}

/// The part of a job array, or of the tasks of a job, by the values of environment variables.
fn in_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Shard, String> {
    let set = launched(&variable)?;
    let name = set.launcher.index;
    let Some(total_name) = set.launcher.total else {
        return Err(format!(
            "{name} is set, but its launcher does not report the number of parts; type env/N, such as env/64"
        ));
    };
    let Some(total) = &set.total else {
        return Err(format!(
            "{name} is set, but {total_name} is not; set it to the number of parts, or type env/N"
        ));
    };
    let mut from = set.text();
    if name == "SLURM_ARRAY_TASK_ID" {
        // An array of Slurm may begin anywhere and have gaps. In one without, the last number is the number of parts.
        for (bound, expected) in [("MIN", "1"), ("STEP", "1"), ("MAX", total.as_str())] {
            let bound = format!("SLURM_ARRAY_TASK_{bound}");
            if let Some(value) = variable(&bound).filter(|value| value != expected) {
                from += &format!(" {bound}={value}");
            }
        }
    }
    let is_plain = from == set.text();
    let part = total.parse().ok();
    let part = part.and_then(|of| Some((set.part_of(of).filter(|_| is_plain)?, of)));
    let (number, of) = part.ok_or_else(|| {
        let first = set.launcher.first;
        format!(
            "{from} is not a part of an array that counts from {first} without gaps; type env/N or I/N, such as 3/64"
        )
    })?;
    let from = Some(from);
    Ok(Shard { number, of, from })
}

/// The part of `of` that has the number in the environment.
fn numbered(of: u64, variable: impl Fn(&str) -> Option<String>) -> Result<Shard, String> {
    let set = launched(variable)?;
    let index = format!("{}={}", set.launcher.index, set.index);
    let number = set.part_of(of).ok_or_else(|| {
        let first = set.launcher.first;
        format!("{index} is not one of {of} parts, which are numbered from {first}")
    })?;
    let from = Some(index);
    Ok(Shard { number, of, from })
}

/// The variables of the launcher that started this process as the first of several tasks; `None` for any other
/// process, which says nothing.
pub(crate) fn first_of_several() -> Option<String> {
    let variable = |name: &str| Some(env::var_os(name)?.to_string_lossy().into_owned());
    let ranks = Set::find(&RANKS, variable)?;
    // The script of a batch job has the variables of a task, and is only one.
    let is_script = ranks.launcher.index == "SLURM_PROCID"
        && env::var_os("SLURM_JOB_ID").is_some()
        && env::var_os("SLURM_STEP_ID").is_none();
    let is_several = ranks.total.as_ref()?.parse::<u64>().ok()? > 1;
    (is_several && ranks.index == "0" && !is_script).then(|| ranks.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_environment(set: &str) -> Result<(u64, u64), String> {
        part("env", set)
    }

    /// The part that `text`, env or env/N, stands for if these variables are set.
    fn part(text: &str, set: &str) -> Result<(u64, u64), String> {
        let set: Vec<_> = set
            .split(' ')
            .filter_map(|set| set.split_once('='))
            .collect();
        let value = |name: &str| set.iter().find(|(set, _)| *set == name);
        let variable = |name: &str| value(name).map(|(_, value)| (*value).to_owned());
        let shard = match text.strip_prefix("env/") {
            Some(of) => numbered(of.parse().unwrap(), variable),
            None => super::in_environment(variable),
        }?;
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
        for (set, expected) in [
            ("CLOUD_RUN_TASK_INDEX=0 CLOUD_RUN_TASK_COUNT=5", (1, 5)),
            ("BATCH_TASK_INDEX=4 BATCH_TASK_COUNT=5", (5, 5)),
            ("SLURM_PROCID=1 SLURM_NTASKS=4", (2, 4)),
            ("OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4", (4, 4)),
            ("PMI_RANK=0 PMI_SIZE=2", (1, 2)),
            // mpirun in a job of srun.
            (
                "SLURM_PROCID=0 SLURM_NTASKS=4 OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=4",
                (3, 4),
            ),
            (
                "CLOUD_RUN_TASK_INDEX=0 CLOUD_RUN_TASK_COUNT=5 JOB_COMPLETION_INDEX=1 JOB_COMPLETIONS=2",
                (2, 2),
            ),
        ] {
            assert_eq!(in_environment(set), Ok(expected), "{set}");
        }
        // Each task of an array is a job of one rank, and each rank may be in an array of one.
        let one_rank = slurm("8")
            + " SLURM_PROCID=0 SLURM_NTASKS=1 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_STEP=1";
        assert_eq!(in_environment(&one_rank), Ok((8, 8)));
        let one_task =
            "SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=1 SLURM_PROCID=2 SLURM_NTASKS=4";
        assert_eq!(in_environment(one_task), Ok((3, 4)));
    }

    #[test]
    fn the_number_of_parts_may_be_typed() {
        for (set, expected) in [
            (
                "SLURM_ARRAY_TASK_ID=17 SLURM_ARRAY_TASK_COUNT=1 SLURM_ARRAY_TASK_MIN=17",
                17,
            ),
            ("SLURM_ARRAY_TASK_ID=64 SLURM_ARRAY_TASK_COUNT=3", 64),
            ("PBS_ARRAY_INDEX=1", 1),
            ("SGE_TASK_ID=64", 64),
            ("LSB_JOBINDEX=3", 3),
            ("AWS_BATCH_JOB_ARRAY_INDEX=0", 1),
            ("AWS_BATCH_JOB_ARRAY_INDEX=63", 64),
            ("JOB_COMPLETION_INDEX=3", 4),
            ("SLURM_PROCID=3 SLURM_NTASKS=4", 4),
            // Neither is in an array.
            (
                "SGE_TASK_ID=undefined LSB_JOBINDEX=0 PMI_RANK=1 PMI_SIZE=2",
                2,
            ),
        ] {
            assert_eq!(part("env/64", set), Ok((expected, 64)), "{set}");
        }
        for (set, named) in [
            ("PBS_ARRAY_INDEX=65", "PBS_ARRAY_INDEX=65 is not one of 64"),
            ("PBS_ARRAY_INDEX=0", "numbered from 1"),
            ("AWS_BATCH_JOB_ARRAY_INDEX=64", "numbered from 0"),
            ("SLURM_ARRAY_TASK_ID=abc", "=abc"),
            ("", "no launcher's"),
        ] {
            let message = part("env/64", set).unwrap_err();
            assert!(message.contains(named), "{set}: {message}");
        }
        for text in ["env/0", "env/", "env/x", "env/-1", "env/2/3", "envy"] {
            assert!(shard(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_part_is_refused_by_name() {
        for (set, named) in [
            (String::new(), "SLURM_ARRAY_TASK_ID"),
            ("JOB_COMPLETIONS=8".to_owned(), "JOB_COMPLETION_INDEX"),
            ("PBS_ARRAY_INDEX=3".to_owned(), "type env/N"),
            (slurm("3") + " SLURM_ARRAY_TASK_MIN=0", "_MIN=0"),
            (slurm("3") + " SLURM_ARRAY_TASK_STEP=2", "_STEP=2"),
            (
                slurm("3") + " OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=4",
                "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=8 and OMPI_COMM_WORLD_RANK=1 \
                 OMPI_COMM_WORLD_SIZE=4 are both set",
            ),
            ("SLURM_PROCID=4 SLURM_NTASKS=4".to_owned(), "counts from 0"),
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
