//! Settings: read from the environment once, checked, explained. Nothing else reads the environment.
//!
//! Exports [`Config`] and its sections. Every fault is collected, so a start that fails names all of
//! them at once: the variable, what it got and what it wants. Files and commands as sources of
//! secrets are left out on purpose until they have a reader.

mod auth;
mod cors;
mod database;
mod jobs;
mod log;
mod messages;
mod proxies;
mod reader;
mod redis;
mod retention;
mod secret;
mod server;

pub use auth::AuthConfig;
pub use cors::CorsConfig;
pub use database::DatabaseConfig;
pub use jobs::JobsConfig;
pub use log::LogConfig;
pub use messages::MessagesConfig;
pub use proxies::TrustedProxies;
pub use reader::{ConfigError, Fault};
pub use redis::{HostPort, Login, RedisConfig, RedisServers, RedisTls};
pub use retention::RetentionConfig;
pub use secret::Secret;
pub use server::{ServerConfig, TlsFiles};

use reader::Reader;

/// Where the program runs; decides which defaults are safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    Development,
    Test,
    Production,
}

impl Environment {
    /// The word used in `APP_ENV` and in `/health`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Test => "test",
            Self::Production => "production",
        }
    }
}

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Config {
    pub environment: Environment,
    /// Shown by `/health`; `APP_VERSION`, or the version the binary was built as.
    pub version: String,
    pub server: ServerConfig,
    pub database: DatabaseConfig,
    /// What several nodes reach each other through; none, and a node is alone.
    pub redis: Option<RedisConfig>,
    pub auth: AuthConfig,
    pub cors: CorsConfig,
    pub log: LogConfig,
    pub messages: MessagesConfig,
    pub jobs: JobsConfig,
    pub retention: RetentionConfig,
}

impl Config {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&|name| std::env::var(name).ok())
    }

    /// Reads from any source of variables; tests pass a map.
    pub fn read(source: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(source);
        let environment = environment(&mut reader);
        let config = Self {
            environment,
            version: reader.text("APP_VERSION").unwrap_or_else(|| env!("CARGO_PKG_VERSION").into()),
            server: ServerConfig::read(&mut reader, environment),
            database: DatabaseConfig::read(&mut reader),
            redis: RedisConfig::read(&mut reader),
            auth: AuthConfig::read(&mut reader, environment),
            cors: CorsConfig::read(&mut reader, environment),
            log: LogConfig::read(&mut reader, environment),
            messages: MessagesConfig::read(&mut reader),
            jobs: JobsConfig::read(&mut reader),
            retention: RetentionConfig::read(&mut reader),
        };
        reader.finish(config)
    }
}

fn environment(reader: &mut Reader) -> Environment {
    let wants = "development, test or production";
    reader
        .parse(&["APP_ENV", "NODE_ENV"], wants, |text| match text {
            "development" | "dev" => Some(Environment::Development),
            "test" => Some(Environment::Test),
            "production" | "prod" | "staging" => Some(Environment::Production),
            _ => None,
        })
        .unwrap_or(Environment::Development)
}

#[cfg(test)]
mod tests;
