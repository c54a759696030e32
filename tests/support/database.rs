//! A database for one test, gone with it.

use std::{env, future::Future, net::SocketAddr, path::PathBuf, sync::Arc, thread, time::Duration};

use rookery::{
    config::{DatabaseConfig, Secret},
    infra::{
        db::{Db, migrate},
        metrics::Metrics,
    },
};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement,
    sqlx::{self, Row, postgres::PgRow},
};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

use super::wait::in_time;

/// For whoever used a database to hang up, a killed process included.
const LEAVE_WITHIN: Duration = Duration::from_secs(3);

/// For a statement about a whole database, however many tests make theirs at the same time.
const RUN_WITHIN: Duration = Duration::from_secs(30);

/// Where a test's rows are; dropped with the test, which fails if anybody is still connected.
pub enum TestDatabase {
    Sqlite {
        folder: TempDir,
    },
    Postgres {
        /// The server itself, without a database's name.
        server: String,
        pooler: String,
        name: String,
    },
}

impl TestDatabase {
    /// A new one: a file, or a copy of the migrated template.
    pub async fn create() -> Self {
        if is_postgres() {
            let server = variable("ROOKERY_TEST_POSTGRES");
            let template = template(&server).await;
            let name = format!("test_{}", Uuid::new_v4().simple());
            run(&server, "postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
            Self::Postgres { server, pooler: variable("ROOKERY_TEST_PGBOUNCER"), name }
        } else {
            Self::Sqlite { folder: tempfile::tempdir().expect("a temporary folder can be made") }
        }
    }

    /// A new one, empty, on these servers.
    pub async fn on(server: String, pooler: String) -> Self {
        let name = format!("test_{}", Uuid::new_v4().simple());
        run(&server, "postgres", &format!("CREATE DATABASE {name}")).await;
        Self::Postgres { server, pooler, name }
    }

    /// The app's `DATABASE_URL`.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite { .. } => format!("sqlite:{}", self.file().expect("SQLite has a file").display()),
            Self::Postgres { pooler, name, .. } => format!("{pooler}/{name}"),
        }
    }

    /// The app's `DATABASE_URL`, by way of another address.
    pub fn url_by(&self, address: SocketAddr) -> String {
        let mut url = self.parsed();
        url.set_host(Some(&address.ip().to_string())).expect("it can have another host");
        url.set_port(Some(address.port())).expect("it can have another port");
        url.into()
    }

    /// Where the app reaches it; only PostgreSQL is at an address.
    pub fn address(&self) -> SocketAddr {
        let addresses = self.parsed().socket_addrs(|| Some(5432)).expect("it has an address");
        addresses[0]
    }

    fn parsed(&self) -> Url {
        Url::parse(&self.url()).expect("it has a URL")
    }

    /// The file, on SQLite.
    pub fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite { folder } => Some(folder.path().join("rookery.db")),
            Self::Postgres { .. } => None,
        }
    }

    /// Runs a statement past the app.
    pub async fn execute(&self, sql: &str) -> u64 {
        let (connection, backend) = self.connect().await;
        let result = connection.execute_raw(Statement::from_string(backend, sql)).await;
        connection.close().await.expect("a connection can be closed");
        result.unwrap_or_else(|error| panic!("{sql}: {error}")).rows_affected()
    }

    /// Reads rows past the app.
    pub async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let (connection, backend) = self.connect().await;
        let result = connection.query_all_raw(Statement::from_string(backend, sql)).await;
        connection.close().await.expect("a connection can be closed");
        result.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// A statement's only number, such as a count.
    pub async fn number(&self, sql: &str) -> i64 {
        self.rows(sql).await[0].try_get_by_index(0).expect("the statement selects a number")
    }

    /// The tables that hold this text in some column; on SQLite also the file itself, when it is left there although
    /// no table has it.
    pub async fn holding(&self, text: &str) -> Vec<String> {
        let columns = match self {
            Self::Sqlite { .. } => {
                "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
            }
            Self::Postgres { .. } => {
                "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'public'"
            }
        };
        let mut holding: Vec<String> = Vec::new();
        for column in self.rows(columns).await {
            let at = |place| column.try_get_by_index::<String>(place).expect("it is a name");
            let (table, column) = (at(0), at(1));
            let held =
                format!("SELECT count(*) FROM \"{table}\" WHERE CAST(\"{column}\" AS text) LIKE '%{text}%'");
            if !holding.contains(&table) && self.number(&held).await > 0 {
                holding.push(table);
            }
        }
        if let (Some(file), true) = (self.file(), holding.is_empty()) {
            // What the log of changes holds is overwritten in its turn; what matters is what stays.
            self.rows("PRAGMA wal_checkpoint(TRUNCATE)").await;
            let bytes = std::fs::read(file).expect("the file can be read");
            if bytes.windows(text.len()).any(|some| some == text.as_bytes()) {
                holding.push("the file".to_owned());
            }
        }
        holding
    }

    async fn connect(&self) -> (DatabaseConnection, DbBackend) {
        match self {
            Self::Sqlite { .. } => {
                let url = format!("sqlite://{}", self.file().expect("SQLite has a file").display());
                (connect(url).await.expect("the file can be opened"), DbBackend::Sqlite)
            }
            Self::Postgres { server, name, .. } => {
                let connection = connect(format!("{server}/{name}")).await;
                (connection.expect("PostgreSQL answers"), DbBackend::Postgres)
            }
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Self::Postgres { server, pooler, name } = self else { return };
        let (server, pooler, of) = (server.clone(), pooler.clone(), name.clone());
        let work = async move || {
            let left = clients_left(&pooler, &of).await;
            // The pooler may still keep connections to it.
            run(&server, "postgres", &format!("DROP DATABASE {of} WITH (FORCE)")).await;
            left
        };
        let failure = match thread::spawn(move || on_own_runtime(work())).join() {
            Ok(0) => return,
            Ok(left) => format!("the test leaks {left} database connections: the pooler still has them"),
            Err(_) => format!("the database {name} couldn't be dropped"),
        };
        if thread::panicking() {
            eprintln!("{failure}");
        } else {
            panic!("{failure}");
        }
    }
}

