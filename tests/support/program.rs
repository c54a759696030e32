//! The binary itself, as an operator would start it.

use std::{
    net::SocketAddr,
    process::{Output, Stdio},
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

use super::{Settings, within};

/// A running `rookery`; killed when it is dropped.
pub struct Program {
    pub child: Child,
    pub address: SocketAddr,
    output: Arc<Mutex<String>>,
    readers: [JoinHandle<()>; 2],
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
        let output = Arc::new(Mutex::new(String::new()));
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let stdout = child.stdout.take().expect("the output is piped");
        let stderr = child.stderr.take().expect("the errors are piped");
        let readers = [collect(stdout, output.clone(), Some(tell)), collect(stderr, output.clone(), None)];
        let address = within("the program to listen", told.recv()).await;
        let address = address.unwrap_or_else(|| panic!("it ended: {}", output.lock().unwrap()));
        Self { child, address, output, readers }
    }

    /// Whether it has written this.
    pub fn has_said(&self, text: &str) -> bool {
        self.output.lock().unwrap().contains(text)
    }

    /// Kills it and returns all that it has written.
    pub async fn kill(mut self) -> String {
        self.child.kill().await.expect("it was running");
        for reader in self.readers {
            within("the end of the output", reader).await.expect("reading doesn't panic");
        }
        let output = self.output.lock().unwrap();
        output.clone()
    }
}

fn collect(
    pipe: impl AsyncRead + Unpin + Send + 'static,
    output: Arc<Mutex<String>>,
    listening: Option<tokio::sync::mpsc::UnboundedSender<SocketAddr>>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut lines = BufReader::new(pipe).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            output.lock().unwrap().push_str(&format!("{line}\n"));
            let record: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            if let (Some(listening), Some(address)) = (&listening, record["address"].as_str())
                && let Ok(address) = address.parse()
            {
                // Only the first one is waited for.
                _ = listening.send(address);
            }
        }
    })
}
