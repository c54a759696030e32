//! Sending: one transaction, then the answer and the push.

use std::sync::Arc;

use async_trait::async_trait;

use super::MessagesService;
use crate::{
    guards::Fingerprint,
    infra::detached::to_the_end,
    modules::messages::{
        dto::{MessageDto, NewMessage},
        entity::messages,
        error::MessageError,
        events::{kind, pushed},
        store::MessagesStore,
    },
    problem::Problem,
    realtime::{Pushed, StreamSource, Streams},
    wire::{ConversationId, StreamId, Text, UserId},
};

impl MessagesService {
    /// Stores a message and answers with it once it is committed; the flag says that it had been
    /// stored before. Goes on to the end even when the sender hangs up.
    pub async fn send(
        &self,
        sender: UserId,
        id: ConversationId,
        new: NewMessage,
    ) -> Result<(MessageDto, bool), MessageError> {
        let this = self.clone();
        to_the_end(async move { this.store_and_push(sender, id, new).await }).await
    }

    async fn store_and_push(
        self,
        sender: UserId,
        id: ConversationId,
        new: NewMessage,
    ) -> Result<(MessageDto, bool), MessageError> {
        let NewMessage { message_id, content: Text(content), kind, reply_to } = new;
        let kind = kind.unwrap_or_default();
        let fingerprint = fingerprint(&content, reply_to.map(|id| id.to_string()));

        let tx = self.db.begin().await?;
        let slot = Streams::reserve(&tx, id.into(), self.clock.now()).await?.ok_or(MessageError::NotFound)?;
        let check = self.store.send_check(&tx, id, sender, message_id, reply_to).await?;
        if let Some(existing) = check.existing {
            // The number is given back: a repetition takes none.
            tx.rollback().await?;
            let same = existing.sender_id == sender && existing.fingerprint == fingerprint;
            return if same { Ok((existing.into(), true)) } else { Err(MessageError::IdTaken) };
        }
        if reply_to.is_some() && !check.reply_exists {
            return Err(MessageError::NoSuchReply);
        }
        let row = messages::Model {
            conversation_id: id,
            message_id,
            seq: slot.seq,
            sender_id: sender,
            kind,
            content,
            reply_to,
            fingerprint,
            created_at: slot.at,
            edited_at: None,
            deleted_at: None,
        };
        MessagesStore::insert_message(&tx, &row).await?;
        slot.record(&tx, kind::MESSAGE, message_id.0, Some(sender)).await?;
        tx.commit().await?;

        let message = MessageDto::from(row);
        self.streams.committed(id.into(), vec![Pushed::of(slot.seq, &message)]);
        Ok((message, false))
    }
}

/// Of everything a sender decides: the same again is a repetition, anything else a conflict.
fn fingerprint(content: &str, reply_to: Option<String>) -> Vec<u8> {
    Fingerprint::of(&[Some(content), reply_to.as_deref()]).to_vec()
}

/// How the stream's task reads what it wasn't handed.
#[async_trait]
impl StreamSource for MessagesStore {
    async fn pushed(&self, stream: StreamId, after: i64, limit: u64) -> Result<Vec<Pushed>, Problem> {
        let rows = self.events(stream, after, limit).await?;
        Ok(rows.into_iter().map(|row| pushed(ConversationId(stream.0), row)).collect())
    }
}

impl MessagesService {
    /// The source of every conversation's stream.
    pub fn source(&self) -> Arc<dyn StreamSource> {
        self.store.clone()
    }
}
