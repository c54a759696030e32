use std::sync::Arc;

use poem_openapi::{OpenApi, param::Query};

use super::Tag;
use crate::{
    guards::Can,
    modules::messages::{dto::MessageDto, permissions::ReadMessages, service::MessagesService},
    problem::Refusal,
    wire::{ConversationId, Page, PageQuery, Reply},
};

/// Finding messages, over REST.
pub struct SearchController {
    messages: Arc<MessagesService>,
}

impl SearchController {
    pub fn new(messages: Arc<MessagesService>) -> Self {
        Self { messages }
    }
}

#[OpenApi(tag = "Tag::Messages")]
impl SearchController {
    /// Find messages of my conversations, newest first
    ///
    /// Those with words that begin with each word of `query`, whichever case. Words are letters and digits; signs part
    /// them. What was deleted, and what people have said whom I have blocked, isn't found.
    #[oai(path = "/messages/search", method = "get", operation_id = "searchMessages")]
    async fn search(
        &self,
        who: Can<ReadMessages>,
        /// Any text; one without letters or digits finds nothing.
        #[oai(validator(min_length = 1, max_length = 100))]
        query: Query<String>,
        /// Only in this one; nothing is found in one that isn't mine.
        #[oai(name = "conversationId")]
        within: Query<Option<ConversationId>>,
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))] limit: Query<Option<u64>>,
        cursor: Query<Option<String>>,
    ) -> Result<Reply<Page<MessageDto>>, Refusal> {
        let page = PageQuery::new(limit.0, cursor.0)?;
        Ok(Reply(self.messages.search(who.user_id, &query.0, within.0, page).await?))
    }
}
