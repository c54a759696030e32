//! Installs what the tests need and the machine lacks. A machine that has it all is left alone.

mod apt;
pub mod cargo_tools;
mod find;
mod lock;
pub mod node;
mod pgbouncer;
mod python;
mod quiet;
mod sources;
mod version;

use std::path::PathBuf;

use anyhow::{Context, Result};

use apt::Apt;

/// The programs that the tests need, each with its path.
pub struct Tools {
    pub databases: Databases,
    pub redis: PathBuf,
    pub nginx: PathBuf,
    pub haproxy: PathBuf,
    /// What makes a program see another time.
    pub faketime: PathBuf,
    pub chromium: PathBuf,
    pub node: PathBuf,
    pub python: PathBuf,
}

/// PostgreSQL, and the pooler that stands before it.
pub struct Databases {
    /// The directory of `initdb`, `postgres`, `psql` and the others.
    pub postgres: PathBuf,
    pub pgbouncer: PathBuf,
}

pub fn everything() -> Result<Tools> {
    let _lock = lock::tools()?;
    let mut apt = Apt::new();
    apt.install(&missing_packages())?;
    Ok(Tools {
        databases: Databases::find(&mut apt)?,
        redis: find::program("redis-server").context("redis-server is installed, yet not to be found")?,
        nginx: find::program("nginx").context("nginx is installed, yet not to be found")?,
        haproxy: find::program("haproxy").context("haproxy is installed, yet not to be found")?,
        faketime: find::faketime().context("libfaketime is installed, yet not to be found")?,
        chromium: find::program("chromium").context("chromium is installed, yet not to be found")?,
        node: node::with_clients()?,
        python: python::environment(&mut apt)?,
    })
}

/// For whoever needs nothing else.
pub fn databases() -> Result<Databases> {
    let _lock = lock::tools()?;
    let mut apt = Apt::new();
    if find::postgres().is_none() {
        apt.install(&["postgresql"])?;
    }
    Databases::find(&mut apt)
}

/// For whoever needs nothing else of Redis.
pub fn redis() -> Result<PathBuf> {
    let _lock = lock::tools()?;
    if find::program("redis-server").is_none() {
        Apt::new().install(&["redis-server"])?;
    }
    find::program("redis-server").context("redis-server is installed, yet not to be found")
}

impl Tools {
    /// What tells the tests where they are.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |program: &PathBuf| program.display().to_string();
        vec![
            ("ROOKERY_TEST_REDIS_SERVER", path(&self.redis)),
            ("ROOKERY_TEST_NGINX", path(&self.nginx)),
            ("ROOKERY_TEST_HAPROXY", path(&self.haproxy)),
            ("ROOKERY_TEST_FAKETIME", path(&self.faketime)),
            ("ROOKERY_TEST_NODE", path(&self.node)),
            ("ROOKERY_TEST_PYTHON", path(&self.python)),
            ("ROOKERY_TEST_CHROMIUM", path(&self.chromium)),
        ]
    }
}

impl Databases {
    fn find(apt: &mut Apt) -> Result<Self> {
        Ok(Self {
            postgres: find::postgres()
                .context("PostgreSQL is installed, yet not under /usr/lib/postgresql")?,
            pgbouncer: pgbouncer::find_or_build(apt)?,
        })
    }
}

fn missing_packages() -> Vec<&'static str> {
    let present = [
        (find::postgres().is_some(), "postgresql"),
        (find::program("redis-server").is_some(), "redis-server"),
        (find::program("nginx").is_some(), "nginx-light"),
        (find::program("haproxy").is_some(), "haproxy"),
        (find::faketime().is_some(), "libfaketime"),
        (find::program("chromium").is_some(), "chromium"),
        (find::program("curl").is_some(), "curl"),
        (find::program("openssl").is_some(), "openssl"),
    ];
    present.iter().filter(|(there, _)| !there).map(|(_, package)| *package).collect()
}
