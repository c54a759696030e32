//! `cargo xtask faults`: the long form of tests/faults, where a fault lasts. docs/faults.md says what is looked at.

mod plants;
mod prove;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::stage::{spell, stage};
use crate::{install, run, workspace};

/// What can break; tests/faults has a test of each name.
const SCENARIOS: [(&str, &str); 13] = [
    ("F1", "kill -9 of a node amid sends"),
    ("F2", "a node is killed between commit and acknowledgement"),
    ("F3", "Redis is killed and stays away"),
    ("F4", "Redis is restarted empty"),
    ("F5", "Redis hangs"),
    ("F6", "PgBouncer is restarted"),
    ("F7", "two hundred clients share a pool of four connections"),
    ("F8", "PostgreSQL ends at once and recovers"),
    ("F10", "the connection is cut inside the answer to COMMIT"),
    ("F11", "clients are far away, answers are lost, connections forgotten"),
    ("F12", "a receiver stops reading"),
    ("F17", "a node's clock jumps by an hour, and back"),
    ("F18", "two nodes behind nginx and HAProxy are restarted in turn"),
];

/// Above what each test says in a line.
const HEAD: [&str; 8] = ["ok", "failed", "unknown", "deliveries", "p50 ms", "p99 ms", "outage", "recovery"];

/// For all scenarios on a slow machine, compiling included.
const LIMIT: Duration = Duration::from_hours(1);

pub fn run(arguments: &[&str]) -> Result<ExitCode> {
    let begun = Instant::now();
    let options = Options::parse(arguments)?;
    let tools = stage("tools", install::everything)?;
    let mut cargo = scenarios(&options.scenarios, &tools);
    cargo.env("ROOKERY_FAULTS_SECONDS", options.seconds.to_string());
    if let Some(binary) = options.binary {
        let found = binary.canonicalize().with_context(|| format!("there is no {}", binary.display()))?;
        cargo.env("ROOKERY_TEST_BINARY", found);
    }
    let [ok, failed, unknown, deliveries, half, nearly_all, outage, recovery] = HEAD;
    eprintln!(
        "     {ok:>7} {failed:>7} {unknown:>8} {deliveries:>11} {half:>7} {nearly_all:>7} {outage:>7} {recovery:>9}"
    );
    let status = run::shown(&mut cargo, LIMIT)?;
    eprintln!("total: {}", spell(begun.elapsed()));
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Shows that what is broken is noticed: each of these invariants, or all of them.
pub fn prove(invariants: &[&str]) -> Result<ExitCode> {
    prove::run(invariants).map(|()| ExitCode::SUCCESS)
}

/// One at a time: the figures are about one fault, not about the others' load.
fn scenarios(names: &[&str], tools: &install::Tools) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(workspace::root()).args([
        "test",
        "--quiet",
        "--package",
        "rookery",
        "--test",
        "faults",
    ]);
    cargo.args(["--", "--nocapture", "--test-threads=1"]);
    cargo.args(names.iter().map(|name| format!("::{}_", name.to_lowercase()))).envs(tools.environment());
    cargo
}

#[derive(Debug, PartialEq)]
struct Options {
    scenarios: Vec<&'static str>,
    /// How long each fault lasts.
    seconds: u64,
    /// Of the program, when it isn't the one that is built with the tests.
    binary: Option<PathBuf>,
}

impl Options {
    fn parse(arguments: &[&str]) -> Result<Self> {
        let mut options = Self { scenarios: Vec::new(), seconds: 30, binary: None };
        let mut arguments = arguments.iter();
        while let Some(word) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{word} wants a value after it"));
            match *word {
                "--seconds" => options.seconds = seconds(value()?)?,
                "--binary" => options.binary = Some(value()?.into()),
                name => options.scenarios.push(scenario(name)?),
            }
        }
        if options.scenarios.is_empty() {
            options.scenarios = SCENARIOS.map(|(name, _)| name).into();
        }
        Ok(options)
    }
}

fn scenario(wanted: &str) -> Result<&'static str> {
    let found = SCENARIOS.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    if let Some((name, _)) = found {
        return Ok(name);
    }
    let known: String = SCENARIOS.iter().map(|(name, what)| format!("\n  {name:<4} {what}")).collect();
    bail!("there is no scenario {wanted:?}; there are{known}\nand the options --seconds N and --binary PATH")
}

fn seconds(text: &str) -> Result<u64> {
    let number = text.parse().ok().filter(|seconds| (1..=600).contains(seconds));
    number.with_context(|| format!("--seconds takes 1 to 600, not {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;

    #[test]
    fn without_names_everything_breaks_in_turn() {
        let options = Options::parse(&[]).expect("nothing is wrong with nothing");
        assert_eq!(options.scenarios.len(), SCENARIOS.len());
        assert_eq!(options.seconds, 30);
    }

    #[test]
    fn scenarios_are_chosen_by_name() {
        let options = Options::parse(&["F6", "f1", "--seconds", "3"]).expect("both exist");
        assert_eq!((options.scenarios, options.seconds), (vec!["F6", "F1"], 3));
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        for (arguments, told) in [
            (&["F99"][..], "there is no scenario \"F99\""),
            (&["--seconds"], "--seconds wants a value"),
            (&["--seconds", "0"], "--seconds takes 1 to 600"),
        ] {
            let error = Options::parse(arguments).expect_err("it can't be used").to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn each_scenario_is_a_test_and_each_test_a_scenario() {
        let mut written = BTreeSet::new();
        let folder = workspace::root().join("tests/faults");
        for file in fs::read_dir(folder).expect("there is the folder").flatten() {
            let Ok(text) = fs::read_to_string(file.path()) else { continue };
            let names = text.lines().filter_map(|line| line.strip_prefix("async fn f")?.split_once('_'));
            written.extend(names.filter(|(n, _)| n.parse::<u32>().is_ok()).map(|(n, _)| format!("F{n}")));
        }
        let listed: BTreeSet<String> = SCENARIOS.iter().map(|(name, _)| name.to_string()).collect();
        assert_eq!(listed, written);
    }
}
