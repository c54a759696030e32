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
    password: Option<String>,
    arguments: Vec<String>,
    folder: TempDir,
    child: Child,
}

impl RedisServer {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With more arguments.
    pub async fn with(arguments: &[&str]) -> Self {
        Self::begin(None, &[&["--save", "", "--appendonly", "no"], arguments].concat()).await
    }

    /// Behind a password.
    pub async fn guarded(password: &str, arguments: &[&str]) -> Self {
        let all = [&["--save", "", "--appendonly", "no", "--requirepass", password], arguments].concat();
        Self::begin(Some(password), &all).await
    }

    /// A sentinel with a password and a file of its own.
    pub async fn sentinel(password: &str, file: &str) -> Self {
        Self::begin(Some(password), &[file, "--sentinel", "--requirepass", password]).await
    }

    async fn begin(password: Option<&str>, arguments: &[&str]) -> Self {
        let (port, folder) =
            (Self::free_port(), tempfile::tempdir().expect("a temporary folder can be made"));
        let arguments: Vec<String> = arguments.iter().map(|argument| argument.to_string()).collect();
        let child = launch(port, folder.path(), &arguments);
        let server = Self { port, password: password.map(str::to_owned), arguments, folder, child };
        server.answers().await;
        server
    }

    /// A port that nobody listens on now.
    pub fn free_port() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        listener.local_addr().expect("a listener has an address").port()
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
    async fn answers(&self) {
        eventually(async || (self.say("PING").await?.starts_with("+PONG")).then_some(())).await;
    }

    /// A command by itself; the beginning of the answer.
    pub async fn say(&self, command: &str) -> Option<String> {
        let mut connection = TcpStream::connect(self.address()).await.ok()?;
        let mut answer = vec![0; 64 * 1024];
        if let Some(password) = &self.password {
            connection.write_all(format!("AUTH {password}\r\n").as_bytes()).await.ok()?;
            connection.read_exact(&mut answer[..b"+OK\r\n".len()]).await.ok()?;
        }
        connection.write_all(format!("{command}\r\n").as_bytes()).await.ok()?;
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
