//! `cargo xtask check`: everything that can be said about the sources without running them.

use std::fs;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::install::cargo_tools;
use crate::stage::{spell, stage};
use crate::{contract, generate, interrupt, run, workspace};

type Stage = (&'static str, fn() -> Result<()>);

/// From quick to slow, except that whatever compiles the tree comes after what doesn't.
const STAGES: [Stage; 8] = [
    ("format", format),
    ("rules of API documents", documents),
    ("promises of the last release", contract::promises),
    ("bans, licences, sources", dependencies),
    ("unused dependencies", unused),
    ("lints", lints),
    ("documentation", documentation),
    ("generated files", generate::compare),
];

const LIMIT: Duration = Duration::from_mins(30);

/// Runs every stage even after one has failed: one run shows all there is to mend.
pub fn run() -> Result<ExitCode> {
    let begun = Instant::now();
    let mut failed = Vec::new();
    for (name, work) in STAGES {
        if let Err(error) = stage(name, work) {
            interrupt::check()?;
            eprintln!("{error:#}");
            failed.push(name);
        }
    }
    eprintln!("total: {}", spell(begun.elapsed()));
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("failed: {}", failed.join("; "));
    Ok(ExitCode::FAILURE)
}

/// The patched library in `vendor` as its authors format theirs: it has a rustfmt.toml of its own.
fn format() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    // The migrations are listed by a build script, where `cargo fmt` doesn't look.
    let migrations = workspace::root().join("migrations/src");
    let files = fs::read_dir(migrations)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    passes(Command::new("rustfmt").args(["--check", "--edition", "2024"]).args(files))
}

fn lints() -> Result<()> {
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    // Left out by `--all-targets`, because plain `cargo test` leaves them out.
    cargo(&["clippy", "--test", "postgres", "--test", "faults", "--", "-D", "warnings"])
}

/// The patched library's is written by its authors, for their readers.
fn documentation() -> Result<()> {
    let arguments =
        ["doc", "--workspace", "--exclude", "engineioxide", "--no-deps", "--document-private-items"];
    passes(Command::new("cargo").args(arguments).env("RUSTDOCFLAGS", "-D warnings"))
}

fn documents() -> Result<()> {
    contract::rules(&workspace::root().join("openapi"))
}

fn dependencies() -> Result<()> {
    let deny = cargo_tools::path("cargo-deny", "0.20.2")?;
    // Who brings a crate in is what `cargo tree --invert` tells, and a page for every warning here.
    passes(Command::new(deny).args(["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))
}

fn unused() -> Result<()> {
    let machete = cargo_tools::path("cargo-machete", "0.9.2")?;
    // With metadata it knows crates whose library has another name than the package.
    passes(Command::new(machete).args(["--with-metadata", "--skip-target-dir"]))
}

fn cargo(arguments: &[&str]) -> Result<()> {
    passes(Command::new("cargo").args(arguments))
}

fn passes(command: &mut Command) -> Result<()> {
    let status = run::shown(command.current_dir(workspace::root()), LIMIT)?;
    if !status.success() {
        bail!("it ended with {status}");
    }
    Ok(())
}
