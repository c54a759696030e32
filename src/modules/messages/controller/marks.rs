use std::sync::Arc;

use poem_openapi::{OpenApi, param::Path};

use super::Tag;
use crate::{
    guards::Can,
    modules::messages::{
        dto::{DeliveredMark, Mute, MyReadMark, ReadMark},
        permissions::ReadMessages,
        service::MessagesService,
    },
    problem::{Refusal, codes::NotFound},
    wire::{ConversationId, NoContent, Reply, Valid},
};

/// How far one has got, and what one doesn't want to hear of, over REST.
pub struct MarksController {
    messages: Arc<MessagesService>,
}

impl MarksController {
    pub fn new(messages: Arc<MessagesService>) -> Self {
        Self { messages }
    }
}

#[OpenApi(tag = "Tag::Messages")]
impl MarksController {
    /// Move my read mark forward
    ///
    /// An older mark changes nothing; one past the newest event is refused. Joined sockets are told with
    /// `readMarked`.
    #[oai(path = "/conversations/:id/read", method = "put", operation_id = "markRead")]
    async fn mark_read(
        &self,
        who: Can<ReadMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        body: Valid<ReadMark>,
    ) -> Result<Reply<MyReadMark>, Refusal<NotFound>> {
        let seq = self.messages.mark_read(who.user_id, id.0, body.0.seq).await?;
        Ok(Reply(MyReadMark { seq }))
    }

    /// Say how far it has arrived at one of my devices
    ///
    /// What I have read has arrived as well. An older mark changes nothing; one past the newest event is refused. Joined
    /// sockets are told with `deliveredMarked`.
    #[oai(path = "/conversations/:id/delivered", method = "put", operation_id = "markDelivered")]
    async fn mark_delivered(
        &self,
        who: Can<ReadMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        body: Valid<DeliveredMark>,
    ) -> Result<Reply<MyReadMark>, Refusal<NotFound>> {
        let seq = self.messages.mark_delivered(who.user_id, id.0, body.0.seq).await?;
        Ok(Reply(MyReadMark { seq }))
    }

    /// Mute a conversation
    ///
    /// Until a moment. Only I am concerned, and nobody else learns of it.
    #[oai(path = "/conversations/:id/mute", method = "put", operation_id = "muteConversation")]
    async fn mute(
        &self,
        who: Can<ReadMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        body: Valid<Mute>,
    ) -> Result<NoContent, Refusal<NotFound>> {
        self.messages.mute(who.user_id, id.0, body.0.until.0).await?;
        Ok(NoContent)
    }

    /// Hear of a conversation again
    ///
    /// When it isn't muted, nothing changes.
    #[oai(path = "/conversations/:id/mute", method = "delete", operation_id = "unmuteConversation")]
    async fn unmute(
        &self,
        who: Can<ReadMessages>,
        /// The conversation.
        id: Path<ConversationId>,
    ) -> Result<NoContent, Refusal<NotFound>> {
        self.messages.unmute(who.user_id, id.0).await?;
        Ok(NoContent)
    }
}
