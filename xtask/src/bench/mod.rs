//! `cargo xtask bench`: what the program costs, beside what the same bytes cost at least.
//! docs/bench.md says what the figures mean.

mod appends;
mod crowd;
mod deliveries;
mod floor;
mod http;
mod load;
mod memory;
mod meter;
mod options;
mod pgbench;
mod process;
mod report;
mod requests;
mod server;
mod socket;
mod statistics;
mod tally;
mod websocket;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::install;
use crate::services::{Databases, Service};
use crate::stage::{spell, stage};
use crate::{interrupt, run, wait, workspace};
use options::Options;
use report::Row;
use server::{Server, Store};

const SCENARIOS: [&str; 12] = [
    "health",
    "me",
    "posts",
    "post",
    "append-1",
    "append-50",
    "append-1-sqlite",
    "append-50-sqlite",
    "deliveries",
    "deliveries-2",
    "idle",
    "rest",
];
/// An optimised build of everything, on a slow machine.
const BUILD: Duration = Duration::from_hours(1);

pub fn run(arguments: &[&str]) -> Result<ExitCode> {
    if let ["--floor", rest @ ..] = arguments {
        return floor::serve(rest);
    }
    let begun = Instant::now();
    let options = Options::parse(arguments)?;
    let before = options.compare.as_deref().map(report::read).transpose()?.unwrap_or_default();
    raise_limits()?;
    let binary = match options.binary {
        Some(binary) => binary.canonicalize().with_context(|| format!("there is no {}", binary.display()))?,
        None => stage("release build", build)?,
    };
    let tools = stage("tools", install::databases)?;
    let databases = stage("services", || Databases::start(&tools))?;
    let stand = Stand { binary, tools, databases, measure: options.measure };

    let mut rows = Vec::new();
    for scenario in options.only {
        rows.push(stage(scenario, || stand.measure(scenario))?);
    }
    drop(stand);
    print!("{}", report::table(&rows, &before));
    if let Some(path) = options.json {
        fs::write(&path, report::json(&rows)).with_context(|| format!("can't write {}", path.display()))?;
    }
    eprintln!("total: {}", spell(begun.elapsed()));
    Ok(ExitCode::SUCCESS)
}

/// What every scenario needs.
struct Stand {
    binary: PathBuf,
    tools: install::Databases,
    databases: Databases,
    measure: Duration,
}

impl Stand {
    /// A fresh one for each scenario, so that none finds what another has left.
    fn server(&self) -> Result<Server> {
        self.server_on(Store::Postgres)
    }

    fn server_on(&self, store: Store) -> Result<Server> {
        Server::start(&self.binary, &self.tools, &self.databases, store, None)
    }

    /// Two nodes that a Redis joins, which is the third.
    fn two_servers(&self) -> Result<([Server; 2], Service)> {
        let (redis, url) = self.databases.with_redis(&install::redis()?)?;
        let one = Server::start(&self.binary, &self.tools, &self.databases, Store::Postgres, Some(&url))?;
        let other = one.second()?;
        Ok(([one, other], redis))
    }

    fn measure(&self, scenario: &str) -> Result<Row> {
        match scenario {
            appending if appending.starts_with("append") => appends::measure(self, appending),
            "deliveries" => deliveries::measure(self),
            "deliveries-2" => deliveries::measure_two(self),
            "idle" => memory::idle(self),
            "rest" => memory::rest(self),
            request => requests::measure(self, request),
        }
    }
}

/// Lets time pass for as long as all is well.
fn pause(time: Duration, healthy: impl Fn() -> bool) -> Result<()> {
    let failed = wait::until(time, || {
        interrupt::check()?;
        Ok((!healthy()).then_some(()))
    })?;
    match failed {
        // Whoever failed says why.
        Some(()) => bail!("the load was given up"),
        None => Ok(()),
    }
}

/// The binary that is deployed.
fn build() -> Result<PathBuf> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(workspace::root()).args(["build", "--release", "--package", "rookery"]);
    let status = run::shown(&mut cargo, BUILD)?;
    if !status.success() {
        bail!("the build ended with {status}");
    }
    // We lie in target/debug ourselves, wherever that is.
    let ours = std::env::current_exe()?;
    let target =
        ours.parent().and_then(|profile| profile.parent()).context("we lie in no target directory")?;
    Ok(target.join("release/rookery"))
}

/// Thousands of sockets need as many descriptors, here and in the server, which inherits the limit.
fn raise_limits() -> Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, most, most)?)
}
