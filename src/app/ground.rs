//! What every module stands on, built before any of them.

use std::{io, path::PathBuf, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::{BuildError, Outside};
use crate::{
    config::{Config, DatabaseConfig, Secret},
    guards::{Gate, Keys},
    infra::{
        clock::Clock,
        db::{Db, migrate},
        dev_key,
        lifecycle::Lifecycle,
        metrics::Metrics,
        redis::Redis,
    },
    jobs::Jobs,
    modules::auth::Sessions,
    realtime::{Bus, Census, Exchange, Notices, Presence, Sockets, Streams},
};

/// The handles that modules are given copies of.
pub struct Ground {
    pub config: Config,
    pub db: Db,
    pub clock: Clock,
    pub metrics: Arc<Metrics>,
    pub lifecycle: Arc<Lifecycle>,
    /// Signs access tokens; refresh tokens, too, unless they have a key of their own.
    pub secret: Secret,
    pub sessions: Arc<Sessions>,
    pub sockets: Arc<Sockets>,
    pub gate: Arc<Gate>,
    pub streams: Streams,
    pub bus: Bus,
    pub notices: Arc<Notices>,
    pub census: Arc<Census>,
    pub presence: Presence,
    pub jobs: Jobs,
    /// Ends what runs beside the requests.
    pub stop: CancellationToken,
}

impl Ground {
    /// Opens the database and brings its schema up to date.
    pub async fn lay(config: Config, Outside { clock, exchange }: Outside) -> Result<Self, BuildError> {
        let metrics = Arc::new(Metrics::new());
        let db = Db::connect(&config.database, &metrics).await?;
        let applied = migrate(&db).await?;
        if applied > 0 {
            tracing::info!(applied, "the schema is up to date");
        }
        let secret = signing_secret(&config).map_err(BuildError::DevelopmentKey)?;
        let bus = bus(&config, &exchange, &metrics)?;
        let stop = CancellationToken::new();
        let sessions = Arc::new(Sessions::new(db.clone(), clock.clone()));
        let sockets = Arc::new(Sockets::new(metrics.clone(), clock.clone()));
        let keys = Keys::new(&secret, &config.auth.issuer, config.auth.access_ttl);
        let notices = Arc::new(Notices { sockets: sockets.clone(), bus: bus.clone() });
        let gate = Arc::new(Gate::new(keys, clock.clone(), sessions.clone(), notices.clone()));
        let most = config.server.max_sockets_per_user;
        let census = Arc::new(Census::new(sockets.clone(), bus.clone(), most));
        let streams =
            Streams::new(db.clone(), bus.clone(), metrics.clone(), stop.clone()).judged_by(gate.clone());
        let presence = Presence::new(sockets.clone(), bus.clone(), clock.clone());
        let lifecycle = Arc::default();
        Ok(Self {
            config,
            db,
            clock,
            metrics,
            lifecycle,
            secret,
            sessions,
            sockets,
            gate,
            streams,
            bus,
            notices,
            census,
            presence,
            jobs: Jobs::default(),
            stop,
        })
    }
}

/// Through Redis where it is set, else among the nodes of this process.
fn bus(config: &Config, exchange: &Exchange, metrics: &Arc<Metrics>) -> Result<Bus, BuildError> {
    let Some(redis) = &config.redis else { return Ok(Bus::memory(exchange)) };
    let redis = Redis::new(redis).map_err(BuildError::RedisAuthorities)?;
    Ok(Bus::redis(redis, metrics.clone()))
}

/// The configured key; in development, absent that, one made under `./data`.
fn signing_secret(config: &Config) -> Result<Secret, io::Error> {
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
