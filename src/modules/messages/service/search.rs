//! Finding what was said.

use chrono::Datelike;

use super::MessagesService;
use crate::{
    modules::messages::{
        dto::MessageDto,
        error::MessageError,
        store::{ByTime, MessageRow},
    },
    problem::{Problem, codes},
    wire::{ConversationId, Page, PageQuery, UserId},
};

impl MessagesService {
    /// Messages of my conversations, newest first, that hold words beginning with each of the text's. A text without
    /// letters or digits finds nothing.
    pub async fn search(
        &self,
        asker: UserId,
        text: &str,
        within: Option<ConversationId>,
        page: PageQuery<ByTime>,
    ) -> Result<Page<MessageDto>, MessageError> {
        if page.after.is_some_and(|(at, ..)| !(1970..=9999).contains(&at.year())) {
            return Err(
                Problem::of::<codes::CursorInvalid>("Use a nextCursor as it was given, or none.").into()
            );
        }
        let now = self.clock.now();
        let words: Vec<&str> =
            text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let rows = match words.is_empty() {
            true => Vec::new(),
            false => self.store.search(asker, &words, within, &page, now).await?,
        };
        let place = |row: &MessageRow| (row.message.created_at, row.message.conversation_id, row.message.seq);
        Ok(page.page(rows, place, |row| MessageDto::of(row, now)))
    }
}
