use std::sync::Arc;

use poem_openapi::{
    OpenApi,
    param::{Header, Path, Query},
};

use super::Tag;
use crate::{
    guards::Can,
    modules::messages::{
        dto::{MessageDto, MessageEdit},
        error::{MessageGone, NotTheSender, TooLateToEdit, TooManyEmoji},
        permissions::{ReadMessages, WriteMessages},
        service::MessagesService,
    },
    problem::{Refusal, codes::NotFound},
    wire::{ConversationId, Emoji, IfMatch, MessageId, NoContent, Reply, Valid, Versioned},
};

/// A message's life over REST.
pub struct MessageController {
    messages: Arc<MessagesService>,
}

impl MessageController {
    pub fn new(messages: Arc<MessagesService>) -> Self {
        Self { messages }
    }
}

#[OpenApi(tag = "Tag::Messages")]
impl MessageController {
    /// One message, as it is now; its `ETag` names the version
    ///
    /// With that `ETag` as `If-Match`, an edit is made only of what I have seen.
    #[oai(path = "/conversations/:id/messages/:messageId", method = "get", operation_id = "getMessage")]
    #[allow(non_snake_case, reason = "the parameter's name in the document")]
    async fn message(
        &self,
        who: Can<ReadMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        /// The message.
        messageId: Path<MessageId>,
    ) -> Result<Versioned<MessageDto>, Refusal<NotFound>> {
        let (body, version) = self.messages.message(who.user_id, id.0, messageId.0).await?;
        Ok(Versioned { body, version })
    }

    /// Edit my message
    ///
    /// For as long as MESSAGE_EDIT_MINUTES says, 15 minutes by default. The same content again changes nothing. Joined
    /// sockets are told with `messageEdited`. With `If-Match`, only if it is still that version.
    #[oai(path = "/conversations/:id/messages/:messageId", method = "patch", operation_id = "editMessage")]
    #[allow(non_snake_case, reason = "the parameter's name in the document")]
    async fn edit(
        &self,
        who: Can<WriteMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        /// The message.
        messageId: Path<MessageId>,
        #[oai(name = "If-Match")] seen: Header<Option<String>>,
        body: Valid<MessageEdit>,
    ) -> Result<Versioned<MessageDto>, Refusal<(NotFound, NotTheSender, TooLateToEdit, MessageGone)>> {
        let seen = IfMatch::parse(seen.0)?;
        let (body, version) = self.messages.edit(who.user_id, id.0, messageId.0, body.0, seen).await?;
        Ok(Versioned { body, version })
    }

    /// Delete a message, for everyone or for me
    ///
    /// With `forEveryone=false` it is hidden from me only, whoever sent it, and my other devices are told with
    /// `messageHidden`. Else for everyone:
    /// One of mine, however old; the owner and the admins of a group delete others', too. Its place is left, and nothing of its
    /// content: `deletedAt` says so wherever it is read. Joined sockets are told with `messageDeleted`. One that is gone
    /// already stays so. With `If-Match`, only if it is still that version.
    #[oai(path = "/conversations/:id/messages/:messageId", method = "delete", operation_id = "deleteMessage")]
    #[allow(non_snake_case, reason = "the parameter's name in the document")]
    async fn delete(
        &self,
        who: Can<WriteMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        /// The message.
        messageId: Path<MessageId>,
        /// True when absent; false hides it from me only.
        forEveryone: Query<Option<bool>>,
        #[oai(name = "If-Match")] seen: Header<Option<String>>,
    ) -> Result<NoContent, Refusal<(NotFound, NotTheSender)>> {
        let seen = IfMatch::parse(seen.0)?;
        match forEveryone.0.unwrap_or(true) {
            true => self.messages.delete(who.user_id, id.0, messageId.0, seen).await?,
            false => self.messages.hide(who.user_id, id.0, messageId.0).await?,
        }
        Ok(NoContent)
    }

    /// React to a message
    ///
    /// One of each emoji a person, and 20 different ones a message. The same again changes nothing. Joined sockets are
    /// told with `reactionChanged`.
    #[oai(
        path = "/conversations/:id/messages/:messageId/reactions/:emoji",
        method = "put",
        operation_id = "reactToMessage"
    )]
    #[allow(non_snake_case, reason = "the parameter's name in the document")]
    async fn react(
        &self,
        who: Can<WriteMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        /// The message.
        messageId: Path<MessageId>,
        /// One emoji.
        emoji: Path<Emoji>,
    ) -> Result<Reply<MessageDto>, Refusal<(NotFound, MessageGone, TooManyEmoji)>> {
        Ok(Reply(self.messages.react(who.user_id, id.0, messageId.0, emoji.0, true).await?))
    }

    /// Take my reaction back
    ///
    /// When there is none, nothing changes. Joined sockets are told with `reactionChanged`.
    #[oai(
        path = "/conversations/:id/messages/:messageId/reactions/:emoji",
        method = "delete",
        operation_id = "unreactToMessage"
    )]
    #[allow(non_snake_case, reason = "the parameter's name in the document")]
    async fn unreact(
        &self,
        who: Can<WriteMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        /// The message.
        messageId: Path<MessageId>,
        /// The emoji to take back.
        emoji: Path<Emoji>,
    ) -> Result<Reply<MessageDto>, Refusal<NotFound>> {
        Ok(Reply(self.messages.react(who.user_id, id.0, messageId.0, emoji.0, false).await?))
    }
}
