//! The composition root: the only file in which modules meet.
//!
//! Everything is built here, top-down, from values: a missing dependency is a missing field, and a
//! cycle can't be written.

mod ports;
mod tidying;

pub use ports::PORTS;

use std::{path::PathBuf, sync::Arc};

use poem_openapi::OpenApi;
use sea_orm::DbErr;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    ports::{CountUsers, DatabaseAnswers, MemoryHeld, People},
    tidying::Tidying,
};
use crate::{
    config::{Config, DatabaseConfig, Environment, Secret},
    guards::{Gate, Keys},
    infra::{
        clock::Clock,
        db::{Db, MigrateError, migrate},
        dev_key,
        lifecycle::Lifecycle,
        metrics::Metrics,
    },
    module::{HealthIndicator, Module, ModuleMeta},
    modules::{
        admin::{AdminDeps, AdminModule},
        auth::{AuthDeps, AuthModule, Sessions},
        health::{HealthDeps, HealthModule, MetricsDeps},
        messages::{MessagesDeps, MessagesModule},
        posts::{PostsDeps, PostsModule},
        users::{UsersDeps, UsersModule},
    },
    problem::{Code, codes},
    realtime::{Bus, Connector, ConnectorDeps, Namespace, Sockets, Streams, Transports},
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

    /// What the modules say about themselves, in the order of [`Modules`].
    pub fn meta(&self) -> Vec<ModuleMeta> {
        self.modules.all().into_iter().map(Module::meta).collect()
    }

    /// Every code that some answer may carry.
    pub fn problem_codes(&self) -> Vec<&'static Code> {
        let of_modules = self.meta().into_iter().flat_map(|module| module.problems.iter().copied());
        codes::CODES.iter().copied().chain(of_modules).collect()
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
