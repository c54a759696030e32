//! What modules ask of each other, answered: each port filled in by the module that knows.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::{
    infra::{
        db::{Db, Tx},
        metrics::Metrics,
        process,
    },
    module::{HealthIndicator, Port},
    modules::{
        admin::SessionsPort,
        auth::Sessions,
        health::UserCount,
        messages::{MessagesService, PeoplePort},
        presence::{CirclePort, LastSeenPort},
        users::UsersService,
    },
    problem::Problem,
    realtime::{BlocksPort, Bus, Condition, Sight, Sockets},
    wire::{SessionId, UserId},
};

/// The ports between modules, for the graph.
pub const PORTS: &[Port] = &[
    Port { asks: "messages", through: "PeoplePort", answers: "users" },
    Port { asks: "presence", through: "CirclePort", answers: "messages" },
    Port { asks: "presence", through: "LastSeenPort", answers: "users" },
    Port { asks: "admin", through: "SessionsPort", answers: "auth" },
    Port { asks: "health", through: "UserCount", answers: "users" },
];

/// Messaging asks who exists; users know.
pub struct People(pub Arc<UsersService>);

#[async_trait]
impl PeoplePort for People {
    async fn missing(&self, asker: UserId, ids: &[UserId]) -> Result<Vec<UserId>, Problem> {
        Ok(self.0.missing(asker, ids).await?)
    }
}

/// Sockets ask whom their users block; users know.
#[async_trait]
impl BlocksPort for People {
    async fn blocked_by(&self, blockers: &[UserId]) -> Result<Vec<(UserId, UserId)>, Problem> {
        Ok(self.0.blocked_by(blockers).await?)
    }
}

/// Whom somebody shares a conversation with; messaging knows.
pub struct Circle(pub Arc<MessagesService>);

#[async_trait]
impl CirclePort for Circle {
    async fn sights(&self, pairs: &[(UserId, UserId)]) -> Result<Vec<Sight>, Problem> {
        Ok(self.0.sights(pairs).await?)
    }
}

/// When somebody was here last; users keep it.
#[async_trait]
impl LastSeenPort for People {
    async fn seen(&self, people: &[(UserId, DateTime<Utc>)]) -> Result<(), Problem> {
        Ok(self.0.seen(people).await?)
    }
}

/// Administering ends sessions; signing in keeps them.
#[async_trait]
impl SessionsPort for Sessions {
    async fn suspend(&self, tx: &Tx, user: UserId, actor: Option<UserId>) -> Result<Vec<SessionId>, Problem> {
        Self::suspend(self, tx, user, actor).await
    }

    async fn account_changed(&self, tx: &Tx, user: UserId, actor: Option<UserId>) -> Result<i64, Problem> {
        Self::account_changed(self, tx, user, actor).await
    }
}

/// The database answers a ping.
pub struct DatabaseAnswers(pub Db);

#[async_trait]
impl HealthIndicator for DatabaseAnswers {
    fn name(&self) -> &'static str {
        "database"
    }

    async fn check(&self) -> Result<Option<String>, String> {
        match self.0.ping().await {
            Ok(()) => Ok(None),
            Err(error) => {
                tracing::warn!(%error, "the database doesn't answer");
                Err("the database doesn't answer".to_owned())
            }
        }
    }
}

/// Shown, not judged: how much is too much is the alert rules' business.
pub struct MemoryHeld;

#[async_trait]
impl HealthIndicator for MemoryHeld {
    fn name(&self) -> &'static str {
        "memory"
    }

    async fn check(&self) -> Result<Option<String>, String> {
        Ok(process::figures().map(|figures| format!("{} MiB resident", figures.resident / (1024 * 1024))))
    }
}

/// The other nodes are heard through Redis. Without it a node serves all the same.
pub struct RedisAnswers(pub Bus);

#[async_trait]
impl HealthIndicator for RedisAnswers {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn is_vital(&self) -> bool {
        false
    }

    async fn check(&self) -> Result<Option<String>, String> {
        match &*self.0.condition().borrow() {
            Condition::Well => Ok(None),
            Condition::Unheard => Ok(Some("another node hasn't been heard for some time".into())),
            Condition::Away(_) => Err("away: the database alone tells what other nodes store".into()),
        }
    }
}

/// Health counts accounts; users know.
pub struct CountUsers(pub Arc<UsersService>);

#[async_trait]
impl UserCount for CountUsers {
    async fn count(&self) -> Option<u64> {
        let count = self.0.count().await;
        count.inspect_err(|error| tracing::warn!(%error, "accounts couldn't be counted")).ok()
    }
}

/// The metrics' text, with what is counted only when somebody asks.
pub fn metrics_text(metrics: Arc<Metrics>, sockets: Arc<Sockets>) -> Arc<dyn Fn() -> String + Send + Sync> {
    Arc::new(move || {
        sockets.count_transports();
        metrics.text()
    })
}
