//! Reading: history, and catching up.

use super::MessagesService;
use crate::{
    modules::messages::{
        dto::{EventDto, MessageDto},
        error::MessageError,
        store::{CatchUpRows, EventRow},
    },
    wire::{CatchUp, ConversationId, Page, PageQuery, UserId},
};

/// Content of one page of events.
const MAX_PAGE_BYTES: usize = 64 * 1024;

impl MessagesService {
    /// Whether somebody may follow the conversation; and whom they have blocked.
    pub async fn admit(&self, asker: UserId, id: ConversationId) -> Result<Vec<UserId>, MessageError> {
        self.store.admit(asker, id).await
    }

    /// Messages before a place, newest first, as they are now.
    pub async fn history(
        &self,
        asker: UserId,
        id: ConversationId,
        page: PageQuery<i64>,
    ) -> Result<Page<MessageDto>, MessageError> {
        let rows = self.store.history(asker, id, &page).await?;
        let now = self.clock.now();
        Ok(page.page(rows, |row| row.message.seq, |row| MessageDto::of(row, now)))
    }

    /// Events after a place, in order.
    pub async fn catch_up(
        &self,
        asker: UserId,
        id: ConversationId,
        after: i64,
        limit: u64,
    ) -> Result<CatchUp<EventDto>, MessageError> {
        let CatchUpRows { head, mut events } = self.store.catch_up(asker, id, after, limit).await?;
        keep_within_budget(&mut events);
        let now = self.clock.now();
        let items = events.into_iter().map(|row| EventDto::of(row, now)).collect();
        Ok(CatchUp::new(after, head, items, |event: &EventDto| event.seq))
    }

    /// Where the stream is, without events: for who wants only what is to come.
    pub async fn head(&self, asker: UserId, id: ConversationId) -> Result<CatchUp<EventDto>, MessageError> {
        let page = self.catch_up(asker, id, i64::MAX, 1).await?;
        Ok(CatchUp { has_more: false, resync: false, ..page })
    }
}

/// A page ends early when its messages are long: what waits for a slow reader is bounded in bytes, too.
/// It always holds something.
fn keep_within_budget(events: &mut Vec<EventRow>) {
    let mut bytes = 0;
    let fits = events.iter().take_while(|event| {
        bytes += event.message.as_ref().map_or(0, |row| row.message.content.len());
        bytes <= MAX_PAGE_BYTES
    });
    let fitting = fits.count().max(1);
    events.truncate(fitting);
}
