use std::sync::Arc;

use poem_openapi::{OpenApi, Tags, param::Path};

use super::{permissions::ReadPresence, service::PresenceService};
use crate::{
    guards::Can,
    problem::{Refusal, codes::NotFound},
    realtime::PresenceDto,
    wire::{Reply, UserId},
};

/// Presence over REST.
pub struct PresenceController {
    presence: Arc<PresenceService>,
}

impl PresenceController {
    pub fn new(presence: Arc<PresenceService>) -> Self {
        Self { presence }
    }
}

#[derive(Tags)]
enum Tag {
    /// Who is connected.
    Presence,
}

#[OpenApi(tag = "Tag::Presence")]
impl PresenceController {
    /// Whether somebody is connected, and when they were last
    ///
    /// Of people with whom I share a conversation. Sockets are told of changes: `watchPresence`.
    #[oai(path = "/users/:id/presence", method = "get", operation_id = "getPresence")]
    async fn get(
        &self,
        who: Can<ReadPresence>,
        /// Whom I share a conversation with.
        id: Path<UserId>,
    ) -> Result<Reply<PresenceDto>, Refusal<NotFound>> {
        Ok(Reply(self.presence.get(who.user_id, id.0).await?))
    }
}
