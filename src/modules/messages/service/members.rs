//! Who is in a conversation. Every change is an event in its stream, under the stream's lock: a
//! message is either before a removal or after it.

use super::{MAX_MEMBERS, MessagesService};
use crate::{
    infra::{db::Tx, detached::to_the_end},
    modules::messages::{
        dto::{MemberDto, NewMembers},
        entity::{ConversationKind, MemberRole, members},
        error::MessageError,
        events::{kind, pushed},
        store::{EventRow, MessagesStore},
    },
    realtime::{Slot, Streams},
    wire::{ConversationId, Page, PageQuery, UserId},
};

impl MessagesService {
    pub async fn members(
        &self,
        asker: UserId,
        id: ConversationId,
        page: PageQuery<UserId>,
    ) -> Result<Page<MemberDto>, MessageError> {
        let rows = self.store.members(asker, id, &page).await?;
        if rows.is_empty() {
            // Either the pages have run out, or the asker is no member.
            self.store.conversation(asker, id).await?;
        }
        Ok(page.page(rows, |row| row.user.id, MemberDto::from))
    }

    /// The owner adds people; who is a member already stays as they are.
    pub async fn add(&self, owner: UserId, id: ConversationId, new: NewMembers) -> Result<(), MessageError> {
        self.must_exist("/userIds", &new.user_ids).await?;
        let this = self.clone();
        to_the_end(async move { this.add_all(owner, id, new.user_ids).await }).await
    }

    async fn add_all(
        self,
        owner: UserId,
        id: ConversationId,
        users: Vec<UserId>,
    ) -> Result<(), MessageError> {
        let now = self.clock.now();
        let tx = self.db.begin().await?;
        let mut slot = Streams::reserve(&tx, id.into(), now).await?.ok_or(MessageError::NotFound)?;
        group_of(&tx, id, owner, true).await?;
        let present = MessagesStore::member_ids(&tx, id).await?;
        let joining: Vec<UserId> = users.into_iter().filter(|user| !present.contains(user)).collect();
        if joining.is_empty() {
            tx.rollback().await?;
            return Ok(());
        }
        if present.len() + joining.len() > MAX_MEMBERS {
            return Err(MessageError::TooManyMembers { most: MAX_MEMBERS });
        }
        let mut rows = Vec::with_capacity(joining.len());
        for (place, user) in joining.iter().enumerate() {
            if place > 0 {
                slot = Streams::reserve(&tx, id.into(), now).await?.ok_or(MessageError::NotFound)?;
            }
            slot.record(&tx, kind::MEMBER_JOINED, user.0, Some(owner)).await?;
            rows.push(event(&slot, kind::MEMBER_JOINED, *user, owner));
        }
        let member = |user_id| members::Model {
            conversation_id: id,
            user_id,
            role: MemberRole::Member,
            joined_at: now,
            last_read_seq: slot.seq,
        };
        MessagesStore::insert_members(&tx, joining.into_iter().map(member).collect()).await?;
        tx.commit().await?;
        self.streams.committed(id.into(), rows.into_iter().map(|row| pushed(id, row)).collect());
        Ok(())
    }

    /// The owner removes somebody, or somebody leaves. When the owner leaves, whoever has been there
    /// longest owns the conversation.
    pub async fn remove(&self, actor: UserId, id: ConversationId, user: UserId) -> Result<(), MessageError> {
        let this = self.clone();
        to_the_end(async move { this.remove_one(actor, id, user).await }).await
    }

    async fn remove_one(self, actor: UserId, id: ConversationId, user: UserId) -> Result<(), MessageError> {
        let tx = self.db.begin().await?;
        let slot = Streams::reserve(&tx, id.into(), self.clock.now()).await?.ok_or(MessageError::NotFound)?;
        let role = group_of(&tx, id, actor, actor != user).await?;
        if !MessagesStore::remove_member(&tx, id, user).await? {
            return Err(MessageError::NoSuchMember);
        }
        if actor == user && role == MemberRole::Owner {
            let heir = MessagesStore::member_ids(&tx, id).await?.into_iter().next();
            if let Some(heir) = heir {
                MessagesStore::set_role(&tx, id, heir, MemberRole::Owner).await?;
            }
        }
        slot.record(&tx, kind::MEMBER_LEFT, user.0, Some(actor)).await?;
        tx.commit().await?;
        self.streams.committed(id.into(), vec![pushed(id, event(&slot, kind::MEMBER_LEFT, user, actor))]);
        Ok(())
    }
}

/// The actor's role in a group; whoever changes others must own it.
async fn group_of(
    tx: &Tx,
    id: ConversationId,
    actor: UserId,
    must_own: bool,
) -> Result<MemberRole, MessageError> {
    let (conversation, role) = MessagesStore::membership(tx, id, actor).await?;
    if conversation.kind == ConversationKind::Direct {
        return Err(MessageError::DirectIsFixed);
    }
    match must_own && role != MemberRole::Owner {
        true => Err(MessageError::NotTheOwner),
        false => Ok(role),
    }
}

fn event(slot: &Slot, kind: &str, user: UserId, actor: UserId) -> EventRow {
    EventRow {
        seq: slot.seq,
        kind: kind.to_owned(),
        subject_id: user.0,
        actor_id: Some(actor),
        at: slot.at,
        message: None,
    }
}
