//! PostgreSQL and PgBouncer of a test's own, to be harmed.

use xtask::{install, services::Databases};

use crate::database::TestDatabase;

/// Both of them, and one database.
pub struct Harmed {
    // Before the services that it is on.
    pub database: TestDatabase,
    tools: install::Databases,
    services: Databases,
}

impl Harmed {
    pub async fn start() -> Self {
        let tools = install::databases().expect("PostgreSQL and PgBouncer can be installed");
        let services = Databases::start(&tools).expect("PostgreSQL and PgBouncer start");
        let (server, pooler) = (services.postgres_url.clone(), services.pgbouncer_url.clone());
        let database = TestDatabase::on(server, pooler).await;
        Self { database, tools, services }
    }

    /// PgBouncer dies and is started again.
    pub fn restart_pgbouncer(&mut self) {
        self.services.restart_pgbouncer(&self.tools).expect("PgBouncer starts again");
    }

    /// PostgreSQL ends in the middle of everything, and recovers.
    pub fn crash_postgres(&mut self) {
        self.services.crash_postgres(&self.tools).expect("PostgreSQL recovers");
    }
}
