//! Runs other programs: with a deadline, and never past an interruption.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::{interrupt, wait, workspace};

/// For commands that only look something up.
pub const MOMENT: Duration = Duration::from_secs(30);
/// How long a command that was asked to end may take before it is made to.
const GRACE: Duration = Duration::from_secs(5);
/// Enough of a log to see the reason, not so much that it hides it.
const LAST_LINES: usize = 30;

/// Runs `command` before the reader's eyes.
pub fn shown(command: &mut Command, limit: Duration) -> Result<ExitStatus> {
    supervise(command, limit)
}

/// Runs `command` with its output in `target/tools/log/<name>.log`; a failure shows its end.
pub fn logged(name: &str, command: &mut Command, limit: Duration) -> Result<()> {
    captured(name, command, limit).map(drop)
}

/// Like [`logged`], and returns the standard output.
pub fn captured(name: &str, command: &mut Command, limit: Duration) -> Result<Vec<u8>> {
    let log = Log::create(name)?;
    let status = supervise(log.catch(command)?, limit)?;
    log.judge(command, status)
}

/// Runs what may fail, and returns how it ended and all that it said.
pub fn heard(name: &str, command: &mut Command, limit: Duration) -> Result<(ExitStatus, String)> {
    let log = Log::create(name)?;
    let status = supervise(log.catch(command)?, limit)?;
    let (output, errors) = (fs::read(&log.output)?, fs::read(&log.errors)?);
    Ok((status, String::from_utf8_lossy(&[output, errors].concat()).into_owned()))
}

/// Like [`logged`], for what must not be stopped half-way: Ctrl-C reaches it only as it would
/// reach any program in the terminal, and there is no deadline.
pub fn undisturbed(name: &str, command: &mut Command) -> Result<()> {
    let log = Log::create(name)?;
    let status = log.catch(command)?.status().with_context(|| format!("can't start {}", name_of(command)))?;
    log.judge(command, status)?;
    interrupt::check()
}

/// The end of a log, indented so that it stands apart from our own lines.
pub fn last_lines(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let end = &lines[lines.len().saturating_sub(LAST_LINES)..];
    end.iter().map(|line| format!("    {line}\n")).collect()
}

fn supervise(command: &mut Command, limit: Duration) -> Result<ExitStatus> {
    // A group of its own, so that whatever the command starts can be stopped with it.
    command.stdin(Stdio::null()).process_group(0);
    let child = command.spawn().with_context(|| format!("can't start {}", name_of(command)))?;
    let mut group = Group(child);
    let status = wait::until(limit, || {
        interrupt::check()?;
        Ok(group.0.try_wait()?)
    })?;
    status.with_context(|| format!("{} was stopped: not done after {limit:?}", name_of(command)))
}

/// Where the output of one command goes. Files rather than pipes: nobody has to empty them.
struct Log {
    output: PathBuf,
    errors: PathBuf,
}

impl Log {
    fn create(name: &str) -> Result<Self> {
        let errors = workspace::log(name)?;
        Ok(Self { output: errors.with_extension("out"), errors })
    }

    fn catch<'a>(&self, command: &'a mut Command) -> Result<&'a mut Command> {
        Ok(command.stdout(File::create(&self.output)?).stderr(File::create(&self.errors)?))
    }

    fn judge(&self, command: &Command, status: ExitStatus) -> Result<Vec<u8>> {
        if !status.success() {
            let [output, errors] = [&self.output, &self.errors].map(|file| last_lines(file));
            bail!("{} failed ({status})\n{output}{errors}", name_of(command));
        }
        Ok(fs::read(&self.output)?)
    }
}

fn name_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// A command and all that it has started.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        // While the leader hasn't been waited for, the group's number can't belong to others.
        let running = |child: &mut Child| matches!(child.try_wait(), Ok(None));
        if !running(&mut self.0) {
            return;
        }
        let group = Pid::from_raw(i32::try_from(self.0.id()).expect("process ids fit pid_t"));
        let _ = killpg(group, Signal::SIGTERM);
        let ended = wait::until(GRACE, || Ok((!running(&mut self.0)).then_some(())));
        if !matches!(ended, Ok(Some(()))) {
            let _ = killpg(group, Signal::SIGKILL);
            let _ = self.0.wait();
        }
    }
}
