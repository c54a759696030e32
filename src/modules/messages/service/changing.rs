//! Changing a message that is there. Every change is an event of its own, under the stream's lock; the
//! message keeps its place.

use super::{MessagesService, rights::Act};
use crate::{
    infra::{db::Tx, detached::to_the_end},
    modules::messages::{
        dto::{MessageDto, MessageEdit},
        entity::ConversationKind,
        error::MessageError,
        events::{kind, pushed},
        store::{EventRow, FoundMessage, MessagesStore, ReactionRow},
    },
    realtime::{Slot, Streams},
    wire::{ConversationId, IfMatch, MessageId, UserId},
};

/// A message and the version that `If-Match` can name.
pub type Versioned = (MessageDto, i32);

/// A message under its stream's lock, and the number that its next event takes. Dropped, it gives both back.
pub(super) struct Held {
    pub tx: Tx,
    pub slot: Slot,
    pub found: FoundMessage,
}

impl MessagesService {
    /// One message, as it is now.
    pub async fn message(
        &self,
        reader: UserId,
        id: ConversationId,
        message_id: MessageId,
    ) -> Result<Versioned, MessageError> {
        let FoundMessage { row, .. } = self.store.message(reader, id, message_id).await?;
        let version = row.message.version;
        Ok((MessageDto::of(row, self.clock.now()), version))
    }

    /// Changes what my message says, while it may still be edited. The same content again changes nothing
    /// and takes no number.
    pub async fn edit(
        &self,
        sender: UserId,
        id: ConversationId,
        message_id: MessageId,
        edit: MessageEdit,
        seen: IfMatch,
    ) -> Result<Versioned, MessageError> {
        let this = self.clone();
        to_the_end(async move { this.edit_and_push(sender, id, message_id, edit.content.0, seen).await })
            .await
    }

    async fn edit_and_push(
        self,
        sender: UserId,
        id: ConversationId,
        message_id: MessageId,
        content: String,
        seen: IfMatch,
    ) -> Result<Versioned, MessageError> {
        let mut held = self.hold(sender, id, message_id).await?;
        let (now, message) = (held.slot.at, &mut held.found.row.message);
        if message.sender_id != sender {
            return Err(MessageError::NotTheSender);
        }
        if message.gone(now).is_some() {
            return Err(MessageError::Gone);
        }
        seen.check(message.version)?;
        if message.content == content {
            let version = message.version;
            held.tx.rollback().await?;
            return Ok((MessageDto::of(held.found.row, now), version));
        }
        if self.edit_within.is_zero() || now > message.created_at + self.edit_within {
            return Err(MessageError::TooLateToEdit);
        }
        message.replace(content, now);
        let version = message.version;
        Ok((self.record(held, kind::MESSAGE_EDITED, sender, None).await?, version))
    }

    /// Deletes a message for everyone: its place is left, and nothing of its content. One that is gone already
    /// stays so.
    pub async fn delete(
        &self,
        actor: UserId,
        id: ConversationId,
        message_id: MessageId,
        seen: IfMatch,
    ) -> Result<(), MessageError> {
        let this = self.clone();
        to_the_end(async move { this.delete_and_push(actor, id, message_id, seen).await }).await
    }

    async fn delete_and_push(
        self,
        actor: UserId,
        id: ConversationId,
        message_id: MessageId,
        seen: IfMatch,
    ) -> Result<(), MessageError> {
        let mut held = self.hold(actor, id, message_id).await?;
        let FoundMessage { row, kind, role } = &mut held.found;
        // Whoever began a conversation of two owns it no more than the other does.
        let may = *kind == ConversationKind::Group && role.may(Act::DeleteMessages);
        if row.message.sender_id != actor && !may {
            return Err(MessageError::NotTheSender);
        }
        if row.message.gone(held.slot.at).is_some() {
            return Ok(held.tx.rollback().await?);
        }
        seen.check(row.message.version)?;
        row.message.erase(held.slot.at);
        MessagesStore::forget_reactions(&held.tx, id, &[message_id]).await?;
        self.record(held, kind::MESSAGE_DELETED, actor, None).await?;
        Ok(())
    }

    /// Takes the stream's lock, and finds the message. That it changes is no news that moves the conversation.
    pub(super) async fn hold(
        &self,
        actor: UserId,
        id: ConversationId,
        message_id: MessageId,
    ) -> Result<Held, MessageError> {
        let tx = self.db.begin().await?;
        let slot = Streams::reserve_quietly(&tx, id.into(), 1, self.clock.now()).await?;
        let slot = slot.ok_or(MessageError::NotFound)?;
        let found = self.store.message_in(&tx, actor, id, message_id).await?;
        Ok(Held { tx, slot, found })
    }

    /// Stores what has been changed about the message, as an event; tells who follows once it is committed.
    pub(super) async fn record(
        &self,
        Held { tx, slot, found }: Held,
        kind: &str,
        actor: UserId,
        reaction: Option<ReactionRow>,
    ) -> Result<MessageDto, MessageError> {
        let FoundMessage { row, .. } = found;
        let (id, message_id) = (row.message.conversation_id, row.message.message_id);
        MessagesStore::update_message(&tx, &row.message).await?;
        slot.record(&tx, kind, message_id.0, Some(actor)).await?;
        tx.commit().await?;
        let event = EventRow {
            seq: slot.seq,
            kind: kind.to_owned(),
            subject_id: message_id.0,
            actor_id: Some(actor),
            at: slot.at,
            role: None,
            name: None,
            message: Some(row.clone().for_everybody()),
            reaction,
        };
        self.streams.committed(id.into(), vec![pushed(id, event, slot.at)]);
        Ok(MessageDto::of(row, slot.at))
    }
}
