//! Private PostgreSQL, PgBouncer and Redis on free loopback ports, in a directory that vanishes
//! with them.

mod account;
mod pgbouncer;
mod postgres;
mod redis;
mod scratch;
mod serve;
mod service;

use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Result, bail};

use crate::install::{self, Tools};
use account::Account;
use scratch::Scratch;

pub use self::redis::Redis;
pub use scratch::random_hex;
pub use serve::serve;
pub use service::Service;

/// Where free ports are looked for.
const FIRST_PORT: u16 = 20_000;
const PORTS: u16 = 12_000;

/// What the tests need.
pub struct Services {
    redis: Service,
    databases: Databases,
    environment: Vec<(&'static str, String)>,
}

/// PostgreSQL, with PgBouncer before it.
pub struct Databases {
    // Dropped in this order: the pooler before what it pools, and the directory last.
    pgbouncer: Service,
    postgres: Service,
    scratch: Scratch,
    login: Login,
    ports: Ports,
    /// Without a database: every user creates its own.
    pub postgres_url: String,
    pub pgbouncer_url: String,
}

impl Services {
    pub fn start(tools: &Tools) -> Result<Self> {
        let databases = Databases::start(&tools.databases)?;
        let redis_port = free_port()?;
        let redis = redis::start(&tools.redis, &databases.scratch, redis_port)?;
        let mut environment = tools.environment();
        environment.extend([
            ("ROOKERY_TEST_POSTGRES", databases.postgres_url.clone()),
            ("ROOKERY_TEST_PGBOUNCER", databases.pgbouncer_url.clone()),
            ("ROOKERY_TEST_REDIS", redis::url(redis_port)),
        ]);
        Ok(Self { redis, databases, environment })
    }

    /// What the tests have to know, as environment variables.
    pub fn environment(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.environment.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// Says so if a service has ended by itself: the tests that then failed don't know why.
    pub fn report_deaths(&mut self) -> bool {
        let Databases { pgbouncer, postgres, .. } = &mut self.databases;
        let deaths: Vec<String> =
            [pgbouncer, postgres, &mut self.redis].into_iter().filter_map(Service::death).collect();
        for death in &deaths {
            eprintln!("{death}");
        }
        !deaths.is_empty()
    }
}

impl Databases {
    pub fn start(tools: &install::Databases) -> Result<Self> {
        let scratch = Scratch::create()?;
        let login = Login { user: "rookery", password: scratch::random_hex()? };
        let ports = Ports { postgres: free_port()?, pgbouncer: free_port()? };
        postgres::create(&tools.postgres, &scratch, &login)?;
        let postgres = postgres::start(&tools.postgres, &scratch, &login, ports.postgres)?;
        let pgbouncer = pgbouncer::start(tools, &scratch, &login, &ports)?;
        let (postgres_url, pgbouncer_url) = (login.url(ports.postgres), login.url(ports.pgbouncer));
        Ok(Self { pgbouncer, postgres, scratch, login, ports, postgres_url, pgbouncer_url })
    }

    /// Kills PgBouncer, and starts another one in its place.
    pub fn restart_pgbouncer(&mut self, tools: &install::Databases) -> Result<()> {
        self.pgbouncer.stop();
        self.pgbouncer = pgbouncer::start(tools, &self.scratch, &self.login, &self.ports)?;
        Ok(())
    }

    /// Ends PostgreSQL without letting it finish anything ("immediate"), and starts it again: it recovers from
    /// its log, as after a crash.
    pub fn crash_postgres(&mut self, tools: &install::Databases) -> Result<()> {
        self.postgres.stop();
        self.postgres = postgres::start(&tools.postgres, &self.scratch, &self.login, self.ports.postgres)?;
        Ok(())
    }

    /// Starts a Redis beside them; returns its address, too.
    pub fn with_redis(&self, program: &Path) -> Result<(Service, String)> {
        let port = free_port()?;
        let service = redis::start(program, &self.scratch, port)?;
        Ok((service, format!("redis://127.0.0.1:{port}")))
    }

    /// The id of PgBouncer's process.
    pub fn pgbouncer(&self) -> u32 {
        self.pgbouncer.pid()
    }

    /// The id of PostgreSQL's first process, the parent of all others.
    pub fn postgres(&self) -> u32 {
        self.postgres.pid()
    }
}

struct Ports {
    postgres: u16,
    pgbouncer: u16,
}

/// One account for PostgreSQL and for PgBouncer.
#[derive(Clone)]
struct Login {
    user: &'static str,
    password: String,
}

impl Login {
    fn url(&self, port: u16) -> String {
        format!("postgres://{}:{}@127.0.0.1:{port}", self.user, self.password)
    }
}

/// A port that nobody listens on, below those the system hands out by itself: while a server is away, a client
/// that tries to reach it must not be given its port.
pub fn free_port() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = u16::try_from(std::process::id() % 10_000)?;
    for _ in 0..PORTS {
        let port = FIRST_PORT + (begin + NEXT.fetch_add(1, Ordering::Relaxed) % PORTS) % PORTS;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("none of {PORTS} ports is free")
}
