//! The binary, running as a process of its own.

use std::{
    env,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::{database::TestDatabase, lines::Lines};

/// Long enough for a debug build on a busy machine.
const START_WITHIN: Duration = Duration::from_secs(60);

/// Of the log of a server whose test has failed.
const LINES_SHOWN: usize = 300;

/// Signs the tokens; the scripts know it too, to make tokens that have expired.
pub const SECRET: &str = "a secret that only the tests know, long enough";

/// A running server. Dropped, it is killed, and in a test that fails it shows its log.
pub struct Server {
    child: Child,
    log: Lines,
    port: u16,
    settings: Vec<(String, String)>,
    // After the process that uses them.
    database: Option<TestDatabase>,
    folder: TempDir,
}

impl Server {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With these settings besides.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let database = TestDatabase::create().await;
        let mut server = Self::on(&database.url(), settings).await;
        server.database = Some(database);
        server
    }

    /// Its own.
    pub fn database(&self) -> &TestDatabase {
        self.database.as_ref().expect("nobody else looks after it")
    }

    /// Another node on the same database and, if there is one, the same Redis.
    pub async fn beside(other: &Self) -> Self {
        let setting =
            |name: &str| other.settings.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
        let database = setting("DATABASE_URL").expect("every server has a database");
        let redis = setting("REDIS_URL").map(|url| ("REDIS_URL", url));
        Self::on(database, redis.as_slice()).await
    }

    /// On a database that somebody else looks after.
    pub async fn on(database: &str, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let port = free_port();
        let own = [
            ("APP_ENV", "test"),
            ("LOG_FORMAT", "bunyan"),
            // Scripts send as fast as they are answered, which no person does.
            ("SOCKET_EVENTS_PER_SECOND", "10000"),
            ("JWT_SECRET", SECRET),
            ("DATABASE_URL", database),
        ];
        let settings = own.iter().chain(settings).map(|(name, value)| (name.to_string(), value.to_string()));
        let settings: Vec<_> = settings.collect();
        let mut log = Lines::default();
        let child = launch(port, &settings, &folder, &mut log).await;
        Self { child, log, port, settings, database: None, folder }
    }

    /// Starts it again after its end: same database, same port.
    pub async fn start_again(&mut self) {
        self.child = launch(self.port, &self.settings, &self.folder, &mut self.log).await;
    }

    /// `http://…`, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("it is running")
    }

    /// What commands that run beside it have to be told.
    pub fn environment(&self) -> Vec<(String, String)> {
        self.settings.clone()
    }

    /// SIGKILL: it gets no chance to do anything.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("it was running");
        self.log.end().await;
    }

    /// SIGTERM: it is asked to drain.
    pub async fn terminate(&self) {
        let pid = self.pid();
        // The shell's own: the program of that name is missing on small machines.
        let told = Command::new("sh").arg("-c").arg(format!("kill -TERM {pid}")).status().await;
        assert!(told.expect("there is a shell").success(), "it can be signalled");
    }

    /// Waits for it to end by itself.
    pub async fn ends(&mut self, within: Duration) -> ExitStatus {
        let ended = timeout(within, self.child.wait()).await;
        let status = ended.unwrap_or_else(|_| panic!("it hadn't ended after {within:?}"));
        self.log.end().await;
        status.expect("it can be waited for")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Kept until it is waited for, so the number can't belong to another process.
        if self.child.id().is_some() {
            self.child.start_kill().expect("a child can be killed");
        }
        if std::thread::panicking() {
            let log = self.log.text();
            let lines: Vec<&str> = log.lines().collect();
            let last = &lines[lines.len().saturating_sub(LINES_SHOWN)..];
            eprintln!("--- the end of the server's log\n{}\n---", last.join("\n"));
        }
    }
}

/// The one that was built with the tests, unless another is to be tried.
fn binary() -> PathBuf {
    env::var_os("ROOKERY_TEST_BINARY").map_or_else(|| env!("CARGO_BIN_EXE_rookery").into(), PathBuf::from)
}

/// Starts the binary and waits until it says that it listens.
async fn launch(port: u16, settings: &[(String, String)], folder: &TempDir, log: &mut Lines) -> Child {
    let mut command = Command::new(binary());
    command.env_clear().env("PORT", port.to_string());
    command.envs(settings.iter().cloned()).current_dir(folder.path()).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary can be run");
    let mut listening = log.read(&mut child, listening);
    let listens = timeout(START_WITHIN, listening.recv()).await.expect("it listens in time");
    assert!(listens.is_some(), "it ended at once: {}", log.text());
    child
}

/// Whether this line says that it listens.
fn listening(line: &str) -> Option<()> {
    let record: serde_json::Value = serde_json::from_str(line).ok()?;
    let says = record["msg"].as_str()?;
    (says == "listening" || says.ends_with(" listening")).then_some(())
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    xtask::services::free_port().expect("a port is free")
}
