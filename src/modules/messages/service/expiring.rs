//! What has expired goes: its place is left, and an event says so. Nothing of it is shown from its moment on, however
//! late this comes.

use chrono::{DateTime, Utc};

use super::MessagesService;
use crate::{
    infra::detached::to_the_end,
    modules::messages::{
        entity::messages,
        error::MessageError,
        events::{kind, pushed},
        store::{EventRow, MessageRow, MessagesStore},
    },
    problem::Problem,
    realtime::{Slot, Streams},
    wire::ConversationId,
};

/// Conversations that are swept in one go, and messages of each under one lock.
const CONVERSATIONS: u64 = 100;
const MESSAGES: u64 = 100;

impl MessagesService {
    /// Sweeps up what is due now, some of it at least; says how much. Any number of nodes may do so at once: whoever
    /// gets the stream's lock later finds less.
    pub async fn sweep(&self) -> Result<usize, MessageError> {
        let (now, mut swept) = (self.clock.now(), 0);
        for id in self.store.with_due(now, CONVERSATIONS).await? {
            let this = self.clone();
            match to_the_end(async move { this.sweep_one(id, now).await }).await {
                Ok(count) => swept += count,
                // One that can't be swept doesn't keep the others from it.
                Err(error) => {
                    let problem = Problem::from(error);
                    tracing::warn!(%problem, conversation = %id, "what has expired couldn't be swept up");
                }
            }
        }
        Ok(swept)
    }

    async fn sweep_one(self, id: ConversationId, now: DateTime<Utc>) -> Result<usize, MessageError> {
        let tx = self.db.begin().await?;
        let first = Streams::reserve_quietly(&tx, id.into(), 1, now).await?.ok_or(MessageError::NotFound)?;
        let mut due = MessagesStore::due(&tx, id, now, MESSAGES).await?;
        let Some(more) = due.len().checked_sub(1) else {
            tx.rollback().await?;
            return Ok(0);
        };
        if more > 0 {
            Streams::reserve_quietly(&tx, id.into(), more, now).await?;
        }
        due.iter_mut().for_each(|message| message.erase(message.expires_at.unwrap_or(now)));
        MessagesStore::expire(&tx, id, &due).await?;
        let events: Vec<EventRow> =
            due.into_iter().zip(first.seq..).map(|(row, seq)| event(&first, seq, row)).collect();
        Streams::record(&tx, events.iter().map(|event| event.event(id.into())).collect()).await?;
        tx.commit().await?;
        let swept = events.len();
        self.streams.committed(id.into(), events.into_iter().map(|event| pushed(id, event, now)).collect());
        Ok(swept)
    }
}

fn event(first: &Slot, seq: i64, message: messages::Model) -> EventRow {
    EventRow {
        seq,
        kind: kind::MESSAGE_EXPIRED.to_owned(),
        subject_id: message.message_id.0,
        actor_id: None,
        at: first.at,
        role: None,
        name: None,
        message: Some(MessageRow { message, replied: None, mine: Vec::new() }),
        reaction: None,
    }
}
