//! `cargo xtask test`: the whole suite, on every database it has to run on.

use std::process::{Command, ExitCode, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::services::Services;
use crate::stage::{spell, stage};
use crate::{install, run, workspace};

/// Compiling everything on a slow machine included; a suite that takes longer hangs.
const LIMIT: Duration = Duration::from_hours(1);

pub fn run(arguments: &[&str]) -> Result<ExitCode> {
    let begun = Instant::now();
    let Plan { databases, cargo_arguments } = Plan::from(arguments);
    let tools = stage("tools", install::everything)?;
    let mut services = stage("services", || Services::start(&tools))?;

    if cargo_arguments.is_empty() {
        let status = vendored()?;
        if !status.success() {
            return Ok(code_of(status));
        }
    }
    let mut code = ExitCode::SUCCESS;
    for database in databases {
        let suite = format!("tests on {}", database.name());
        let status = suite_on(database, &services, &cargo_arguments, &suite)?;
        if !status.success() {
            services.report_deaths();
            code = code_of(status);
            break;
        }
    }
    stage("stop services", || {
        drop(services);
        Ok(())
    })?;
    eprintln!("total: {}", spell(begun.elapsed()));
    Ok(code)
}

fn suite_on(database: Database, services: &Services, arguments: &[&str], name: &str) -> Result<ExitStatus> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(workspace::root()).arg("test");
    if !arguments.iter().any(|argument| selects_packages(argument)) {
        cargo.args(database.packages());
    }
    if !arguments.iter().any(|argument| selects_targets(argument)) {
        cargo.args(database.targets());
    }
    cargo.args(arguments).envs(services.environment()).env("ROOKERY_TEST_DATABASE", database.name());
    // An answer that has changed fails the test that tells it, and writes nothing.
    cargo.env("INSTA_UPDATE", "no");

    eprintln!("--> {name}");
    let begun = Instant::now();
    let status = run::shown(&mut cargo, LIMIT)?;
    eprintln!(
        "<-- {name}: {} after {}",
        if status.success() { "passed" } else { "FAILED" },
        spell(begun.elapsed())
    );
    Ok(status)
}

/// The tests of the library that we have patched. They need features that the program is built without.
fn vendored() -> Result<ExitStatus> {
    stage("tests of the patched library", || {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(workspace::root()).args(["test", "--package", "engineioxide"]);
        cargo.args(["--features", "__test_harness,tracing,v3"]);
        run::shown(&mut cargo, LIMIT)
    })
}

/// The tests' own exit code; a signal has none.
fn code_of(status: ExitStatus) -> ExitCode {
    status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    /// What doesn't talk to a database needn't be tested on a second one.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &["--workspace"],
            Self::Postgres => &["--package", "rookery"],
        }
    }

    /// Plain `cargo test` leaves out what needs PostgreSQL.
    fn targets(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &[],
            Self::Postgres => &[
                "--lib", "--bins", "--test", "suite", "--test", "outside", "--test", "postgres", "--test",
                "faults",
            ],
        }
    }
}

/// What the command line asks for.
#[derive(Debug, PartialEq)]
struct Plan<'a> {
    databases: Vec<Database>,
    cargo_arguments: Vec<&'a str>,
}

impl<'a> Plan<'a> {
    fn from(arguments: &[&'a str]) -> Self {
        let (databases, rest) = match arguments {
            ["--sqlite", rest @ ..] => (vec![Database::Sqlite], rest),
            ["--postgres", rest @ ..] => (vec![Database::Postgres], rest),
            rest => (vec![Database::Sqlite, Database::Postgres], rest),
        };
        // The first `--` ends our own arguments; another one is cargo's.
        let rest = rest.strip_prefix(&["--"]).unwrap_or(rest);
        Self { databases, cargo_arguments: rest.to_vec() }
    }
}

fn selects_packages(argument: &str) -> bool {
    let name = argument.split('=').next().unwrap_or_default();
    matches!(name, "-p" | "--package" | "--workspace" | "--all")
}

fn selects_targets(argument: &str) -> bool {
    let name = argument.split('=').next().unwrap_or_default();
    matches!(name, "--lib" | "--bin" | "--bins" | "--test" | "--tests" | "--all-targets" | "--doc")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_arguments_both_databases_are_tested() {
        let plan = Plan::from(&[]);
        assert_eq!(plan.databases, [Database::Sqlite, Database::Postgres]);
        assert!(plan.cargo_arguments.is_empty());
    }

    #[test]
    fn only_the_first_double_dash_is_ours() {
        let plan = Plan::from(&["--postgres", "--", "--test", "api", "--", "--nocapture"]);
        assert_eq!(plan.databases, [Database::Postgres]);
        assert_eq!(plan.cargo_arguments, ["--test", "api", "--", "--nocapture"]);
    }

    #[test]
    fn a_choice_of_packages_replaces_ours() {
        assert!(selects_packages("-p") && selects_packages("--package=xtask"));
        assert!(!selects_packages("posts"));
        assert!(selects_targets("--test") && selects_targets("--lib"));
        assert!(!selects_targets("--no-fail-fast"));
    }
}
