//! Which Redis, or none.

use std::path::PathBuf;

use super::{Secret, reader::Reader};

mod address;
mod url;

pub use address::HostPort;

/// Redis, as far as it is set. Without it one node is all there is.
#[derive(Debug, Clone)]
pub struct RedisConfig {
    pub servers: RedisServers,
    /// Of the data servers: `REDIS_USERNAME` and `REDIS_PASSWORD`, or the URL's.
    pub login: Login,
    /// `REDIS_DB`, or the URL's path; 0.
    pub database: i64,
    /// `rediss://`, or `REDIS_TLS=true`.
    pub tls: Option<RedisTls>,
    /// `REDIS_PREFIX`, `rookery`: before the names of all channels and keys, so that several installations share
    /// a Redis without hearing each other.
    pub prefix: String,
    /// `SOCKET_IO_EMITTER=true` and `SOCKET_IO_EMITTER_KEY`, `socket.io`: what programs that use the official
    /// `@socket.io/redis-emitter` say with this key reaches our sockets.
    pub emitter: Option<String>,
}

/// How the server to speak to is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedisServers {
    /// `REDIS_URL`, or `REDIS_HOST` and `REDIS_PORT`.
    One(HostPort),
    /// `REDIS_SENTINELS` know where the master of the name `REDIS_SENTINEL_MASTER` is.
    Sentinel { sentinels: Vec<HostPort>, master: String, password: Option<Secret> },
    /// `REDIS_CLUSTER`: some of its nodes; they know the others.
    Cluster(Vec<HostPort>),
}

/// Who we are to Redis.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Login {
    pub username: Option<String>,
    pub password: Option<Secret>,
}

#[derive(Debug, Clone)]
pub struct RedisTls {
    /// `REDIS_TLS_CA`: a PEM file with the authorities to believe; absent: the machine's.
    pub authorities: Option<PathBuf>,
}

/// What can be said with variables of their own.
#[derive(Default)]
struct Parts {
    host: Option<String>,
    port: Option<u16>,
    username: Option<String>,
    password: Option<Secret>,
    database: Option<i64>,
    tls: Option<bool>,
}

/// What names servers, of which there may be one.
const NAMING: [&str; 4] = ["REDIS_URL", "REDIS_HOST", "REDIS_SENTINELS", "REDIS_CLUSTER"];
/// What means nothing without servers.
const MEANING: [&str; 8] = [
    "REDIS_PORT",
    "REDIS_USERNAME",
    "REDIS_PASSWORD",
    "REDIS_DB",
    "REDIS_TLS",
    "REDIS_TLS_CA",
    "REDIS_SENTINEL_MASTER",
    "REDIS_SENTINEL_PASSWORD",
];

impl RedisConfig {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let wants = "letters, digits and - _ . :, 64 at most";
        let emitter = emitter(reader, wants);
        let prefix = reader.parse(&["REDIS_PREFIX"], wants, prefix);
        let named: Vec<&str> = NAMING.into_iter().filter(|name| reader.text(name).is_some()).collect();
        let Some(first) = named.first() else {
            let emitted = emitter.is_some().then_some("SOCKET_IO_EMITTER");
            for name in MEANING.into_iter().chain(emitted) {
                if reader.text(name).is_some() {
                    reader.fault(name, "a value", "what names Redis besides, such as REDIS_URL");
                }
            }
            return None;
        };
        let mut parts = Parts::read(reader);
        // A URL and the very same answers beside it are one answer.
        let others = named.iter().skip(1).filter(|name| (*first, **name) != ("REDIS_URL", "REDIS_HOST"));
        for other in others {
            reader.fault(other, format!("a value, while {first} is set"), "one way to find Redis, not two");
        }
        let servers = match *first {
            "REDIS_URL" => RedisServers::One(url::read(reader, &mut parts)?),
            "REDIS_HOST" => RedisServers::One(parts.server(reader)?),
            "REDIS_SENTINELS" => sentinels(reader, &parts)?,
            _ => cluster(reader, &parts)?,
        };
        if !matches!(servers, RedisServers::Sentinel { .. }) {
            for name in ["REDIS_SENTINEL_MASTER", "REDIS_SENTINEL_PASSWORD"] {
                if reader.text(name).is_some() {
                    reader.fault(name, "a value", "REDIS_SENTINELS besides, or nothing");
                }
            }
        }
        let Parts { username, password, database, tls, .. } = parts;
        if username.is_some() && password.is_none() {
            reader.fault("REDIS_PASSWORD", "nothing", "the password of REDIS_USERNAME");
        }
        let authorities = reader.text("REDIS_TLS_CA").map(PathBuf::from);
        if authorities.is_some() && tls != Some(true) {
            reader.fault(
                "REDIS_TLS_CA",
                "a file, without TLS",
                "rediss:// or REDIS_TLS=true besides, or nothing",
            );
        }
        Some(Self {
            servers,
            login: Login { username, password },
            database: database.unwrap_or(0),
            tls: (tls == Some(true)).then_some(RedisTls { authorities }),
            prefix: prefix.unwrap_or_else(|| "rookery".into()),
            emitter,
        })
    }
}

