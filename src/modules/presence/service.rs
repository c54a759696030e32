//! Who may see whether somebody is there.

use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::PresenceDeps;
use crate::{
    problem::{FieldError, Problem},
    realtime::{Client, Onlookers, Presence, PresenceDto, Reply, Sight},
    wire::UserId,
};

/// Who shares a conversation with whom; messaging fills it in.
#[async_trait]
pub trait CirclePort: Send + Sync {
    /// For each pair of a watched person and a watcher who share a conversation what the one may see of the other.
    async fn sights(&self, pairs: &[(UserId, UserId)]) -> Result<Vec<Sight>, Problem>;
}

/// Where it is kept when somebody was here last; users fill it in.
#[async_trait]
pub trait LastSeenPort: Send + Sync {
    /// These people were here at these moments.
    async fn seen(&self, people: &[(UserId, DateTime<Utc>)]) -> Result<(), Problem>;
}

pub struct PresenceService {
    presence: Presence,
    circle: Arc<dyn CirclePort>,
    last_seen: Arc<dyn LastSeenPort>,
}

impl PresenceService {
    pub fn new(PresenceDeps { presence, circle, last_seen }: PresenceDeps) -> Self {
        Self { presence, circle, last_seen }
    }

    /// How somebody is, as this asker may see it.
    pub async fn get(&self, asker: UserId, user: UserId) -> Result<PresenceDto, Problem> {
        let sights = self.circle.sights(&[(user, asker)]).await?;
        let [sight] = sights[..] else { return Err(Problem::not_found("user")) };
        // Of whoever hides there is nothing to look for.
        let online = sight.open && self.presence.is_online(user).await;
        Ok(sight.shows(online))
    }

    /// What the asker may see of each of these people; refused when there is any with whom they share nothing.
    async fn sights_of(&self, asker: UserId, users: &[UserId]) -> Result<Vec<Sight>, Problem> {
        let pairs: Vec<_> = users.iter().map(|user| (*user, asker)).collect();
        let sights = self.circle.sights(&pairs).await?;
        let seen: HashSet<UserId> = sights.iter().map(|sight| sight.watched).collect();
        let fault = |(place, _): (usize, &UserId)| FieldError {
            pointer: format!("/userIds/{place}"),
            code: "no_such_user".into(),
            detail: "must name somebody of my conversations".into(),
        };
        let strangers = users.iter().enumerate().filter(|(_, user)| !seen.contains(user));
        let errors: Vec<FieldError> = strangers.map(fault).collect();
        if errors.is_empty() { Ok(sights) } else { Err(Problem { errors, ..Problem::not_found("user") }) }
    }

    /// Makes a socket watch these people, and answers.
    pub async fn watch(
        &self,
        asker: UserId,
        client: &Arc<Client>,
        users: &[UserId],
        reply: Reply,
    ) -> &'static str {
        match self.sights_of(asker, users).await {
            Ok(sights) => self.presence.watch(client, sights, reply).await,
            Err(problem) => reply.problem(&problem),
        }
    }

    /// Tells whom it concerns, until it is dropped.
    pub async fn run(self: Arc<Self>) {
        self.presence.clone().run(self).await;
    }
}

#[async_trait]
impl Onlookers for PresenceService {
    async fn sights(&self, pairs: &[(UserId, UserId)]) -> Result<Vec<Sight>, Problem> {
        self.circle.sights(pairs).await
    }

    async fn seen(&self, people: &[(UserId, DateTime<Utc>)]) -> Result<(), Problem> {
        self.last_seen.seen(people).await
    }
}
