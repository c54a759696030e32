//! The whole program, in this process.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    thread,
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use rookery::{
    app::{App, Outside},
    infra::{clock::Clock, db::Db},
    jobs::Jobs,
    realtime::{Connector, ConnectorDeps, Io, Namespace, Terms},
    server::Server,
};
use serde_json::json;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::{
    Client, PASSWORD, Proxy, RawConnection, Settings, SocketClient, TestDatabase, User, contract,
    event_contract, leaks,
};

/// For a server that was told to stop.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// A running server. It stops when it is dropped, and the test fails if it doesn't, or leaks.
pub struct TestApp {
    pub address: SocketAddr,
    /// What can be replaced from outside; `app.outside.clock.advance(…)` moves its clock.
    pub outside: Outside,
    /// Between it and its database; gone before that, but after the app.
    network: Option<Proxy>,
    pub database: Arc<TestDatabase>,
    pub inside: Inside,
    pub(super) settings: Settings,
    stop: CancellationToken,
    stopped: Receiver<Result<(), String>>,
    http: reqwest::Client,
}

/// What the app has that nobody outside sees.
pub struct Inside {
    pub runtime: Handle,
    pub db: Db,
    pub io: Io,
    pub jobs: Jobs,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With other settings: `TestApp::with(|settings| { settings.set("MAX_CONNECTIONS", 2); })`.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let database = Arc::new(TestDatabase::create().await);
        let mut settings = Settings::of_tests();
        settings.set("DATABASE_URL", database.url()).share_redis();
        change(&mut settings);
        Self::begin(settings, database).await
    }

    async fn begin(settings: Settings, database: Arc<TestDatabase>) -> Self {
        Self::launch(settings, of_tests(), database).await
    }

    /// With these socket events in place of the modules'.
    pub async fn with_events(mount: impl FnOnce(&mut Namespace) + Send + 'static) -> Self {
        let database = Arc::new(TestDatabase::create().await);
        let mut settings = Settings::of_tests();
        settings.set("DATABASE_URL", database.url()).share_redis();
        let change = |app: &mut App| {
            let mut namespace = Namespace::default();
            mount(&mut namespace);
            let of = &app.connector;
            app.connector = Connector::new(ConnectorDeps {
                gate: of.gate.clone(),
                sockets: of.sockets.clone(),
                streams: of.streams.clone(),
                own: of.own.clone(),
                transports: of.transports.clone(),
                rooms: of.rooms,
                metrics: of.metrics.clone(),
                clock: of.clock.clone(),
                request_timeout: of.request_timeout,
                events_per_second: of.events_per_second,
                census: of.census.clone(),
                presence: of.presence.clone(),
                addresses: of.addresses.clone(),
                namespace,
            });
        };
        Self::launch_changed(settings, of_tests(), database, change).await
    }

    /// With other terms for its sockets.
    pub async fn with_terms(change: impl FnOnce(&mut Terms) + Send + 'static) -> Self {
        let database = Arc::new(TestDatabase::create().await);
        let mut settings = Settings::of_tests();
        settings.set("DATABASE_URL", database.url()).share_redis();
        Self::launch_changed(settings, of_tests(), database, |app| change(&mut app.terms)).await
    }

    /// With a proxy between it and its database, which has to be PostgreSQL: a file is at no address.
    pub async fn with_proxied_database(change: impl FnOnce(&mut Settings)) -> Self {
        let database = Arc::new(TestDatabase::create().await);
        let proxy = Proxy::before(database.address()).await;
        let mut settings = Settings::of_tests();
        settings.set("DATABASE_URL", database.url_by(proxy.address)).share_redis();
        change(&mut settings);
        let mut app = Self::begin(settings, database).await;
        app.network = Some(proxy);
        app
    }

    /// Another node beside this one: the same database, bus and clock.
    pub async fn second_node(first: &TestApp) -> Self {
        Self::launch(first.settings.clone(), first.outside.clone(), first.database.clone()).await
    }

    /// The same with other settings.
    pub async fn second_node_with(first: &TestApp, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = first.settings.clone();
        change(&mut settings);
        Self::launch(settings, first.outside.clone(), first.database.clone()).await
    }

    /// A node that shares nothing with this one but the database and the clock.
    pub async fn node_apart(first: &TestApp) -> Self {
        let outside = Outside { clock: first.outside.clock.clone(), ..Outside::default() };
        let mut settings = first.settings.clone();
        settings.share_redis();
        Self::launch(settings, outside, first.database.clone()).await
    }

    /// The same database again, after a stop.
    pub async fn restart(self) -> Self {
        let (settings, outside, database) =
            (self.settings.clone(), self.outside.clone(), self.database.clone());
        self.stop();
        Self::launch(settings, outside, database).await
    }

    async fn launch(settings: Settings, outside: Outside, database: Arc<TestDatabase>) -> Self {
        Self::launch_changed(settings, outside, database, |_| {}).await
    }

    /// The server has threads of its own, so that dropping it can wait for it whatever the test's are doing.
    pub(super) async fn launch_changed(
        settings: Settings,
        outside: Outside,
        database: Arc<TestDatabase>,
        change: impl FnOnce(&mut App) + Send + 'static,
    ) -> Self {
        let stop = CancellationToken::new();
        let (tell_started, started) = tokio::sync::oneshot::channel();
        let (tell_stopped, stopped) = channel();
        let (config, of_server, until) = (settings.config(), outside.clone(), stop.clone());
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            let runtime = runtime.expect("a runtime can be built");
            let result = runtime.block_on(async {
                let mut app = App::build(config, of_server).await.expect("the app can be built");
                contract::learn(&app);
                event_contract::learn(&app);
                change(&mut app);
                let (runtime, db, jobs) = (Handle::current(), app.db.clone(), app.works.jobs());
                let server = Server::bind(app).await.expect("there is a free port");
                let inside = Inside { runtime, db, jobs, io: server.io().json.clone() };
                let address = server.address().expect("a bound server has an address");
                tell_started.send((address, inside)).ok().expect("the test waits for it to start");
                leaks::none(server.run(until).await).await
            });
            // Waits for the threads that hash passwords, too.
            drop(runtime);
            // Nobody listens any more when the test has failed already.
            _ = tell_stopped.send(result);
        });
        let (address, inside) = started.await.expect("the server starts");
        Self {
            address,
            inside,
            outside,
            network: None,
            database,
            settings,
            stop,
            stopped,
            http: reqwest::Client::new(),
        }
    }

    /// What is between it and its database, after [`TestApp::with_proxied_database`].
    pub fn network(&self) -> &Proxy {
        self.network.as_ref().expect("the app was started with a proxied database")
    }

    /// `http://…`, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Tells it to stop, as a signal would; [`TestApp::stop`] also waits.
    pub fn begin_stop(&self) {
        self.stop.cancel();
    }

    /// Stops it and waits until it has.
    pub fn stop(self) {
        drop(self);
    }

    /// Somebody who isn't signed in.
    pub fn anonymous(&self) -> Client {
        Client::new(self.http.clone(), self.url())
    }

    /// Moves the clock so far that every node asks the database again who may do what, although no event
    /// has told it to.
    pub fn let_memories_fade(&self) {
        self.outside.clock.advance(TimeDelta::seconds(60));
    }

    /// A new person of this name, signed in.
    pub async fn user(&self, username: &str) -> User {
        let email = format!("{username}@example.com");
        let body = json!({ "username": username, "email": email, "password": PASSWORD });
        let answer = self.anonymous().post("/auth/register", body).await.expect(201);
        User::signed_in(self, &answer.body)
    }

    /// A new person who moderates, signed in.
    pub async fn moderator(&self, username: &str) -> User {
        self.user_in_role(username, "moderator").await
    }

    /// A new person who administers, signed in.
    pub async fn admin(&self, username: &str) -> User {
        self.user_in_role(username, "admin").await
    }

    /// For tests that try every role.
    pub async fn user_in_role(&self, username: &str, role: &str) -> User {
        let user = self.user(username).await;
        // Before their first request: the gate asks for the role then.
        self.set_user(username, "role", role).await;
        user
    }

    /// Signs somebody in once more.
    pub async fn sign_in(&self, login: &str) -> User {
        let body = json!({ "login": login, "password": PASSWORD });
        User::signed_in(self, &self.anonymous().post("/auth/login", body).await.expect(200).body)
    }

    /// Writes a column of somebody's account past the app, as another process would.
    pub async fn set_user(&self, username: &str, column: &str, value: &str) {
        let sql = format!("UPDATE users SET {column} = '{value}' WHERE username_key = '{username}'");
        assert_eq!(self.database.execute(&sql).await, 1, "there is a user {username}");
    }

    /// A socket that is signed in with this token, or the code of the refusal.
    pub async fn socket(&self, token: &str) -> Result<SocketClient, String> {
        SocketClient::connect(self.address, Some(token)).await
    }

    /// A bare connection, for what no HTTP library would send.
    pub async fn raw(&self) -> RawConnection {
        RawConnection::open(self.address).await
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
        let failure = match self.stopped.recv_timeout(STOP_WITHIN) {
            Ok(Ok(())) => return,
            Ok(Err(fault)) => fault,
            Err(error) => format!("the server didn't stop: {error}"),
        };
        if thread::panicking() {
            eprintln!("{failure}");
        } else {
            panic!("{failure}");
        }
    }
}

/// A clock that stands still, at the time it is: what happens to the test is what it does.
pub(super) fn of_tests() -> Outside {
    Outside { clock: Clock::fixed(Utc::now()), ..Outside::default() }
}