impl Parts {
    fn read(reader: &mut Reader) -> Self {
        Self {
            host: reader.text("REDIS_HOST"),
            port: reader.parse(&["REDIS_PORT"], "a port, from 1 to 65535", |text| {
                text.parse().ok().filter(|port| *port != 0)
            }),
            username: reader.text("REDIS_USERNAME"),
            password: reader.text("REDIS_PASSWORD").map(Secret::new),
            database: reader.parse(&["REDIS_DB"], "the number of a database, from 0", database),
            tls: reader.parse(&["REDIS_TLS"], "true or false", |text| text.parse().ok()),
        }
    }

    fn server(&self, reader: &mut Reader) -> Option<HostPort> {
        let host = self.host.as_deref().unwrap_or_default();
        let server = HostPort::new(host, self.port.unwrap_or(address::PORT));
        if server.is_none() {
            reader.fault("REDIS_HOST", format!("{host:?}"), "a name or an address, without a port");
        }
        server
    }

    /// Each server of a list names its own port.
    fn refuse_port(&self, reader: &mut Reader, beside: &str) {
        if self.port.is_some() {
            reader.fault("REDIS_PORT", "a value", format!("nothing: {beside} has a port for each server"));
        }
    }
}

fn emitter(reader: &mut Reader, wants: &str) -> Option<String> {
    let on = reader.parse(&["SOCKET_IO_EMITTER"], "true or false", |text| text.parse().ok()) == Some(true);
    let key = reader.parse(&["SOCKET_IO_EMITTER_KEY"], wants, prefix);
    if key.is_some() && !on {
        reader.fault("SOCKET_IO_EMITTER_KEY", "a value", "SOCKET_IO_EMITTER=true besides, or nothing");
    }
    on.then(|| key.unwrap_or_else(|| "socket.io".into()))
}

fn sentinels(reader: &mut Reader, parts: &Parts) -> Option<RedisServers> {
    parts.refuse_port(reader, "REDIS_SENTINELS");
    let master = reader.text("REDIS_SENTINEL_MASTER");
    if master.is_none() {
        reader.fault("REDIS_SENTINEL_MASTER", "nothing", "the name that the sentinels know the master by");
    }
    let wants = "the sentinels, such as 10.0.0.1:26379,10.0.0.2:26379";
    let sentinels = reader.parse(&["REDIS_SENTINELS"], wants, |text| address::list(text, 26379))?;
    let password = reader.text("REDIS_SENTINEL_PASSWORD").map(Secret::new);
    Some(RedisServers::Sentinel { sentinels, master: master?, password })
}

fn cluster(reader: &mut Reader, parts: &Parts) -> Option<RedisServers> {
    parts.refuse_port(reader, "REDIS_CLUSTER");
    if parts.database.is_some_and(|number| number != 0) {
        reader.fault("REDIS_DB", "a number beside REDIS_CLUSTER", "0: a cluster has no other database");
    }
    let wants = "some nodes of the cluster, such as 10.0.0.1:6379,10.0.0.2:6379";
    reader
        .parse(&["REDIS_CLUSTER"], wants, |text| address::list(text, address::PORT))
        .map(RedisServers::Cluster)
}

fn database(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number| (0..=i64::from(u16::MAX)).contains(number))
}

/// Braces would put all channels of a cluster into one slot.
fn prefix(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    (text.len() <= 64 && text.chars().all(plain)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
