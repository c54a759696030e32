//! A Redis for one test, to be killed, stopped and started again.

use std::{
    env,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::eventually;

/// A running server, empty at every start; killed when it is dropped.
pub struct RedisServer {
    pub port: u16,
    arguments: Vec<String>,
    folder: TempDir,
    child: Child,
}

impl RedisServer {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With more arguments, such as `--requirepass`.
    pub async fn with(arguments: &[&str]) -> Self {
        let server = Self::begin(free_port(), &["--save", "", "--appendonly", "no"], arguments);
        server.answers().await;
        server
    }

    /// At this port, and doesn't wait until it answers.
    pub fn begin(port: u16, first: &[&str], more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let arguments: Vec<String> = first.iter().chain(more).map(|argument| argument.to_string()).collect();
        let child = launch(port, folder.path(), &arguments);
        Self { port, arguments, folder, child }
    }

    pub fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// Dies without a word, with all it knows.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is ours");
        self.child.wait().expect("it has been killed");
    }

    /// The same again, at the same port, with nothing in it.
    pub async fn restart(&mut self) {
        self.child = launch(self.port, self.folder.path(), &self.arguments);
        self.answers().await;
    }

    /// Stops in its tracks: its connections stay open, and nobody answers.
    pub fn stop(&self) {
        self.signal("STOP");
    }

    pub fn go_on(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let done = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(done.expect("there is a `kill`").success(), "it runs");
    }

    /// Waits until it serves.
    pub async fn answers(&self) {
        eventually(async || (self.say("PING").await?.starts_with(['+', '-'])).then_some(())).await;
    }

    /// A command by itself, without spaces in its words; the beginning of the answer.
    pub async fn say(&self, command: &str) -> Option<String> {
        let mut connection = TcpStream::connect(self.address()).await.ok()?;
        connection.write_all(format!("{command}\r\n").as_bytes()).await.ok()?;
        let mut answer = vec![0; 4096];
        let read = connection.read(&mut answer).await.ok().filter(|read| *read > 0)?;
        Some(String::from_utf8_lossy(&answer[..read]).into_owned())
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// It ends with the test's thread, whatever becomes of that.
fn launch(port: u16, folder: &Path, arguments: &[String]) -> Child {
    let program = env::var("ROOKERY_TEST_REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned());
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", &program]).args(arguments);
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--dir"]).arg(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("redis-server can be run")
}

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.local_addr().expect("a listener has an address").port()
}
