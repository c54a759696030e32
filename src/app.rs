//! The composition root: the only place in which modules meet. `app/modules.rs` is the table of them.
//!
//! Everything is built here, top-down, from values: a missing dependency is a missing field, and a
//! cycle can't be written.

mod ground;
mod leftovers;
mod modules;
mod ports;
mod tidying;
mod works;

pub use leftovers::Leftovers;
pub use modules::Modules;
pub use ports::PORTS;

use std::{future::Future, sync::Arc, time::Duration};

use poem_openapi::OpenApi;
use sea_orm::DbErr;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    ground::Ground,
    ports::{CountUsers, DatabaseAnswers, MemoryHeld, People, RedisAnswers, metrics_text},
    works::works,
};
use crate::{
    config::{Config, Environment},
    guards::Gate,
    infra::{
        clock::Clock,
        db::{Db, MigrateError},
        lifecycle::Lifecycle,
        metrics::Metrics,
    },
    jobs::Works,
    module::{Chore, HealthIndicator, Module, ModuleMeta},
    modules::{
        health::{HealthDeps, HealthModule, MetricsDeps},
        inbox::{InboxDeps, InboxModule},
    },
    problem::{Code, codes},
    realtime::{
        Addresses, Bus, Connector, ConnectorDeps, Exchange, Feed, FeedDeps, Namespace, Notices, OwnSource,
        Retention, Sockets, Streams, Terms, Transports,
    },
};

/// The built program.
pub struct App {
    pub config: Config,
    pub modules: Modules,
    /// Apart from the others, because it reads what they note in people's own streams.
    inbox: InboxModule,
    /// Apart from the others, because it asks them how they are.
    health: HealthModule,
    pub gate: Arc<Gate>,
    pub connector: Connector,
    pub terms: Terms,
    pub sockets: Arc<Sockets>,
    pub metrics: Arc<Metrics>,
    pub lifecycle: Arc<Lifecycle>,
    pub db: Db,
    pub bus: Bus,
    streams: Streams,
    feed: Feed,
    notices: Arc<Notices>,
    /// What is done in the background.
    pub works: Works,
    /// Of people's own streams, unless they are kept for ever.
    retention: Option<Retention>,
    stop: CancellationToken,
}

/// Why the program couldn't be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("the database can't be opened: {0}")]
    Database(#[from] DbErr),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    #[error("the development signing key can't be used: {0}")]
    DevelopmentKey(std::io::Error),
    #[error("the file of REDIS_TLS_CA can't be used: {0}")]
    RedisAuthorities(std::io::Error),
}

/// What may differ between nodes and tests of one process.
#[derive(Clone, Default)]
pub struct Outside {
    pub clock: Clock,
    /// Where nodes of one process meet that have no Redis.
    pub exchange: Exchange,
}

impl App {
    /// Opens the database, brings its schema up to date and builds every module.
    pub async fn build(config: Config, outside: Outside) -> Result<Self, BuildError> {
        let ground = Ground::lay(config, outside).await?;
        let modules = Modules::build(&ground);
        let health = health(&ground, &modules);
        let works = works(&ground, &modules);
        let own_facts = modules.all().into_iter().flat_map(Module::own_facts).collect();
        let own = Arc::new(OwnSource::new(ground.db.clone(), own_facts));
        let inbox = InboxModule::new(InboxDeps { own: own.clone() });
        let mut namespace = Namespace::default();
        for module in modules.all() {
            module.gateways(&mut namespace);
        }
        let Ground {
            config,
            db,
            clock,
            metrics,
            lifecycle,
            sessions,
            sockets,
            gate,
            streams,
            bus,
            notices,
            census,
            presence,
            stop,
            ..
        } = ground;
        let feed = Feed::new(FeedDeps {
            db: db.clone(),
            gate: gate.clone(),
            sessions: sessions.clone(),
            blocks: Arc::new(People(modules.users.service())),
            sockets: sockets.clone(),
            streams: streams.clone(),
            bus: bus.clone(),
            metrics: metrics.clone(),
        });
        let retention = config.retention.own_events.map(|for_so_long| Retention {
            db: db.clone(),
            of: own.clone(),
            clock: clock.clone(),
            for_so_long,
        });
        let connector = Connector::new(ConnectorDeps {
            gate: gate.clone(),
            sockets: sockets.clone(),
            streams: streams.clone(),
            own,
            transports: Arc::new(Transports::default()),
            rooms: bus.hears_emitters(),
            namespace,
            metrics: metrics.clone(),
            clock,
            request_timeout: config.server.request_timeout,
            events_per_second: config.server.socket_events_per_second,
            census,
            presence,
            addresses: Addresses::new(config.server.max_sockets_per_address, metrics.sessions.clone()),
        });
        Ok(Self {
            terms: Terms::new(config.server.socket_auth_timeout),
            config,
            modules,
            inbox,
            health,
            gate,
            connector,
            sockets,
            metrics,
            lifecycle,
            db,
            streams,
            feed,
            bus,
            notices,
            works,
            retention,
            stop,
        })
    }

