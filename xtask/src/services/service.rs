//! One running service: started, waited for until it answers, stopped.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::{interrupt, run, wait};

const START: Duration = Duration::from_mins(1);
const STOP: Duration = Duration::from_secs(10);

pub struct Service {
    name: &'static str,
    child: Child,
    log: PathBuf,
    farewell: Signal,
}

impl Service {
    /// Starts `command` with its output in `log`, and returns once it is `ready`. `farewell` is
    /// the signal that makes it end at once.
    pub fn start(
        name: &'static str,
        command: &mut Command,
        log: PathBuf,
        farewell: Signal,
        ready: impl Fn() -> bool,
    ) -> Result<Self> {
        let output = File::create(&log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        // A group of its own: Ctrl-C in the terminal is for us, and we stop it in due order.
        let child = command.process_group(0).spawn().with_context(|| format!("can't start {name}"))?;
        let mut service = Self { name, child, log, farewell };
        let answer = wait::until(START, || {
            interrupt::check()?;
            if let Some(death) = service.death() {
                bail!(death);
            }
            Ok(ready().then_some(()))
        })?;
        if answer.is_none() {
            bail!("{name} doesn't answer after {START:?}\n{}", run::last_lines(&service.log));
        }
        Ok(service)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// For one that runs.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill(self.number(), signal)?)
    }

    fn number(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("process ids fit pid_t"))
    }

    /// Says farewell, and waits for its end; one that ignores it is killed.
    pub fn stop(&mut self) {
        let pid = self.number();
        let mut ended = || Ok(self.child.try_wait()?.map(drop));
        // One that has been waited for has no number any more: it may be somebody else's.
        if matches!(ended(), Ok(Some(()))) {
            return;
        }
        let _ = kill(pid, self.farewell);
        if !matches!(wait::until(STOP, &mut ended), Ok(Some(()))) {
            eprintln!("{} ignores {}: killed", self.name, self.farewell);
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    /// What there is to say if it has ended by itself.
    pub fn death(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok().flatten()?;
        Some(format!("{} has ended ({status})\n{}", self.name, run::last_lines(&self.log)))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop();
    }
}
