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
use std::path::PathBuf;

use anyhow::Result;

use crate::install::{self, Tools};
use account::Account;
use scratch::Scratch;

pub use scratch::random_hex;
pub use serve::serve;
pub use service::Service;

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
    /// Without a database: every user creates its own.
    pub postgres_url: String,
    pub pgbouncer_url: String,
}

impl Services {
    pub fn start(tools: &Tools) -> Result<Self> {
        let databases = Databases::start(&tools.databases)?;
        let (redis, redis_port) = redis::start(&tools.redis, &databases.scratch)?;
        let path = |program: &PathBuf| program.display().to_string();
        let environment = vec![
            ("ROOKERY_TEST_POSTGRES", databases.postgres_url.clone()),
            ("ROOKERY_TEST_PGBOUNCER", databases.pgbouncer_url.clone()),
            ("ROOKERY_TEST_REDIS", format!("redis://127.0.0.1:{redis_port}")),
            ("ROOKERY_TEST_NGINX", path(&tools.nginx)),
            ("ROOKERY_TEST_NODE", path(&tools.node)),
            ("ROOKERY_TEST_PYTHON", path(&tools.python)),
            ("ROOKERY_TEST_CHROMIUM", path(&tools.chromium)),
        ];
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
        let (postgres, postgres_port) = postgres::start(&tools.postgres, &scratch, &login)?;
        let (pgbouncer, pgbouncer_port) = pgbouncer::start(tools, &scratch, &login, postgres_port)?;
        let (postgres_url, pgbouncer_url) = (login.url(postgres_port), login.url(pgbouncer_port));
        Ok(Self { pgbouncer, postgres, scratch, postgres_url, pgbouncer_url })
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

/// One account for PostgreSQL and for PgBouncer.
struct Login {
    user: &'static str,
    password: String,
}

impl Login {
    fn url(&self, port: u16) -> String {
        format!("postgres://{}:{}@127.0.0.1:{port}", self.user, self.password)
    }
}

/// A port that nobody listens on now; the service is started right after.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
