//! Sending: what waits for one conversation is stored in one transaction; then come the answers and the push.

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::DbErr;

use super::MessagesService;
use crate::{
    guards::Fingerprint,
    infra::{
        clock::Clock,
        db::{Db, Tx},
    },
    modules::messages::{
        dto::{MessageDto, NewMessage},
        entity::messages,
        error::MessageError,
        events::{kind, pushed},
        store::{Draft, MessagesStore, SendCheck},
    },
    problem::Problem,
    realtime::{AppendMany, Fact, Outcome, Pushed, Slot, StreamSource, Streams, unknown},
    wire::{ConversationId, StreamId, Text, UserId},
};

impl MessagesService {
    /// Stores a message and answers with it once it is committed; the flag says that it had been
    /// stored before. What was begun goes on to the end even when the sender hangs up.
    pub async fn send(
        &self,
        sender: UserId,
        id: ConversationId,
        new: NewMessage,
    ) -> Result<(MessageDto, bool), MessageError> {
        self.sends.append(id.into(), draft(sender, new)).await
    }

    /// The source of every conversation's stream.
    pub fn source(&self) -> Arc<dyn StreamSource> {
        self.store.clone()
    }
}

fn draft(sender_id: UserId, new: NewMessage) -> Draft {
    let NewMessage { message_id, content: Text(content), kind, reply_to } = new;
    // Of everything a sender decides: the same again is a repetition, anything else a conflict.
    let replied = reply_to.map(|id| id.to_string());
    let fingerprint = Fingerprint::of(&[Some(&content), replied.as_deref()]).to_vec();
    Draft { sender_id, message_id, kind: kind.unwrap_or_default(), content, reply_to, fingerprint }
}

/// How the stream's task reads what it wasn't handed.
#[async_trait]
impl StreamSource for MessagesStore {
    async fn pushed(&self, stream: StreamId, after: i64, limit: u64) -> Result<Vec<Pushed>, Problem> {
        let rows = self.events(stream, after, limit).await?;
        Ok(rows.into_iter().map(|row| pushed(ConversationId(stream.0), row)).collect())
    }
}

/// Stores what was sent.
pub struct Sending {
    pub db: Db,
    pub clock: Clock,
    pub streams: Streams,
}

#[async_trait]
impl AppendMany for Sending {
    type Ask = Draft;
    type Done = (MessageDto, bool);
    type Error = MessageError;

    fn size(draft: &Draft) -> usize {
        draft.content.len()
    }

    async fn append_many(&self, stream: StreamId, drafts: &[Draft]) -> Result<Vec<Outcome<Self>>, DbErr> {
        let tx = Streams::lock(&self.db, stream).await?;
        // Asked under the lock: whoever was removed before it was ours sends nothing any more.
        let id = ConversationId(stream.0);
        let Some((head, checks)) = MessagesStore::check_sends(&tx, id, drafts).await? else {
            tx.rollback().await?;
            return Ok(drafts.iter().map(|_| Err(MessageError::NotFound)).collect());
        };
        let first = Slot { stream, seq: head + 1, at: self.clock.now() };
        let (rows, verdicts) = judge(&first, drafts, checks);
        let stored = self.store(tx, &first, rows).await?;
        let stored = |place: usize| match &stored {
            Ok(messages) => Ok(messages[place].clone()),
            Err(unknown) => Err(unknown.clone().into()),
        };
        let outcome = |verdict| match verdict {
            Verdict::Stored(place) => stored(place).map(|message| (message, false)),
            Verdict::Repeated(place) => stored(place).map(|message| (message, true)),
            Verdict::StoredBefore(row) => Ok((row.into(), true)),
            Verdict::Refused(error) => Err(error),
        };
        Ok(verdicts.into_iter().map(outcome).collect())
    }
}

impl Sending {
    /// Stores, commits and pushes these. Whether a COMMIT that failed was done isn't known.
    async fn store(
        &self,
        tx: Tx,
        first: &Slot,
        rows: Vec<messages::Model>,
    ) -> Result<Result<Vec<MessageDto>, Problem>, DbErr> {
        if rows.is_empty() {
            tx.rollback().await?;
            return Ok(Ok(vec![]));
        }
        let fact = |row: &messages::Model| Fact {
            kind: kind::MESSAGE,
            subject: row.message_id.0,
            actor: Some(row.sender_id),
        };
        let facts: Vec<Fact> = rows.iter().map(fact).collect();
        first.record_many(&tx, &facts, MessagesStore::insert_messages(&tx, first, &rows)).await?;
        if let Err(error) = tx.commit().await {
            tracing::warn!(%error, stream = %first.stream, "a commit of messages failed, or wasn't answered");
            return Ok(Err(unknown()));
        }
        let messages: Vec<MessageDto> = rows.into_iter().map(MessageDto::from).collect();
        let pushed = messages.iter().map(|message| Pushed::of(message.seq, message)).collect();
        self.streams.committed(first.stream, pushed);
        Ok(Ok(messages))
    }
}

/// What becomes of a send.
enum Verdict {
    /// Stored as this one of the rows.
    Stored(usize),
    /// The same as this one, sent twice at once.
    Repeated(usize),
    StoredBefore(messages::Model),
    Refused(MessageError),
}

/// Decides on each in order, as if they had come one after the other; the rows are what is to be stored.
fn judge(first: &Slot, drafts: &[Draft], checks: Vec<SendCheck>) -> (Vec<messages::Model>, Vec<Verdict>) {
    let mut rows: Vec<messages::Model> = Vec::with_capacity(drafts.len());
    let verdict = |(draft, check): (&Draft, SendCheck)| {
        let place_of = |id| rows.iter().position(|row| row.message_id == id);
        let twin = place_of(draft.message_id);
        let reply_exists = |id| check.reply_exists || place_of(id).is_some();
        match (check.existing, twin) {
            _ if !check.is_member => Verdict::Refused(MessageError::NotFound),
            (Some(row), _) if draft.is_stored_as(&row) => Verdict::StoredBefore(row),
            (None, Some(place)) if draft.is_stored_as(&rows[place]) => Verdict::Repeated(place),
            (Some(_), _) | (_, Some(_)) => Verdict::Refused(MessageError::IdTaken),
            _ if !draft.reply_to.is_none_or(reply_exists) => Verdict::Refused(MessageError::NoSuchReply),
            (None, None) => {
                rows.push(draft.row(first, rows.len()));
                Verdict::Stored(rows.len() - 1)
            }
        }
    };
    let verdicts = drafts.iter().zip(checks).map(verdict).collect();
    (rows, verdicts)
}
