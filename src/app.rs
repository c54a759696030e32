//! The composition root: the only file in which modules meet.
//!
//! Everything is built here, top-down, from values: a missing dependency is a missing field, and a
//! cycle can't be written.

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use poem_openapi::OpenApi;
use sea_orm::DbErr;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config::{Config, DatabaseConfig, Environment, Secret},
    guards::{Gate, IdempotencyKey, Keys},
    infra::{
        clock::Clock,
        db::{Db, MigrateError, Tx, migrate},
        dev_key,
        lifecycle::Lifecycle,
        metrics::Metrics,
        process,
    },
    module::{HealthIndicator, Module},
    modules::{
        admin::{AdminDeps, AdminModule, SessionsPort},
        auth::{AuthDeps, AuthModule, Sessions},
        health::{HealthDeps, HealthModule, MetricsDeps, UserCount},
        messages::{MessagesDeps, MessagesModule, PeoplePort},
        posts::{PostsDeps, PostsModule},
        users::{UsersDeps, UsersModule, UsersService},
    },
    problem::{Code, Problem, codes},
    realtime::{Bus, Connector, ConnectorDeps, Namespace, Sockets, Streams, Transports},
    wire::{SessionId, UserId},
};

/// The built program.
pub struct App {
    pub config: Config,
    pub modules: Modules,
    pub gate: Arc<Gate>,
    pub connector: Connector,
    pub sockets: Arc<Sockets>,
    pub metrics: Arc<Metrics>,
    pub lifecycle: Arc<Lifecycle>,
    db: Db,
    streams: Streams,
    tidying: Tidying,
    stop: CancellationToken,
}

/// All features. Destructured without `..` below: one that is built but not mounted doesn't compile.
pub struct Modules {
    pub auth: AuthModule,
    pub users: UsersModule,
    pub posts: PostsModule,
    pub messages: MessagesModule,
    pub admin: AdminModule,
    pub health: HealthModule,
}

/// Why the program couldn't be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("the database can't be opened: {0}")]
    Database(#[from] DbErr),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    #[error("the development signing key can't be used: {0}")]
    DevelopmentKey(#[from] std::io::Error),
}

/// What may differ between nodes and tests of one process.
#[derive(Clone)]
pub struct Outside {
    pub clock: Clock,
    pub bus: Bus,
}

impl Default for Outside {
    fn default() -> Self {
        Self { clock: Clock::default(), bus: Bus::memory() }
    }
}

impl App {
    /// Opens the database, brings its schema up to date and builds every module.
    pub async fn build(config: Config, Outside { clock, bus }: Outside) -> Result<Self, BuildError> {
        let metrics = Arc::new(Metrics::new());
        let db = Db::connect(&config.database, &metrics).await?;
        let applied = migrate(&db).await?;
        if applied > 0 {
            tracing::info!(applied, "the schema is up to date");
        }
        let secret = signing_secret(&config)?;
        let lifecycle = Arc::<Lifecycle>::default();
        let stop = CancellationToken::new();

        let sessions = Arc::new(Sessions::new(db.clone(), clock.clone()));
        let sockets = Arc::new(Sockets::new(metrics.clone(), clock.clone()));
        let keys = Keys::new(&secret, &config.auth.issuer, config.auth.access_ttl);
        let gate = Arc::new(Gate::new(keys, clock.clone(), sessions.clone(), sockets.clone()));
        let streams = Streams::new(db.clone(), bus, metrics.clone(), stop.clone());

        let users = UsersModule::new(UsersDeps { db: db.clone(), clock: clock.clone() });
        let auth = AuthModule::new(AuthDeps {
            db: db.clone(),
            clock: clock.clone(),
            metrics: metrics.clone(),
            gate: gate.clone(),
            sessions: sessions.clone(),
            refresh_secret: config.auth.refresh_secret.clone().unwrap_or(secret),
            refresh_ttl: config.auth.refresh_ttl,
            password_min: config.auth.password_min,
            hashers: config.auth.hashers,
        });
        let posts = PostsModule::new(PostsDeps { db: db.clone(), clock: clock.clone() });
        let messages = MessagesModule::new(MessagesDeps {
            db: db.clone(),
            clock: clock.clone(),
            streams: streams.clone(),
            people: Arc::new(People(users.service())),
        });
        let admin = AdminModule::new(AdminDeps {
            db: db.clone(),
            clock: clock.clone(),
            gate: gate.clone(),
            sockets: sockets.clone(),
            sessions: sessions.clone(),
        });
        let others: [&dyn Module; 5] = [&auth, &users, &posts, &messages, &admin];
        let own: [Arc<dyn HealthIndicator>; 2] =
            [Arc::new(DatabaseAnswers(db.clone())), Arc::new(MemoryHeld)];
        let indicators = own.into_iter().chain(others.into_iter().flat_map(Module::health)).collect();
        let health = HealthModule::new(
            HealthDeps {
                environment: config.environment.as_str(),
                version: config.version.clone(),
                clock: clock.clone(),
                lifecycle: lifecycle.clone(),
                indicators,
                users: Arc::new(CountUsers(users.service())),
            },
            MetricsDeps {
                metrics: metrics.clone(),
                token: config.server.metrics_token.clone(),
                open: config.environment != Environment::Production,
            },
        );
        let modules = Modules { auth, users, posts, messages, admin, health };

        let mut namespace = Namespace::default();
        for module in modules.all() {
            module.gateways(&mut namespace);
        }
        let tidying = Tidying { db: db.clone(), clock: clock.clone(), sessions };
        let connector = Connector::new(ConnectorDeps {
            gate: gate.clone(),
            sockets: sockets.clone(),
            streams: streams.clone(),
            transports: Arc::new(Transports::default()),
            namespace,
            metrics: metrics.clone(),
            clock,
        });
        Ok(Self { config, modules, gate, connector, sockets, metrics, lifecycle, db, streams, tidying, stop })
    }

    /// Starts what runs beside the requests.
    pub fn start(&self) -> Background {
        let tracker = TaskTracker::new();
        tracker.spawn(self.streams.clone().run());
        tracker.spawn(self.sockets.clone().sweep(self.tidying.sessions.clone(), self.stop.clone()));
        tracker.spawn(self.tidying.clone().run(self.stop.clone()));
        Background { tracker, stop: self.stop.clone() }
    }

    /// Every code that some answer may carry.
    pub fn problem_codes(&self) -> Vec<&'static Code> {
        let of_modules =
            self.modules.all().into_iter().flat_map(|module| module.meta().problems.iter().copied());
        codes::ALL.iter().copied().chain(of_modules).collect()
    }

    /// Closes the database. Whoever still uses it fails.
    pub async fn close(self) -> Result<(), DbErr> {
        self.db.close().await
    }
}

