//! A change to a group, made under its stream's lock: a message is either before it or after it.
//! Everything that it does becomes events, numbered and written down together.

use uuid::Uuid;

use super::{MessagesService, rights::Act};
use crate::{
    infra::db::Tx,
    modules::messages::{
        entity::{ConversationKind, MemberRole, conversations},
        error::MessageError,
        events::{kind, pushed},
        store::{EventRow, MessagesStore},
    },
    realtime::{Slot, Streams},
    wire::{ConversationId, UserId},
};

/// A change that somebody is making. Dropped, it never was.
pub struct GroupChange {
    pub tx: Tx,
    pub conversation: conversations::Model,
    /// The actor's.
    pub role: MemberRole,
    actor: UserId,
    /// The first number, which is also the lock.
    slot: Slot,
    facts: Vec<EventRow>,
}

impl GroupChange {
    /// Locks the group. The actor must be one of its members; what they may do is asked later.
    pub async fn begin(
        service: &MessagesService,
        actor: UserId,
        id: ConversationId,
    ) -> Result<Self, MessageError> {
        let tx = service.db.begin().await?;
        let slot =
            Streams::reserve(&tx, id.into(), service.clock.now()).await?.ok_or(MessageError::NotFound)?;
        let (conversation, role) = MessagesStore::membership(&tx, id, actor).await?;
        if conversation.kind == ConversationKind::Direct {
            return Err(MessageError::DirectIsFixed);
        }
        Ok(Self { tx, conversation, role, actor, slot, facts: Vec::new() })
    }

    pub fn must(&self, act: Act) -> Result<(), MessageError> {
        self.role.must(act)
    }

    /// Somebody has joined or left.
    pub fn tell(&mut self, kind: &'static str, user: UserId) {
        self.fact(kind, user.0);
    }

    /// Gives somebody a role, if it isn't theirs already.
    pub async fn set_role(
        &mut self,
        user: UserId,
        from: MemberRole,
        to: MemberRole,
    ) -> Result<(), MessageError> {
        if from != to {
            MessagesStore::set_role(&self.tx, self.conversation.id, user, to).await?;
            self.fact(kind::ROLE_CHANGED, user.0).role = Some(to);
        }
        Ok(())
    }

    pub async fn rename(&mut self, name: String) -> Result<(), MessageError> {
        if self.conversation.name.as_ref() != Some(&name) {
            self.conversation = MessagesStore::rename(&self.tx, &self.conversation, &name).await?;
            self.fact(kind::CONVERSATION_RENAMED, self.conversation.id.0).name = Some(name);
        }
        Ok(())
    }

    /// The number of the last fact.
    pub fn last_seq(&self) -> i64 {
        self.facts.last().map_or(self.slot.seq - 1, |fact| fact.seq)
    }

    /// Commits and tells. When nothing has happened, no number is taken.
    pub async fn commit(self, service: &MessagesService) -> Result<(), MessageError> {
        let Self { tx, conversation, slot, facts, .. } = self;
        let Some(more) = facts.len().checked_sub(1) else {
            tx.rollback().await?;
            return Ok(());
        };
        let id = conversation.id;
        if more > 0 {
            Streams::reserve_many(&tx, id.into(), more, slot.at).await?;
        }
        MessagesStore::record(&tx, id, &facts).await?;
        tx.commit().await?;
        service
            .streams
            .committed(id.into(), facts.into_iter().map(|fact| pushed(id, fact, slot.at)).collect());
        Ok(())
    }

    fn fact(&mut self, kind: &'static str, subject_id: Uuid) -> &mut EventRow {
        let (seq, at) = (self.last_seq() + 1, self.slot.at);
        let (kind, actor_id) = (kind.to_owned(), Some(self.actor));
        let fact = EventRow {
            seq,
            kind,
            subject_id,
            actor_id,
            at,
            role: None,
            name: None,
            message: None,
            reaction: None,
        };
        self.facts.push_mut(fact)
    }
}
