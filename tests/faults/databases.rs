//! PostgreSQL, PgBouncer and Redis of a test's own, to be harmed.

use xtask::{
    install,
    services::{self, Databases},
};

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

/// One of its own.
pub struct Redis(services::Redis);

impl Redis {
    pub fn start() -> Self {
        let program = install::redis().expect("Redis can be installed");
        Self(services::Redis::start(program).expect("Redis starts"))
    }

    pub fn url(&self) -> String {
        self.0.url()
    }

    pub fn stop(&mut self) {
        self.0.stop();
    }

    /// It has forgotten everything.
    pub fn start_again(&mut self) {
        self.0.start_again().expect("Redis starts again");
    }

    pub fn hang(&mut self) {
        self.0.hang().expect("it runs");
    }

    pub fn go_on(&mut self) {
        self.0.go_on().expect("it is there still");
    }
}
