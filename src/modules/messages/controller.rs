mod marks;
mod members;
mod message;
mod search;

pub use {
    marks::MarksController, members::MembersController, message::MessageController, search::SearchController,
};

use std::sync::Arc;

use poem_openapi::{
    OpenApi, Tags,
    param::{Header, Path, Query},
};

use super::{
    dto::{ConversationDto, ConversationEdit, EventDto, MessageDto, NewConversation, NewMessage},
    error::{BlockedThem, DirectIsFixed, MessageIdTaken, NotAnAdmin, Unreachable},
    permissions::{ReadMessages, WriteMessages},
    service::MessagesService,
};
use crate::{
    guards::{Can, IdempotencyKey},
    problem::{Refusal, codes::NotFound},
    wire::{CatchUp, ConversationId, IfMatch, Page, PageQuery, Reply, Stored, Valid, Versioned},
};

/// Conversations and messages over REST.
pub struct MessagesController {
    messages: Arc<MessagesService>,
}

impl MessagesController {
    pub fn new(messages: Arc<MessagesService>) -> Self {
        Self { messages }
    }
}

#[derive(Tags)]
enum Tag {
    /// Conversations and messages; the same over Socket.IO.
    Messages,
}

#[OpenApi(tag = "Tag::Messages")]
impl MessagesController {
    /// Begin a conversation
    ///
    /// With one other person and no name it is the direct conversation with them: the same one again. With the
    /// same `Idempotency-Key` again, the one of the first time; 404 when I have left it since.
    #[oai(path = "/conversations", method = "post", operation_id = "createConversation")]
    async fn create(
        &self,
        who: Can<WriteMessages>,
        #[oai(name = "Idempotency-Key")] key: Header<Option<IdempotencyKey>>,
        body: Valid<NewConversation>,
    ) -> Result<Stored<ConversationDto>, Refusal<(NotFound, BlockedThem)>> {
        let (body, repeated) = self.messages.create(who.user_id, body.0, key.0).await?;
        Ok(Stored { location: format!("/conversations/{}", body.id), body, repeated })
    }

    /// My conversations, by latest activity
    ///
    /// A message, or somebody joining or leaving, moves a conversation to the front.
    #[oai(path = "/conversations", method = "get", operation_id = "listConversations")]
    async fn list(
        &self,
        who: Can<ReadMessages>,
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))] limit: Query<Option<u64>>,
        cursor: Query<Option<String>>,
    ) -> Result<Reply<Page<ConversationDto>>, Refusal> {
        let page = PageQuery::new(limit.0, cursor.0)?;
        Ok(Reply(self.messages.list(who.user_id, page).await?))
    }

    /// One of my conversations
    ///
    /// With how far I have read, and how much I haven't. Its `ETag` names the version, which renaming changes.
    #[oai(path = "/conversations/:id", method = "get", operation_id = "getConversation")]
    async fn get(
        &self,
        who: Can<ReadMessages>,
        /// The conversation.
        id: Path<ConversationId>,
    ) -> Result<Versioned<ConversationDto>, Refusal<NotFound>> {
        let (body, version) = self.messages.read(who.user_id, id.0).await?;
        Ok(Versioned { body, version })
    }

    /// Rename a group
    ///
    /// The owner and admins may. With `If-Match`, only if it is still that version. Joined sockets are told with
    /// `conversationChanged`.
    #[oai(path = "/conversations/:id", method = "patch", operation_id = "editConversation")]
    async fn edit(
        &self,
        who: Can<WriteMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        #[oai(name = "If-Match")] seen: Header<Option<String>>,
        body: Valid<ConversationEdit>,
    ) -> Result<Versioned<ConversationDto>, Refusal<(NotFound, NotAnAdmin, DirectIsFixed)>> {
        let (name, seen) = (body.0.name.into(), IfMatch::parse(seen.0)?);
        let (body, version) = self.messages.rename(who.user_id, id.0, name, seen).await?;
        Ok(Versioned { body, version })
    }

    /// Send a message
    ///
    /// Answers once it is stored. The same message again, with the same `messageId`, stores nothing new. In a direct
    /// conversation neither may have blocked the other.
    #[oai(path = "/conversations/:id/messages", method = "post", operation_id = "sendMessage")]
    async fn send(
        &self,
        who: Can<WriteMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        body: Valid<NewMessage>,
    ) -> Result<Stored<MessageDto>, Refusal<(NotFound, MessageIdTaken, BlockedThem, Unreachable)>> {
        let (body, repeated) = self.messages.send(who.user_id, id.0, body.0).await?;
        let location =
            format!("/conversations/{}/events?after={}&limit=1", body.conversation_id, body.seq - 1);
        Ok(Stored { location, body, repeated })
    }

    /// History, newest first
    ///
    /// As they are now. What else happened in the conversation is among its events.
    #[oai(path = "/conversations/:id/messages", method = "get", operation_id = "listMessages")]
    async fn history(
        &self,
        who: Can<ReadMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        /// Messages with a smaller seq.
        #[oai(validator(minimum(value = "0")))]
        before: Query<Option<i64>>,
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))] limit: Query<Option<u64>>,
        /// Goes on where a page ended; wins over `before`.
        cursor: Query<Option<String>>,
    ) -> Result<Reply<Page<MessageDto>>, Refusal<NotFound>> {
        let mut page = PageQuery::new(limit.0, cursor.0)?;
        page.after = page.after.or(before.0);
        Ok(Reply(self.messages.history(who.user_id, id.0, page).await?))
    }

    /// What happened after a place, in order
    ///
    /// How to catch up after an absence: ask with the last `seq` I have until `hasMore` is false.
    #[oai(path = "/conversations/:id/events", method = "get", operation_id = "listEvents")]
    async fn events(
        &self,
        who: Can<ReadMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        /// The seq of the last event I have; 0 for all.
        #[oai(validator(minimum(value = "0")))]
        after: Query<Option<i64>>,
        /// At most so many; 100 when absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<u64>>,
    ) -> Result<Reply<CatchUp<EventDto>>, Refusal<NotFound>> {
        let (after, limit) = (after.0.unwrap_or(0), limit.0.unwrap_or(100));
        Ok(Reply(self.messages.catch_up(who.user_id, id.0, after, limit).await?))
    }
}
