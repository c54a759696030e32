//! The binary itself, as an operator would start it.

use std::{
    net::SocketAddr,
    process::{Output, Stdio},
};

use tokio::process::{Child, Command};

use super::{Settings, lines::Lines, within};

/// A running `rookery`; killed when it is dropped.
pub struct Program {
    pub child: Child,
    pub address: SocketAddr,
    lines: Lines,
}

/// The binary with these variables and no others.
fn command(arguments: &[&str], settings: &Settings) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rookery"));
    command.args(arguments).env_clear().envs(settings.pairs()).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it until it ends by itself.
pub async fn finished(arguments: &[&str], settings: &Settings) -> Output {
    within("the program to end", command(arguments, settings).output()).await.expect("it can be run")
}

impl Program {
    /// Serves until it is told to stop; its log has to be bunyan's and say `listening`.
    pub async fn serve(settings: &Settings) -> Self {
        let mut child = command(&["serve"], settings).spawn().expect("it can be run");
        let mut lines = Lines::default();
        let mut listening = lines.read(&mut child, listening);
        let address = within("the program to listen", listening.recv()).await;
        let address = address.unwrap_or_else(|| panic!("it ended: {}", lines.text()));
        Self { child, address, lines }
    }

    /// Whether it has written this.
    pub fn has_said(&self, text: &str) -> bool {
        self.lines.text().contains(text)
    }

    /// Kills it and returns all that it has written.
    pub async fn kill(mut self) -> String {
        self.child.kill().await.expect("it was running");
        self.lines.end().await;
        self.lines.text()
    }
}

/// Where it listens, in the line that says so.
fn listening(line: &str) -> Option<SocketAddr> {
    let record: serde_json::Value = serde_json::from_str(line).ok()?;
    record["address"].as_str()?.parse().ok()
}
