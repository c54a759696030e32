//! Redis: where its servers are now, and connections to them.
//!
//! Exports [`Redis`], and [`Commands`] for what is asked of it. Left out on purpose: what the nodes tell each other
//! through it, and how that is healed. That is the bus'.

mod commands;
mod find;
mod slots;

pub use commands::Commands;
pub use slots::slot;

use std::{fs, future::Future, io, ops::RangeInclusive, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion,
    PushInfo, RedisConnectionInfo, TlsCertificates, aio::MultiplexedConnection,
};

use rustls::{
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::config::{HostPort, Login, RedisConfig, RedisServers};

/// For a connection to be made, and for a question about where the servers are.
const WITHIN: Duration = Duration::from_secs(1);

/// How to reach Redis, as the settings say.
#[derive(Clone)]
pub struct Redis {
    config: RedisConfig,
    /// In PEM; the machine's are believed otherwise.
    authorities: Option<Vec<u8>>,
}

/// A server that takes what is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub at: HostPort,
    /// Of a cluster's slots, its own. Alone it has all of them.
    pub slots: Vec<RangeInclusive<u16>>,
}

/// Why Redis can't be used now.
#[derive(Debug, thiserror::Error)]
pub enum RedisFault {
    #[error(transparent)]
    Redis(#[from] redis::RedisError),
    #[error("no answer within {} ms", .0.as_millis())]
    Late(Duration),
    #[error("no sentinel knows a master of this name")]
    NoMaster,
    #[error("{0} isn't the master any more")]
    Demoted(HostPort),
    #[error("the cluster has slots that no node serves")]
    Uncovered,
    #[error("the connection was closed")]
    Closed,
    #[error("the servers have changed")]
    Moved,
}

impl Redis {
    /// Connects to nobody yet; fails when the authorities' file can't be read, or has none.
    pub fn new(config: &RedisConfig) -> io::Result<Self> {
        if config.tls.is_some() && CryptoProvider::get_default().is_none() {
            // Two backends are in the tree, and the client takes the process' own. Somebody else may be quicker.
            _ = aws_lc_rs::default_provider().install_default();
        }
        let file = config.tls.as_ref().and_then(|tls| tls.authorities.as_ref());
        let authorities = file.map(fs::read).transpose()?;
        if let Some(text) = &authorities {
            let certificates: Vec<_> =
                CertificateDer::pem_slice_iter(text).collect::<Result<_, _>>().map_err(io::Error::other)?;
            if certificates.is_empty() {
                return Err(io::Error::other("there is no certificate in it"));
            }
        }
        Ok(Self { config: config.clone(), authorities })
    }

    /// What the names of all channels and keys begin with.
    pub fn prefix(&self) -> &str {
        &self.config.prefix
    }

    /// The key of the emitters that are heard, if any are.
    pub fn emitter(&self) -> Option<&str> {
        self.config.emitter.as_deref()
    }

    /// Whether channels and keys are spread over several servers.
    pub fn is_cluster(&self) -> bool {
        matches!(self.config.servers, RedisServers::Cluster(_))
    }

    /// Whether the servers may be others some day.
    pub fn may_move(&self) -> bool {
        !matches!(self.config.servers, RedisServers::One(_))
    }

    /// The servers that take what is written, as of now. Asks the sentinels or the cluster, if there are any.
    pub async fn locate(&self) -> Result<Vec<Server>, RedisFault> {
        match &self.config.servers {
            RedisServers::One(at) => Ok(vec![Server { at: at.clone(), slots: Vec::new() }]),
            RedisServers::Sentinel { sentinels, master, password } => {
                let login = Login { username: None, password: password.clone() };
                let at = soon(find::master(self, sentinels, &login, master)).await?;
                Ok(vec![Server { at, slots: Vec::new() }])
            }
            RedisServers::Cluster(nodes) => soon(find::cluster(self, nodes)).await,
        }
    }

    /// A connection that speaks RESP3; what the server says unasked goes to `hear`.
    pub async fn connect(
        &self,
        server: &Server,
        hear: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> Result<MultiplexedConnection, RedisFault> {
        let mut connection = self.open(&server.at, &self.config.login, self.config.database, hear).await?;
        if let RedisServers::Sentinel { .. } = self.config.servers
            && !soon(find::is_master(&mut connection)).await?
        {
            return Err(RedisFault::Demoted(server.at.clone()));
        }
        Ok(connection)
    }

    async fn open(
        &self,
        at: &HostPort,
        login: &Login,
        database: i64,
        hear: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> Result<MultiplexedConnection, RedisFault> {
        let client = self.client(at, login, database)?;
        let hear = move |info| {
            hear(info);
            Ok::<(), std::convert::Infallible>(())
        };
        // Whoever asks sets the deadline of the answer.
        let settings = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(WITHIN))
            .set_response_timeout(None)
            .set_push_sender(hear);
        soon(async { Ok(client.get_multiplexed_async_connection_with_config(&settings).await?) }).await
    }

    fn client(&self, at: &HostPort, login: &Login, database: i64) -> Result<Client, RedisFault> {
        let mut settings =
            RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP3).set_db(database);
        if let Some(username) = &login.username {
            settings = settings.set_username(username);
        }
        if let Some(password) = &login.password {
            settings = settings.set_password(password.expose());
        }
        let HostPort { host, port } = at.clone();
        let Some(_) = &self.config.tls else {
            return Ok(Client::open(info(ConnectionAddr::Tcp(host, port), settings)?)?);
        };
        let at = ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None };
        let certificates = TlsCertificates { client_tls: None, root_cert: self.authorities.clone() };
        Ok(Client::build_with_tls(info(at, settings)?, certificates)?)
    }
}

fn info(at: ConnectionAddr, settings: RedisConnectionInfo) -> Result<ConnectionInfo, RedisFault> {
    Ok(at.into_connection_info()?.set_redis_settings(settings))
}

/// Does it, or gives it up.
async fn soon<T>(work: impl Future<Output = Result<T, RedisFault>>) -> Result<T, RedisFault> {
    tokio::time::timeout(WITHIN, work).await.unwrap_or(Err(RedisFault::Late(WITHIN)))
}