    /// Starts what runs beside the requests.
    pub fn start(&self) -> Background {
        let tracker = TaskTracker::new();
        tracker.spawn(self.bus.clone().run(self.stop.clone()));
        let (gate, streams) = (self.gate.clone(), self.streams.clone());
        let (census, presence) = (self.connector.census.clone(), self.connector.presence.clone());
        let addresses = self.connector.addresses.clone();
        tracker.spawn(addresses.clone().tell(self.bus.clone(), self.stop.clone()));
        tracker.spawn(self.notices.clone().heed(
            gate,
            streams,
            census,
            presence,
            addresses,
            self.stop.clone(),
        ));
        tracker.spawn(self.streams.clone().run());
        tracker.spawn(self.sockets.clone().sweep(self.stop.clone()));
        tracker.spawn(self.connector.transports.clone().sweep(self.stop.clone()));
        tracker.spawn(self.feed.clone().run(self.stop.clone()));
        tracker.spawn(self.works.clone().run(self.stop.clone()));
        tracker.spawn(self.db.clone().run(self.stop.clone()));
        let retention = self.retention.clone().map(|retention| Box::pin(retention.run()) as Chore);
        for chore in self.modules.all().into_iter().flat_map(Module::chores).chain(retention) {
            tracker.spawn(self.stop.clone().run_until_cancelled_owned(chore));
        }
        Background { tracker, stop: self.stop.clone() }
    }

    /// What the modules say about themselves.
    pub fn meta(&self) -> Vec<ModuleMeta> {
        let apart: [&dyn Module; 2] = [&self.inbox, &self.health];
        self.modules.all().into_iter().chain(apart).map(Module::meta).collect()
    }

    /// The operations under the API's prefix.
    pub fn controllers(&self) -> impl OpenApi + use<> {
        (self.modules.controllers(), self.inbox.controllers())
    }

    /// The operations at the root.
    pub fn root_controllers(&self) -> impl OpenApi + use<> {
        self.health.controllers()
    }

    /// Every code that some answer may carry.
    pub fn problem_codes(&self) -> Vec<&'static Code> {
        let of_modules = self.meta().into_iter().flat_map(|module| module.problems.iter().copied());
        codes::CODES.iter().copied().chain(of_modules).collect()
    }

    /// What is left of sockets that have been told to close, after this time at most.
    pub async fn left_of_sockets(&self, within: Duration) -> Leftovers {
        let followers = || usize::try_from(self.metrics.followers.get()).unwrap_or_default();
        let (sockets, none) = (&self.sockets, Leftovers::default());
        Leftovers::after(within, || Leftovers { sockets: sockets.count(), followers: followers(), ..none })
            .await
    }

    /// Database connections still held by work that has been told to end, after this time at most.
    pub async fn held_by_work(&self, within: Duration) -> usize {
        let left =
            Leftovers::after(within, || Leftovers { database: self.db.held(), ..Leftovers::default() });
        left.await.database
    }

    /// Closes the database. Whoever still uses it fails.
    pub async fn close(self) -> Result<(), DbErr> {
        self.db.close().await
    }
}

/// Probes and metrics, over all that must work.
fn health(ground: &Ground, modules: &Modules) -> HealthModule {
    let Ground { config, db, clock, lifecycle, bus, .. } = ground;
    let own: [Arc<dyn HealthIndicator>; 2] = [Arc::new(DatabaseAnswers(db.clone())), Arc::new(MemoryHeld)];
    let redis =
        config.redis.as_ref().map(|_| Arc::new(RedisAnswers(bus.clone())) as Arc<dyn HealthIndicator>);
    let of_modules = modules.all().into_iter().flat_map(Module::health);
    HealthModule::new(
        HealthDeps {
            environment: config.environment.as_str(),
            version: config.version.clone(),
            clock: clock.clone(),
            lifecycle: lifecycle.clone(),
            indicators: own.into_iter().chain(redis).chain(of_modules).collect(),
            users: Arc::new(CountUsers(modules.users.service())),
        },
        MetricsDeps {
            text: metrics_text(ground.metrics.clone(), ground.sockets.clone()),
            token: config.server.metrics_token.clone(),
            open: config.environment != Environment::Production,
        },
    )
}

/// The tasks that run beside the requests.
pub struct Background {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Background {
    /// Runs one more beside the requests, until they are told to stop.
    pub fn run(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tracker.spawn(async move { stop.run_until_cancelled(work).await });
    }

    /// Tells them to stop and waits until they have, but no longer than this; says how many haven't.
    pub async fn stop(self, within: Duration) -> usize {
        self.stop.cancel();
        self.tracker.close();
        match tokio::time::timeout(within, self.tracker.wait()).await {
            Ok(()) => 0,
            Err(_) => self.tracker.len(),
        }
    }
}
