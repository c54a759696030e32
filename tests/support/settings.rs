//! The variables an app is started with.

use std::collections::BTreeMap;

use rookery::config::Config;
use uuid::Uuid;

use super::database;

/// Of the tests, and of nobody else.
const JWT_SECRET: &str = "only the tests sign with this key, and nobody else";

/// Settings by their names, as the environment would hold them.
#[derive(Debug, Clone)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// What every app of the tests begins with.
    pub fn of_tests() -> Self {
        let mut settings = Self(BTreeMap::new());
        settings
            .set("APP_ENV", "test")
            .set("HOST", "127.0.0.1")
            .set("PORT", "0")
            .set("JWT_SECRET", JWT_SECRET)
            // A test may keep a request or an event unfinished on purpose.
            .set("DRAIN_TIMEOUT_SECS", "5")
            // A refused socket keeps a task for so long, and the app isn't stopped before it has ended.
            .set("SOCKET_AUTH_TIMEOUT_SECS", "3")
            .set("DB_POOL_MAX", "6");
        settings
    }

    /// Where the tests have a Redis, it joins nodes that have its prefix: this one alone, and clones of these
    /// settings. Elsewhere they meet in this process.
    pub fn share_redis(&mut self) -> &mut Self {
        if let Some(url) = database::is_postgres().then(database::redis) {
            self.set("REDIS_URL", url).set("REDIS_PREFIX", Uuid::new_v4().simple());
        }
        self
    }

    pub fn set(&mut self, name: &str, value: impl ToString) -> &mut Self {
        self.0.insert(name.to_owned(), value.to_string());
        self
    }

    pub fn unset(&mut self, name: &str) -> &mut Self {
        self.0.remove(name);
        self
    }

    pub fn pairs(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }

    pub fn config(&self) -> Config {
        Config::read(&|name| self.0.get(name).cloned()).expect("the test's settings are good")
    }
}
