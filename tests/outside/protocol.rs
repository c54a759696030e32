//! The protocols' official suites. They expect a server that echoes, with a pulse quicker than ours; all else, from the
//! accept loop to the transports' limits, is as it is.

mod echo;

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use engineioxide::service::EngineIoService;
use rookery::{
    app::{App, Outside},
    config::Config,
    server::{Server, SocketService},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::script::{node_at, run};
use crate::database::TestDatabase;

#[tokio::test]
async fn engine_io_is_spoken_as_its_suite_expects() {
    let (server, _database) = server().await;
    let terms = server.terms().of_engine();
    let echo = EngineIoService::with_config(Arc::new(echo::Engine), terms);
    run_suite("engine.io", server.speaking(echo)).await;
}

#[tokio::test]
async fn socket_io_is_spoken_as_its_suite_expects() {
    let (server, _database) = server().await;
    for namespace in ["/", "/custom"] {
        server.io().json.ns(namespace, echo::connected).await.unwrap();
    }
    run_suite("socket.io", server).await;
}

/// One that hasn't started, and as the suites have agreed with theirs.
async fn server() -> (Server, TestDatabase) {
    let database = TestDatabase::create().await;
    let settings = HashMap::from([
        ("APP_ENV", "test".to_owned()),
        ("PORT", "0".to_owned()),
        ("JWT_SECRET", super::server::SECRET.to_owned()),
        ("DATABASE_URL", database.url()),
    ]);
    let config = Config::read(&|name| settings.get(name).cloned()).unwrap();
    let mut app = App::build(config, Outside::default()).await.unwrap();
    app.terms.ping_interval = Duration::from_millis(300);
    app.terms.ping_timeout = Duration::from_millis(200);
    app.terms.auth_within = Duration::from_secs(1);
    app.terms.max_payload = 1_000_000;
    (Server::bind(app).await.unwrap(), database)
}

async fn run_suite(suite: &str, server: Server<impl SocketService>) {
    let running = Running::start(server);
    run(node_at("protocol.mjs", &[suite], &format!("http://{}", running.address))).await;
    running.stop().await;
}

struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    fn start(server: Server<impl SocketService>) -> Self {
        let (address, stop) = (server.address().unwrap(), CancellationToken::new());
        let until = stop.clone();
        let task = tokio::spawn(async move { _ = server.run(until).await.unwrap() });
        Self { address, stop, task }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}
