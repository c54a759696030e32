//! `cargo xtask services`: for a developer who runs single tests again and again.

use std::io;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use anyhow::Result;

use super::Services;
use crate::stage::stage;
use crate::{install, interrupt, wait};

/// Between two looks at whether the services are still there.
const WATCH: Duration = Duration::from_secs(1);

pub fn serve() -> Result<ExitCode> {
    let tools = stage("tools", install::everything)?;
    let mut services = stage("services", || Services::start(&tools))?;
    for (name, value) in services.environment() {
        println!("export {name}='{value}'");
    }
    eprintln!("running until Ctrl-C or the end of the standard input");

    let input = thread::spawn(|| io::copy(&mut io::stdin(), &mut io::sink()));
    let over = || Ok((interrupt::happened() || input.is_finished()).then_some(()));
    while wait::until(WATCH, over)?.is_none() {
        if services.report_deaths() {
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