impl Modules {
    pub fn all(&self) -> [&dyn Module; 6] {
        let Self { auth, users, posts, messages, admin, health } = self;
        [auth, users, posts, messages, admin, health]
    }

    /// The operations under the API's prefix.
    pub fn controllers(&self) -> impl OpenApi + use<> {
        let Self { auth, users, posts, messages, admin, health: _ } = self;
        (
            auth.controllers(),
            users.controllers(),
            posts.controllers(),
            messages.controllers(),
            admin.controllers(),
        )
    }

    /// The operations at the root.
    pub fn root_controllers(&self) -> impl OpenApi + use<> {
        self.health.controllers()
    }
}

/// Throws away what has had its time: idempotency keys after a day, sessions long expired.
#[derive(Clone)]
struct Tidying {
    db: Db,
    clock: Clock,
    sessions: Arc<Sessions>,
}

impl Tidying {
    /// Once an hour, until told to stop.
    async fn run(self, stop: CancellationToken) {
        let mut tick = tokio::time::interval(Duration::from_secs(3600));
        while stop.run_until_cancelled(tick.tick()).await.is_some() {
            match self.tidy().await {
                Ok((keys, sessions)) => tracing::debug!(keys, sessions, "tidied"),
                Err(problem) => tracing::warn!(%problem, "what has had its time couldn't be thrown away"),
            }
        }
    }

    async fn tidy(&self) -> Result<(u64, u64), Problem> {
        let keys = IdempotencyKey::forget_before(&self.db, self.clock.now() - TimeDelta::days(1)).await?;
        Ok((keys, self.sessions.forget_expired().await?))
    }
}

/// The tasks that run beside the requests.
pub struct Background {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Background {
    /// Tells them to stop and waits until they have.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

/// The configured key; in development, absent that, one made under `./data`.
fn signing_secret(config: &Config) -> Result<Secret, std::io::Error> {
    if let Some(secret) = &config.auth.jwt_secret {
        return Ok(secret.clone());
    }
    let folder = match &config.database {
        DatabaseConfig::Sqlite { path } => path.parent().map(PathBuf::from),
        DatabaseConfig::Postgres { .. } => None,
    };
    let folder =
        folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| PathBuf::from("data"));
    let secret = dev_key::read_or_make(&folder)?;
    tracing::warn!(
        "signing with the development key in {}; set JWT_SECRET before anybody else uses this",
        folder.display()
    );
    Ok(secret)
}

/// Messaging asks who exists; users know.
struct People(Arc<UsersService>);

#[async_trait]
impl PeoplePort for People {
    async fn missing(&self, ids: &[UserId]) -> Result<Vec<UserId>, Problem> {
        Ok(self.0.missing(ids).await?)
    }
}

/// Administering ends sessions; signing in keeps them.
#[async_trait]
impl SessionsPort for Sessions {
    async fn end_all(&self, tx: &Tx, user: UserId, reason: &'static str) -> Result<Vec<SessionId>, Problem> {
        Self::end_all(self, tx, user, reason).await
    }
}

struct DatabaseAnswers(Db);

#[async_trait]
impl HealthIndicator for DatabaseAnswers {
    fn name(&self) -> &'static str {
        "database"
    }

    async fn check(&self) -> Result<Option<String>, String> {
        match self.0.reader().ping().await {
            Ok(()) => Ok(None),
            Err(error) => {
                tracing::warn!(%error, "the database doesn't answer");
                Err("the database doesn't answer".to_owned())
            }
        }
    }
}

/// Shown, not judged: how much is too much is the alert rules' business.
struct MemoryHeld;

#[async_trait]
impl HealthIndicator for MemoryHeld {
    fn name(&self) -> &'static str {
        "memory"
    }

    async fn check(&self) -> Result<Option<String>, String> {
        Ok(process::figures().map(|figures| format!("{} MiB resident", figures.resident / (1024 * 1024))))
    }
}

struct CountUsers(Arc<UsersService>);

#[async_trait]
impl UserCount for CountUsers {
    async fn count(&self) -> Option<u64> {
        let count = self.0.count().await;
        count.inspect_err(|error| tracing::warn!(%error, "accounts couldn't be counted")).ok()
    }
}
