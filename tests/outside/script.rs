//! A client's side of a test, written in that client's language.
//!
//! A script ends with 0 when all it expected has come true. It may ask for what it can't do itself,
//! by a line on its standard output: `please: kill`.

use std::{path::PathBuf, process::Stdio, time::Duration};

use tokio::{
    process::{Child, Command},
    sync::mpsc::UnboundedReceiver,
    time::timeout,
};

use super::{
    server::{SECRET, Server},
    tools,
};
use crate::lines::Lines;

/// Whatever a script waits for has a deadline of its own; this one is for a script that is stuck.
const STUCK: Duration = Duration::from_secs(240);

/// A script that runs; killed when it is dropped, shown when the test fails.
pub struct Script {
    child: Child,
    name: String,
    lines: Lines,
    wishes: UnboundedReceiver<String>,
    stuck: Duration,
}

/// A script of `tests/clients` run by Node, talking to the server.
pub fn node(file: &str, arguments: &[&str], server: &Server) -> Command {
    command(tools::node(), file, arguments, &server.url())
}

/// The same, through something that stands before the server.
pub fn node_at(file: &str, arguments: &[&str], url: &str) -> Command {
    command(tools::node(), file, arguments, url)
}

/// A script of `tests/clients` run by Python, talking to the server.
pub fn python(file: &str, arguments: &[&str], server: &Server) -> Command {
    command(tools::python(), file, arguments, &server.url())
}

fn command(interpreter: PathBuf, file: &str, arguments: &[&str], url: &str) -> Command {
    let mut command = Command::new(interpreter);
    command.arg(tools::in_project("tests/clients").join(file)).args(arguments);
    command.env("ROOKERY_URL", url).env("JWT_SECRET", SECRET);
    command
}

/// Runs a script to its end; the test fails with what it said unless it succeeds.
pub async fn run(mut command: impl std::borrow::BorrowMut<Command>) {
    Script::start(command.borrow_mut()).succeeds().await;
}

impl Script {
    pub fn start(command: &mut Command) -> Self {
        let name =
            command.as_std().get_args().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
        command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the interpreter can be run");
        let mut lines = Lines::default();
        let wishes = lines.read(&mut child, |line| line.strip_prefix("please: ").map(str::to_owned));
        Self { child, name, lines, wishes, stuck: STUCK }
    }

    /// For one that works for so long before it ends.
    pub fn works_for(mut self, time: Duration) -> Self {
        self.stuck += time;
        self
    }

    /// The next thing it asks for; nothing when it has ended.
    pub async fn wish(&mut self) -> Option<String> {
        let wish = timeout(self.stuck, self.wishes.recv()).await;
        wish.unwrap_or_else(|_| panic!("{} is stuck", self.name))
    }

    /// Waits for its end, and returns what it said.
    pub async fn succeeds(mut self) -> String {
        let ended = timeout(self.stuck, self.child.wait()).await;
        let status =
            ended.unwrap_or_else(|_| panic!("{} is stuck", self.name)).expect("it can be waited for");
        self.lines.end().await;
        assert!(status.success(), "{} failed: {status}", self.name);
        self.lines.text()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- {} said\n{}--- its end", self.name, self.lines.text());
        }
    }
}
