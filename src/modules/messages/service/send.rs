//! Sending: what waits for one conversation is stored in one transaction; then come the answers and the push.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
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
        error::MessageError,
        events::{Hidden, kind, pushed, sent},
        store::{Draft, MessageRow, MessagesStore, RepliedRow, SendCheck},
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
        Arc::new(Source { store: self.store.clone(), clock: self.clock.clone() })
    }
}

fn draft(sender_id: UserId, new: NewMessage) -> Draft {
    let NewMessage { message_id, content: Text(content), kind, reply_to, expires_in_secs } = new;
    // Of everything a sender decides: the same again is a repetition, anything else a conflict.
    let replied = reply_to.map(|id| id.to_string());
    let expires = expires_in_secs.map(|secs| secs.to_string());
    let mut parts = vec![Some(content.as_str()), replied.as_deref()];
    // One that doesn't expire has the fingerprint that it had before there were others.
    parts.extend(expires.as_deref().map(Some));
    let (fingerprint, kind) = (Fingerprint::of(&parts).to_vec(), kind.unwrap_or_default());
    let expires_in = expires_in_secs.map(|secs| TimeDelta::seconds(secs.into()));
    Draft { sender_id, message_id, kind, content, reply_to, fingerprint, expires_in }
}

/// How the stream's task reads what it wasn't handed.
struct Source {
    store: Arc<MessagesStore>,
    clock: Clock,
}

#[async_trait]
impl StreamSource for Source {
    async fn pushed(&self, stream: StreamId, after: i64, limit: u64) -> Result<Vec<Pushed>, Problem> {
        let (rows, now) = (self.store.events(stream, after, limit).await?, self.clock.now());
        Ok(rows.into_iter().map(|row| pushed(ConversationId(stream.0), row, now)).collect())
    }

    fn hidden(&self, stream: StreamId, seq: i64) -> Pushed {
        Pushed::of(seq, &Hidden { conversation_id: ConversationId(stream.0), seq })
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
            Verdict::StoredBefore(row) => Ok((MessageDto::of(*row, first.at), true)),
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
        rows: Vec<MessageRow>,
    ) -> Result<Result<Vec<MessageDto>, Problem>, DbErr> {
        if rows.is_empty() {
            tx.rollback().await?;
            return Ok(Ok(vec![]));
        }
        let fact = |row: &MessageRow| Fact {
            kind: kind::MESSAGE,
            subject: row.message.message_id.0,
            actor: Some(row.message.sender_id),
        };
        let facts: Vec<Fact> = rows.iter().map(fact).collect();
        first.record_many(&tx, &facts, MessagesStore::insert_messages(&tx, first, &rows)).await?;
        if let Err(error) = tx.commit().await {
            tracing::warn!(%error, stream = %first.stream, "a commit of messages failed, or wasn't answered");
            return Ok(Err(unknown()));
        }
        let (messages, pushed) = rows.into_iter().map(|row| answered_and_pushed(row, first.at)).unzip();
        self.streams.committed(first.stream, pushed);
        Ok(Ok(messages))
    }
}

/// A message as its sender gets it, and as everybody does.
fn answered_and_pushed(row: MessageRow, now: DateTime<Utc>) -> (MessageDto, Pushed) {
    let is_kept = row.replied.as_ref().is_some_and(|replied| replied.is_kept);
    let mut message = MessageDto::of(row.for_everybody(), now);
    let pushed = sent(&message);
    message.replied = message.replied.filter(|_| !is_kept);
    (message, pushed)
}

/// What becomes of a send.
enum Verdict {
    /// Stored as this one of the rows.
    Stored(usize),
    /// The same as this one, sent twice at once.
    Repeated(usize),
    StoredBefore(Box<MessageRow>),
    Refused(MessageError),
}

/// Decides on each in order, as if they had come one after the other; the rows are what is to be stored.
fn judge(first: &Slot, drafts: &[Draft], checks: Vec<SendCheck>) -> (Vec<MessageRow>, Vec<Verdict>) {
    let mut rows: Vec<MessageRow> = Vec::with_capacity(drafts.len());
    let verdict = |(draft, check): (&Draft, SendCheck)| {
        let place_of = |id| rows.iter().position(|row| row.message.message_id == id);
        let twin = place_of(draft.message_id);
        let replied = draft.reply_to.and_then(|id| {
            check.replied.or_else(|| place_of(id).map(|place| RepliedRow::of(&rows[place].message, false)))
        });
        match (check.existing, twin) {
            _ if !check.is_member => Verdict::Refused(MessageError::NotFound),
            (Some(row), _) if draft.is_stored_as(&row.message) => Verdict::StoredBefore(Box::new(row)),
            (None, Some(place)) if draft.is_stored_as(&rows[place].message) => Verdict::Repeated(place),
            (Some(_), _) | (_, Some(_)) => Verdict::Refused(MessageError::IdTaken),
            _ if let Some(closed) = check.closed => Verdict::Refused(closed.into()),
            _ if draft.reply_to.is_some() && replied.is_none() => Verdict::Refused(MessageError::NoSuchReply),
            (None, None) => {
                let message = draft.row(first, rows.len());
                rows.push(MessageRow { message, replied, mine: Vec::new() });
                Verdict::Stored(rows.len() - 1)
            }
        }
    };
    let verdicts = drafts.iter().zip(checks).map(verdict).collect();
    (rows, verdicts)
}
