//! Reads what the processes of one measurement have used.

use anyhow::Result;

use super::process;

/// Whose CPU time is read.
#[derive(Clone)]
pub struct Meter {
    pub server: u32,
    /// A second one of the same installation.
    pub other: Option<u32>,
    /// PostgreSQL's first process and PgBouncer; a bare loop has neither.
    pub database: Option<(u32, u32)>,
}

/// CPU seconds; of both servers, where there are two.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    pub server: f64,
    /// All of PostgreSQL's processes.
    pub postgres: f64,
    pub pgbouncer: f64,
}

impl Meter {
    pub fn read(&self) -> Result<Used> {
        let (postgres, pgbouncer) = match self.database {
            Some((postgres, pgbouncer)) => (process::cpu_of_family(postgres)?, process::cpu(pgbouncer)?),
            None => (0.0, 0.0),
        };
        let other = self.other.map_or(Ok(0.0), process::cpu)?;
        Ok(Used { server: process::cpu(self.server)? + other, postgres, pgbouncer })
    }
}

impl Used {
    pub fn since(self, earlier: &Self) -> Self {
        Self {
            server: self.server - earlier.server,
            postgres: self.postgres - earlier.postgres,
            pgbouncer: self.pgbouncer - earlier.pgbouncer,
        }
    }
}
