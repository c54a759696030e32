//! The binary, running as a process of its own.

use std::{
    net::TcpListener,
    process::{ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::mpsc,
    task::JoinHandle,
    time::timeout,
};

use crate::database::TestDatabase;

/// Long enough for a debug build on a busy machine.
const START_WITHIN: Duration = Duration::from_secs(60);

/// Signs the tokens; the scripts know it too, to make tokens that have expired.
pub const SECRET: &str = "a secret that only the tests know, long enough";

/// A running server. Dropped, it is killed, and in a test that fails it shows its log.
pub struct Server {
    child: Child,
    readers: Vec<JoinHandle<()>>,
    log: Arc<Mutex<String>>,
    port: u16,
    settings: Vec<(String, String)>,
    // After the process that uses them.
    database: TestDatabase,
    folder: TempDir,
}

impl Server {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With these settings besides.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let database = TestDatabase::create().await;
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let own = [("APP_ENV", "test"), ("LOG_FORMAT", "bunyan"), ("JWT_SECRET", SECRET)];
        let settings = own.iter().chain(settings).map(|(name, value)| (name.to_string(), value.to_string()));
        let log = Arc::default();
        let (port, settings) = (free_port(), settings.collect::<Vec<_>>());
        let (child, readers) = launch(port, &settings, &database, &folder, &log).await;
        Self { child, readers, log, port, settings, database, folder }
    }

    /// Starts it again after its end: same database, same port.
    pub async fn start_again(&mut self) {
        let (child, readers) =
            launch(self.port, &self.settings, &self.database, &self.folder, &self.log).await;
        (self.child, self.readers) = (child, readers);
    }

    /// `http://…`, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// What commands that run beside it have to be told.
    pub fn environment(&self) -> Vec<(String, String)> {
        let database = ("DATABASE_URL".to_owned(), self.database.url());
        self.settings.iter().cloned().chain([database]).collect()
    }

    /// SIGKILL: it gets no chance to do anything.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("it was running");
        self.end_of_log().await;
    }

    /// SIGTERM: it is asked to drain.
    pub async fn terminate(&self) {
        let pid = self.child.id().expect("it is running");
        // The shell's own: the program of that name is missing on small machines.
        let told = Command::new("sh").arg("-c").arg(format!("kill -TERM {pid}")).status().await;
        assert!(told.expect("there is a shell").success(), "it can be signalled");
    }

    /// Waits for it to end by itself.
    pub async fn ends(&mut self, within: Duration) -> ExitStatus {
        let ended = timeout(within, self.child.wait()).await;
        let status = ended.unwrap_or_else(|_| panic!("it hadn't ended after {within:?}"));
        self.end_of_log().await;
        status.expect("it can be waited for")
    }

    async fn end_of_log(&mut self) {
        for reader in self.readers.drain(..) {
            timeout(START_WITHIN, reader).await.expect("the log ends").expect("reading doesn't panic");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Kept until it is waited for, so the number can't belong to another process.
        if self.child.id().is_some() {
            self.child.start_kill().expect("a child can be killed");
        }
        if std::thread::panicking() {
            eprintln!("--- the server's log\n{}--- its end", self.log.lock().unwrap());
        }
    }
}

/// Starts the binary and waits until it says that it listens.
async fn launch(
    port: u16,
    settings: &[(String, String)],
    database: &TestDatabase,
    folder: &TempDir,
    log: &Arc<Mutex<String>>,
) -> (Child, Vec<JoinHandle<()>>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rookery"));
    command.env_clear().env("PORT", port.to_string()).env("DATABASE_URL", database.url());
    command.envs(settings.iter().cloned()).current_dir(folder.path()).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary can be run");
    let (tell, mut told) = mpsc::unbounded_channel();
    let stdout = child.stdout.take().expect("the output is piped");
    let stderr = child.stderr.take().expect("the errors are piped");
    let readers = vec![collect(stdout, log.clone(), Some(tell)), collect(stderr, log.clone(), None)];
    let listens = timeout(START_WITHIN, told.recv()).await.expect("it listens in time");
    assert!(listens.is_some(), "it ended at once: {}", log.lock().unwrap());
    (child, readers)
}

/// Keeps what it says, and tells of the line that says it listens.
fn collect(
    pipe: impl AsyncRead + Unpin + Send + 'static,
    log: Arc<Mutex<String>>,
    listening: Option<mpsc::UnboundedSender<()>>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut lines = BufReader::new(pipe).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            log.lock().unwrap().push_str(&format!("{line}\n"));
            let record: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            let says = record["msg"].as_str().unwrap_or_default();
            if let Some(listening) = &listening
                && (says == "listening" || says.ends_with(" listening"))
            {
                // Only the first one is waited for.
                _ = listening.send(());
            }
        }
    })
}

/// A port that nobody listens on, below those the system hands out by itself: while a server is
/// away, a client that tries to reach it must not be given its port.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = u16::try_from(std::process::id() % 10_000).expect("it is small");
    loop {
        let port = 20_000 + (begin + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
