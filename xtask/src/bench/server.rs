//! The program under measurement, on a database of its own behind PgBouncer.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use serde_json::json;

use super::http::{Connection, request};
use super::meter::Meter;
use crate::install;
use crate::services::{Databases, Service, free_port, random_hex};
use crate::{run, workspace};

/// What is measured: the server's own pool, as small as a node's share of a pooler.
const POOL: &str = "10";

/// Where it keeps what it is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Store {
    Postgres,
    Sqlite,
}

pub struct Server {
    pub address: SocketAddr,
    pub meter: Meter,
    /// Its database by way of PgBouncer.
    pub database: Option<String>,
    binary: PathBuf,
    /// What all nodes of its installation are told.
    settings: Vec<(&'static str, String)>,
    _service: Service,
}

impl Server {
    /// Starts `binary` on an empty database, and returns once it answers.
    pub fn start(
        binary: &Path,
        tools: &install::Databases,
        databases: &Databases,
        store: Store,
        redis: Option<&str>,
    ) -> Result<Self> {
        let name = format!("bench_{}", random_hex()?);
        let database = match store {
            Store::Postgres => {
                create(&name, tools, databases)?;
                Some(format!("{}/{name}", databases.pgbouncer_url))
            }
            Store::Sqlite => None,
        };
        let url = match &database {
            Some(url) => url.clone(),
            None => format!("sqlite:{}", empty_folder()?.join("rookery.db").display()),
        };
        let mut settings = vec![
            ("APP_ENV", "production".to_owned()),
            ("DATABASE_URL", url),
            ("DB_POOL_MAX", POOL.to_owned()),
            ("DRAIN_NOTICE_SECS", "0".to_owned()),
            ("JWT_SECRET", format!("{}{}", random_hex()?, random_hex()?)),
            ("LOG_LEVEL", "warn".to_owned()),
            ("METRICS_TOKEN", random_hex()?),
            // What it can do is measured, not what it grants.
            ("MAX_SOCKETS_PER_USER", "1000000".to_owned()),
            ("SOCKET_EVENTS_PER_SECOND", "1000000".to_owned()),
        ];
        settings.extend(redis.map(|url| ("REDIS_URL", url.to_owned())));
        let measured = database.is_some().then(|| (databases.postgres(), databases.pgbouncer()));
        Self::launch(binary.to_owned(), database, settings, measured, "bench-server")
    }

    /// Another node of the same installation.
    pub fn second(&self) -> Result<Self> {
        let (database, settings) = (self.database.clone(), self.settings.clone());
        Self::launch(self.binary.clone(), database, settings, self.meter.database, "bench-server-2")
    }

    fn launch(
        binary: PathBuf,
        database: Option<String>,
        settings: Vec<(&'static str, String)>,
        measured: Option<(u32, u32)>,
        log: &str,
    ) -> Result<Self> {
        let address: SocketAddr = ([127, 0, 0, 1], free_port()?).into();
        let mut command = until_we_end(&binary);
        command.env_clear().envs(std::env::vars_os().filter(|(name, _)| name == "PATH"));
        command.envs(settings.iter().map(|(name, value)| (name, value)));
        command.env("HOST", address.ip().to_string()).env("PORT", address.port().to_string());
        let log = workspace::log(log)?;
        let ready = || healthy(address).unwrap_or(false);
        let service = Service::start("Rookery", &mut command, log, Signal::SIGTERM, ready)?;
        let meter = Meter { server: service.pid(), other: None, database: measured };
        Ok(Self { address, meter, database, binary, settings, _service: service })
    }

    pub fn pid(&self) -> u32 {
        self.meter.server
    }

    /// Registers somebody, and returns their id and access token.
    pub fn register(&self, connection: &mut Connection, name: &str) -> Result<(String, String)> {
        let body =
            json!({ "username": name, "email": format!("{name}@bench.test"), "password": "a good password" });
        let answer = connection.ask(&request("POST", "/api/v1/auth/register", None, Some(&body)))?;
        match (answer["user"]["id"].as_str(), answer["accessToken"].as_str()) {
            (Some(id), Some(token)) => Ok((id.to_owned(), token.to_owned())),
            _ => bail!("registering was answered {answer}"),
        }
    }
}

/// `program`, made to end with us, whatever ends us. It becomes the program: its process id is known.
pub fn until_we_end(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// For a file on the disk that the clone lies on, too: a commit waits for it.
fn empty_folder() -> Result<PathBuf> {
    let folder = workspace::tools().join("bench");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn healthy(address: SocketAddr) -> Result<bool> {
    Ok(Connection::open(address)?.exchange(&request("GET", "/health/ready", None, None))?.status == 200)
}

fn create(database: &str, tools: &install::Databases, databases: &Databases) -> Result<()> {
    let mut psql = Command::new(tools.postgres.join("psql"));
    psql.args(["--no-psqlrc", "--quiet", "--command", &format!("CREATE DATABASE {database}")]);
    psql.arg(format!("{}/postgres", databases.postgres_url)).stdout(Stdio::null());
    let status = run::shown(&mut psql, run::MOMENT).context("psql")?;
    if !status.success() {
        bail!("a database couldn't be created: psql ended with {status}");
    }
    Ok(())
}
