//! Who is in a conversation, and as what.

use super::{MAX_MEMBERS, MessagesService, group::GroupChange, rights::Act};
use crate::{
    infra::detached::to_the_end,
    modules::messages::{
        dto::{ConversationDto, MemberDto, NewMembers},
        entity::{MemberRole, members},
        error::MessageError,
        events::kind,
        store::MessagesStore,
    },
    wire::{ConversationId, IfMatch, Page, PageQuery, UserId},
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
            self.store.admit(asker, id).await?;
        }
        Ok(page.page(rows, |row| row.user.id, MemberDto::from))
    }

    /// The owner or an admin adds people; who is a member already stays as they are.
    pub async fn add(&self, actor: UserId, id: ConversationId, new: NewMembers) -> Result<(), MessageError> {
        self.must_exist(actor, "/userIds", &new.user_ids).await?;
        let this = self.clone();
        to_the_end(async move { this.add_all(actor, id, new.user_ids).await }).await
    }

    async fn add_all(
        self,
        actor: UserId,
        id: ConversationId,
        users: Vec<UserId>,
    ) -> Result<(), MessageError> {
        let mut change = GroupChange::begin(&self, actor, id).await?;
        change.must(Act::Add)?;
        let present = MessagesStore::member_ids(&change.tx, id).await?;
        let joining: Vec<UserId> = users.into_iter().filter(|user| !present.contains(user)).collect();
        if present.len() + joining.len() > MAX_MEMBERS {
            return Err(MessageError::TooManyMembers { most: MAX_MEMBERS });
        }
        joining.iter().for_each(|user| change.tell(kind::MEMBER_JOINED, *user));
        if !joining.is_empty() {
            let (joined_at, last_read_seq) = (self.clock.now(), change.last_seq());
            let member = |user_id| members::Model {
                conversation_id: id,
                user_id,
                role: MemberRole::Member,
                joined_at,
                last_read_seq,
                last_delivered_seq: last_read_seq,
                muted_until: None,
            };
            MessagesStore::insert_members(&change.tx, joining.into_iter().map(member).collect()).await?;
        }
        change.commit(&self).await
    }

    /// Somebody is removed, or leaves. When the owner leaves, the admin who has been there longest owns the
    /// group, or, where there is none, the member. What the last one leaves behind is nobody's to read.
    pub async fn remove(&self, actor: UserId, id: ConversationId, user: UserId) -> Result<(), MessageError> {
        let this = self.clone();
        to_the_end(async move { this.remove_one(actor, id, user).await }).await
    }

    async fn remove_one(self, actor: UserId, id: ConversationId, user: UserId) -> Result<(), MessageError> {
        let mut change = GroupChange::begin(&self, actor, id).await?;
        if actor != user {
            // A stranger to the group is no secret to its members, who all see the list of them.
            let role = MessagesStore::role(&change.tx, id, user).await?;
            change.must(Act::Remove(role.unwrap_or(MemberRole::Member)))?;
            role.ok_or(MessageError::NoSuchMember)?;
        }
        MessagesStore::remove_member(&change.tx, id, user).await?;
        change.tell(kind::MEMBER_LEFT, user);
        if actor == user
            && change.role == MemberRole::Owner
            && let Some((heir, role)) = MessagesStore::heir(&change.tx, id).await?
        {
            change.set_role(heir, role, MemberRole::Owner).await?;
        }
        change.commit(&self).await
    }

    /// The owner makes somebody an admin or a member. Whoever is made the owner takes the group over, and the
    /// owner becomes an admin.
    pub async fn set_role(
        &self,
        actor: UserId,
        id: ConversationId,
        user: UserId,
        to: MemberRole,
    ) -> Result<(), MessageError> {
        let this = self.clone();
        to_the_end(async move { this.set_role_of(actor, id, user, to).await }).await
    }

    async fn set_role_of(
        self,
        actor: UserId,
        id: ConversationId,
        user: UserId,
        to: MemberRole,
    ) -> Result<(), MessageError> {
        let mut change = GroupChange::begin(&self, actor, id).await?;
        change.must(Act::SetRole)?;
        let from = MessagesStore::role(&change.tx, id, user).await?.ok_or(MessageError::NoSuchMember)?;
        match (from, to) {
            (MemberRole::Owner, MemberRole::Owner) => {}
            (MemberRole::Owner, _) => return Err(MessageError::OwnerNeeded),
            (_, MemberRole::Owner) => {
                change.set_role(actor, MemberRole::Owner, MemberRole::Admin).await?;
                change.set_role(user, from, to).await?;
            }
            _ => change.set_role(user, from, to).await?,
        }
        change.commit(&self).await
    }

    /// The owner or an admin gives a group another name; the version says whether it is the one they saw.
    pub async fn rename(
        &self,
        actor: UserId,
        id: ConversationId,
        name: String,
        seen: IfMatch,
    ) -> Result<(ConversationDto, i32), MessageError> {
        let this = self.clone();
        to_the_end(async move { this.rename_if(actor, id, name, seen).await }).await?;
        self.read(actor, id).await
    }

    async fn rename_if(
        self,
        actor: UserId,
        id: ConversationId,
        name: String,
        seen: IfMatch,
    ) -> Result<(), MessageError> {
        let mut change = GroupChange::begin(&self, actor, id).await?;
        change.must(Act::Rename)?;
        seen.check(change.conversation.version)?;
        change.rename(name).await?;
        change.commit(&self).await
    }
}
