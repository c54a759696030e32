//! What is told of a person.

use chrono::{DateTime, Utc};
use poem_openapi::{Object, types::Example};
use serde::Serialize;

use crate::{
    realtime::ServerEvent,
    wire::{Timestamp, UserId},
};

/// Whether a person is connected, as somebody else may see it.
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize)]
#[oai(rename = "Presence", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct PresenceDto {
    pub user_id: UserId,
    /// False, too, of whoever doesn't show it to me.
    pub online: bool,
    /// When they were last connected, to some minutes; nothing while they are, and of whoever doesn't show it to me.
    #[oai(nullable)]
    pub last_seen_at: Option<Timestamp>,
}

/// How the people are whom a socket watches from now on.
#[derive(Debug, Object, Serialize)]
#[oai(example)]
pub struct Watching {
    pub people: Vec<PresenceDto>,
}

/// What one person may see of another with whom they share a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    pub watched: UserId,
    pub watcher: UserId,
    /// Neither hides, and neither has blocked the other.
    pub open: bool,
    pub last_seen_at: Option<DateTime<Utc>>,
}

impl Sight {
    /// What is shown, when the other is connected or isn't.
    pub fn shows(&self, online: bool) -> PresenceDto {
        let online = online && self.open;
        let last_seen_at = self.last_seen_at.filter(|_| self.open && !online).map(Timestamp);
        PresenceDto { user_id: self.watched, online, last_seen_at }
    }
}

impl ServerEvent for PresenceDto {
    const NAME: &'static str = "presenceChanged";
    const SUMMARY: &'static str = "Somebody whom I watch has come or gone; not kept, and may be lost";
}

impl Example for Watching {
    fn example() -> Self {
        Self { people: vec![PresenceDto::example()] }
    }
}

impl Example for PresenceDto {
    fn example() -> Self {
        Self { user_id: UserId::example(), online: false, last_seen_at: Some(Timestamp::example()) }
    }
}