/// How many clients the pooler still has for this database, when they have had time to leave.
async fn clients_left(pooler: &str, name: &str) -> usize {
    let mut options = ConnectOptions::new(format!("{pooler}/pgbouncer"));
    options
        .max_connections(1)
        .sqlx_logging(false)
        .test_before_acquire(false)
        .map_sqlx_postgres_opts(|options| options.extra_float_digits(None));
    let console = Database::connect(options).await.expect("the pooler's console answers");
    let mut left = None;
    let gone = in_time(LEAVE_WITHIN, async || {
        let clients = sqlx::raw_sql("SHOW CLIENTS").fetch_all(console.get_postgres_connection_pool()).await;
        let clients = clients.expect("the pooler lists its clients");
        let of = |row: &&PgRow| row.get::<String, _>("database") == name;
        let count = clients.iter().filter(of).count();
        left = Some(count);
        (count == 0).then_some(())
    });
    _ = gone.await;
    console.close().await.expect("a connection can be closed");
    left.expect("the pooler lists its clients in time")
}

/// The name of a database with every migration applied; made by whichever test asks first.
///
/// There is one for each build of the tests, so that a changed migration is never missed.
async fn template(server: &str) -> String {
    let built = env::current_exe().and_then(|path| path.metadata()).and_then(|data| data.modified());
    let built = built.expect("the test binary has an age").duration_since(std::time::UNIX_EPOCH);
    let name = format!("template_{}", built.expect("it was built after 1970").as_nanos());

    // Held by this one session, across processes: the others wait and then find the template.
    let admin = connect(format!("{server}/postgres")).await.expect("PostgreSQL answers");
    let statement = |sql: String| Statement::from_string(DbBackend::Postgres, sql);
    admin.execute_raw(statement("SELECT pg_advisory_lock(4711)".into())).await.expect("the lock is free");
    let exists = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    if admin.query_one_raw(statement(exists)).await.expect("databases can be listed").is_none() {
        let draft = format!("draft_{}", Uuid::new_v4().simple());
        run(server, "postgres", &format!("CREATE DATABASE {draft}")).await;
        apply_migrations(format!("{server}/{draft}")).await;
        run(server, "postgres", &format!("ALTER DATABASE {draft} ALLOW_CONNECTIONS false")).await;
        // It gets its name when it is complete, and nobody can connect to it, which would hinder copying.
        run(server, "postgres", &format!("ALTER DATABASE {draft} RENAME TO {name}")).await;
    }
    admin.close().await.expect("a connection can be closed");
    name
}

async fn apply_migrations(url: String) {
    let config = DatabaseConfig::Postgres { url: Secret::new(url), pool_max: 1, pool_min: 1 };
    let db = Db::connect(&config, &Arc::new(Metrics::new())).await.expect("PostgreSQL answers");
    migrate(&db).await.expect("the migrations apply");
    db.close().await.expect("a connection can be closed");
}

/// Runs a statement about databases, again while somebody is still leaving the database in question.
async fn run(server: &str, database: &str, sql: &str) {
    let admin = connect(format!("{server}/{database}")).await.expect("PostgreSQL answers");
    let done = in_time(RUN_WITHIN, async || {
        match admin.execute_raw(Statement::from_string(DbBackend::Postgres, sql)).await {
            Ok(_) => Some(()),
            Err(error) if error.to_string().contains("accessed by other users") => None,
            Err(error) => panic!("{sql}: {error}"),
        }
    });
    done.await.unwrap_or_else(|| panic!("{sql}: not done after {RUN_WITHIN:?}"));
    admin.close().await.expect("a connection can be closed");
}

async fn connect(url: String) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false).acquire_timeout(Duration::from_secs(30));
    Database::connect(options).await
}

/// Whether the tests have PostgreSQL, and a Redis with it.
pub fn is_postgres() -> bool {
    env::var("ROOKERY_TEST_DATABASE").is_ok_and(|kind| kind == "postgres")
}

/// The URL of the Redis that all tests share.
pub fn redis() -> String {
    variable("ROOKERY_TEST_REDIS")
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} isn't set; `cargo xtask services` says to what"))
}

fn on_own_runtime<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be built").block_on(work)
}
