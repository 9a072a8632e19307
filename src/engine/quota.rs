//! The quota of processor time that the control group of this process has, as containers and batch systems set it.
//! [`cores`](crate::engine::cores::cores) counts it in whole cores; a quota of half a core still makes a measurement slow,
//! and no other program is to blame.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

/// The cores that a quota gives this process on average, as it was when first asked for; `None` without one. Linux
/// alone has such quotas.
pub(crate) fn quota() -> Option<f64> {
    static QUOTA: OnceLock<Option<f64>> = OnceLock::new();
    *QUOTA.get_or_init(|| {
        let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
        quota_in(Path::new("/sys/fs/cgroup"), &groups)
    })
}

/// Reads the quota of the group in a folder.
type Read = fn(&Path) -> Option<f64>;

/// The least quota of the `groups` that a process is in, and of the groups above them. `groups` is the text of
/// /proc/PID/cgroup, and `root` the folder where the control groups are mounted.
fn quota_in(root: &Path, groups: &str) -> Option<f64> {
    let quotas = groups.lines().filter_map(|line| {
        // 0::/path, or 4:cpu,cpuacct:/path.
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, group) = (fields.next()?, fields.next()?);
        let (folders, read): (Vec<&str>, Read) = match controllers {
            "" => (vec!["", "unified"], second_version),
            _ if controllers.split(',').any(|name| name == "cpu") => {
                (vec![controllers, "cpu"], first_version)
            }
            _ => return None,
        };
        let folders = folders.into_iter().map(|folder| root.join(folder));
        folders
            .filter_map(|folder| least(&folder, group, read))
            .reduce(f64::min)
    });
    quotas.reduce(f64::min)
}

/// The least quota of `group` and of the groups above it, up to the one that is mounted at `folder`. In a container that
/// may be the only one.
fn least(folder: &Path, group: &str, read: Read) -> Option<f64> {
    let group = Path::new(group.trim_start_matches('/'));
    let groups = group.ancestors().map(|group| read(&folder.join(group)));
    groups.flatten().reduce(f64::min)
}

/// `50000 100000`, the microseconds in each period; or `max 100000`, without a quota.
fn second_version(group: &Path) -> Option<f64> {
    let text = fs::read_to_string(group.join("cpu.max")).ok()?;
    let (quota, period) = text.trim().split_once(' ')?;
    share(quota, period)
}

/// The same numbers in two files; without a quota the first is -1.
fn first_version(group: &Path) -> Option<f64> {
    let read = |name| fs::read_to_string(group.join(name)).ok();
    share(&read("cpu.cfs_quota_us")?, &read("cpu.cfs_period_us")?)
}

fn share(quota: &str, period: &str) -> Option<f64> {
    let [quota, period] = [quota, period].map(|text| text.trim().parse::<u64>().ok());
    let (quota, period) = (quota?, period.filter(|period| *period > 0)?);
    (quota > 0).then(|| quota as f64 / period as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The quota of `groups` where these files are mounted.
    fn quota(groups: &str, files: &[(&str, &str)]) -> Option<f64> {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("{text}\n")).unwrap();
        }
        quota_in(root.path(), groups)
    }

    #[test]
    fn the_least_quota_of_a_group_and_those_above_it_holds() {
        let group = "0::/user/job\n";
        assert_eq!(
            quota(group, &[("user/job/cpu.max", "50000 100000")]),
            Some(0.5)
        );
        assert_eq!(quota(group, &[("user/job/cpu.max", "max 100000")]), None);
        let above = [
            ("user/cpu.max", "150000 100000"),
            ("user/job/cpu.max", "max 100000"),
        ];
        assert_eq!(quota(group, &above), Some(1.5));
        let both = [
            ("user/cpu.max", "100000 100000"),
            ("user/job/cpu.max", "400000 100000"),
        ];
        assert_eq!(quota(group, &both), Some(1.0));
        // In a container, whose own group is what is mounted.
        assert_eq!(quota(group, &[("cpu.max", "20000 100000")]), Some(0.2));
        assert_eq!(quota("", &[("cpu.max", "20000 100000")]), None);
    }

    #[test]
    fn the_first_version_of_groups_has_two_files() {
        let groups = "8:pids:/\n4:cpu,cpuacct:/job\n1:cpuset:/\n0::/\n";
        for folder in ["cpu,cpuacct/job", "cpu,cpuacct", "cpu/job"] {
            let [quota_us, period_us] =
                ["cpu.cfs_quota_us", "cpu.cfs_period_us"].map(|name| format!("{folder}/{name}"));
            let of = |us| quota(groups, &[(&quota_us, us), (&period_us, "200000")]);
            assert_eq!(of("100000"), Some(0.5), "{folder}");
            assert_eq!(of("-1"), None, "{folder}");
        }
        let unified = [("unified/cpu.max", "300000 100000")];
        assert_eq!(quota(groups, &unified), Some(3.0));
    }

    #[test]
    fn what_is_no_quota_is_none() {
        for text in ["", "1", "a b", "100000 0", "0 100000", "-1 100000"] {
            assert_eq!(quota("0::/\n", &[("cpu.max", text)]), None, "{text}");
        }
    }
}
