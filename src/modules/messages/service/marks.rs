//! How far one has got, for others to see; and what one doesn't want to hear of.

use chrono::{DateTime, Utc};

use super::MessagesService;
use crate::{
    modules::messages::{
        error::MessageError,
        events::{DeliveredMarked, ReadMarked},
        store::Mark,
    },
    wire::{ConversationId, UserId},
};

impl MessagesService {
    /// Moves my read mark forward, never past the head; tells the others. Answers with the mark as it is.
    pub async fn mark_read(&self, reader: UserId, id: ConversationId, seq: i64) -> Result<i64, MessageError> {
        if let Some(mark) = self.unmoved(Mark::Read, reader, id, seq).await? {
            return Ok(mark);
        }
        let event = ReadMarked { conversation_id: id, user_id: reader, seq };
        self.streams.ephemeral(id.into(), &event, reader, None);
        Ok(seq)
    }

    /// The same for what has arrived at one of my devices.
    pub async fn mark_delivered(
        &self,
        user: UserId,
        id: ConversationId,
        seq: i64,
    ) -> Result<i64, MessageError> {
        if let Some(mark) = self.unmoved(Mark::Delivered, user, id, seq).await? {
            return Ok(mark);
        }
        let event = DeliveredMarked { conversation_id: id, user_id: user, seq };
        self.streams.ephemeral(id.into(), &event, user, None);
        Ok(seq)
    }

    /// Moves the mark; nothing when it has been moved, else where it is.
    async fn unmoved(
        &self,
        mark: Mark,
        user: UserId,
        id: ConversationId,
        seq: i64,
    ) -> Result<Option<i64>, MessageError> {
        if self.store.move_mark(mark, user, id, seq).await? {
            return Ok(None);
        }
        let marks = self.store.marks(user, id).await?;
        match seq > marks.head {
            true => Err(MessageError::PastTheHead(marks.head)),
            false => Ok(Some(marks.of(mark))),
        }
    }

    /// Silences a conversation for me until then.
    pub async fn mute(
        &self,
        user: UserId,
        id: ConversationId,
        until: DateTime<Utc>,
    ) -> Result<(), MessageError> {
        if until <= self.clock.now() {
            return Err(MessageError::InThePast);
        }
        self.set_muted(user, id, Some(until)).await
    }

    pub async fn unmute(&self, user: UserId, id: ConversationId) -> Result<(), MessageError> {
        self.set_muted(user, id, None).await
    }

    async fn set_muted(
        &self,
        user: UserId,
        id: ConversationId,
        until: Option<DateTime<Utc>>,
    ) -> Result<(), MessageError> {
        match self.store.mute(user, id, until).await? {
            true => Ok(()),
            false => Err(MessageError::NotFound),
        }
    }
}
