//! Deleting a message for oneself. Nobody else notices; my other devices learn of it through my own stream.

use async_trait::async_trait;
use uuid::Uuid;

use super::MessagesService;
use crate::{
    infra::detached::to_the_end,
    modules::messages::{
        entity::hidden,
        error::MessageError,
        events::{MessageHidden, kind},
        store::MessagesStore,
    },
    problem::Problem,
    realtime::{Noted, OwnFacts, Pushed, Streams},
    wire::{ConversationId, MessageId, StreamId, UserId},
};

impl MessagesService {
    /// Hides a message from whoever asks. The same again changes nothing and takes no number.
    pub async fn hide(
        &self,
        user: UserId,
        id: ConversationId,
        message_id: MessageId,
    ) -> Result<(), MessageError> {
        let this = self.clone();
        to_the_end(async move { this.hide_and_tell(user, id, message_id).await }).await
    }

    async fn hide_and_tell(
        self,
        user_id: UserId,
        conversation_id: ConversationId,
        message_id: MessageId,
    ) -> Result<(), MessageError> {
        let tx = self.db.begin().await?;
        if self.store.is_hidden(&tx, user_id, conversation_id, message_id).await? {
            return Ok(tx.rollback().await?);
        }
        let (id, now) = (Uuid::now_v7(), self.clock.now());
        let row = hidden::Model { conversation_id, message_id, user_id, id, created_at: now };
        if !MessagesStore::hide(&tx, row).await? {
            // Another of my devices was faster.
            return Ok(tx.rollback().await?);
        }
        let slot = Streams::append(&tx, StreamId::from(user_id), now).await?;
        slot.record(&tx, kind::MESSAGE_HIDDEN, id, Some(user_id)).await?;
        tx.commit().await?;
        let event = MessageHidden { seq: slot.seq, at: now.into(), conversation_id, message_id };
        self.streams.committed(slot.stream, vec![Pushed::of(slot.seq, &event)]);
        Ok(())
    }
}

/// What my other devices are told.
#[async_trait]
impl OwnFacts for MessagesService {
    fn kinds(&self) -> &'static [&'static str] {
        &[kind::MESSAGE_HIDDEN]
    }

    async fn pushed(&self, user: UserId, events: &[Noted]) -> Result<Vec<Pushed>, Problem> {
        let ids: Vec<Uuid> = events.iter().map(|event| event.subject).collect();
        let rows = self.store.hidden(user, &ids).await?;
        let pushed = |Noted { seq, subject, at, .. }: &Noted| {
            let row = rows.iter().find(|row| row.id == *subject)?;
            let (seq, at, conversation_id) = (*seq, (*at).into(), row.conversation_id);
            Some(Pushed::of(seq, &MessageHidden { seq, at, conversation_id, message_id: row.message_id }))
        };
        Ok(events.iter().filter_map(pushed).collect())
    }
}
