//! What the kernel knows of a process: the CPU time it has used, and the memory it holds.

use std::fs;

use anyhow::{Context, Result};

/// Linux counts in hundredths of a second, whatever the machine.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU seconds of one process, in user space and in the kernel.
pub fn cpu(pid: u32) -> Result<f64> {
    Ok(Stat::of(pid)?.own)
}

/// CPU seconds of a process and of all its children, those that have ended included.
pub fn cpu_of_family(parent: u32) -> Result<f64> {
    let stat = Stat::of(parent)?;
    let mut sum = stat.own + stat.ended_children;
    for entry in fs::read_dir("/proc")?.flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse() else { continue };
        // One that ends meanwhile is counted by its parent.
        sum += Stat::of(pid).ok().filter(|stat| stat.parent == parent).map_or(0.0, |stat| stat.own);
    }
    Ok(sum)
}

/// Resident memory in KiB.
pub fn resident(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("the process has ended")?;
    parse_resident(&status).with_context(|| format!("/proc/{pid}/status doesn't tell VmRSS"))
}

fn parse_resident(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[derive(Debug, PartialEq)]
struct Stat {
    parent: u32,
    own: f64,
    ended_children: f64,
}

impl Stat {
    fn of(pid: u32) -> Result<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).context("the process has ended")?;
        Self::parse(&text).with_context(|| format!("/proc/{pid}/stat can't be read: {text}"))
    }

    /// The program's name comes second, in brackets, and may itself hold spaces and brackets.
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.get(text.rfind(')')? + 1..)?.split_whitespace().collect();
        let seconds = |place: usize| Some(fields.get(place)?.parse::<f64>().ok()? / TICKS_PER_SECOND);
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: seconds(11)? + seconds(12)?,
            ended_children: seconds(13)? + seconds(14)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_brackets_does_not_shift_the_fields() {
        let text = "42 (a) (b c) S 7 42 42 0 -1 4194304 100 0 0 0 250 50 25 25 20 0 3 0 12345 1000 200";
        let expected = Stat { parent: 7, own: 3.0, ended_children: 0.5 };
        assert_eq!(Stat::parse(text), Some(expected));
        assert_eq!(Stat::parse("42 (a) S 7"), None);
    }

    #[test]
    fn resident_memory_is_told_in_kib() {
        assert_eq!(parse_resident("Name:\trookery\nVmRSS:\t   30720 kB\nRssAnon:\t 1 kB\n"), Some(30720.0));
        assert_eq!(parse_resident("Name:\tkthreadd\n"), None);
    }

    #[test]
    fn a_process_that_works_is_seen_to_work_and_one_that_is_not_there_is_not() {
        let (me, begun) = (std::process::id(), std::time::Instant::now());
        while cpu(me).expect("we run") == 0.0 {
            assert!(begun.elapsed().as_secs() < 10, "ten seconds of reading files cost no CPU time");
        }
        assert!(resident(me).expect("we run") > 100.0);
        // In this order: we work on meanwhile.
        let own = cpu(me).expect("we run");
        assert!(cpu_of_family(me).expect("we run") >= own);
        assert!(cpu(u32::MAX).is_err() && resident(u32::MAX).is_err());
    }
}
