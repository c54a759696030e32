use std::sync::Arc;

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};

use super::Tag;
use crate::{
    guards::Can,
    modules::messages::{
        dto::{MemberDto, NewMembers, RoleChange},
        error::{DirectIsFixed, NotAnAdmin, NotTheOwner, OwnerNeeded},
        permissions::{ReadMessages, WriteMessages},
        service::MessagesService,
    },
    problem::{Refusal, codes::NotFound},
    wire::{ConversationId, NoContent, Page, PageQuery, Reply, UserId, Valid},
};

/// Who is in conversations, over REST.
pub struct MembersController {
    messages: Arc<MessagesService>,
}

impl MembersController {
    pub fn new(messages: Arc<MessagesService>) -> Self {
        Self { messages }
    }
}

#[OpenApi(tag = "Tag::Messages")]
impl MembersController {
    /// Its members
    ///
    /// With how far each has read. Only members may see it.
    #[oai(path = "/conversations/:id/members", method = "get", operation_id = "listMembers")]
    async fn members(
        &self,
        who: Can<ReadMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))] limit: Query<Option<u64>>,
        cursor: Query<Option<String>>,
    ) -> Result<Reply<Page<MemberDto>>, Refusal<NotFound>> {
        let page = PageQuery::new(limit.0, cursor.0)?;
        Ok(Reply(self.messages.members(who.user_id, id.0, page).await?))
    }

    /// Add members to a group
    ///
    /// The owner and admins may. Whoever is a member already stays as they are. Joined sockets are told with `memberChanged`.
    #[oai(path = "/conversations/:id/members", method = "post", operation_id = "addMembers")]
    async fn add(
        &self,
        who: Can<WriteMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        body: Valid<NewMembers>,
    ) -> Result<NoContent, Refusal<(NotFound, NotAnAdmin, DirectIsFixed)>> {
        self.messages.add(who.user_id, id.0, body.0).await?;
        Ok(NoContent)
    }

    /// Remove a member from a group, or leave
    ///
    /// The owner and admins may remove members, the owner admins, too. Joined sockets are told with `memberChanged`.
    /// When the owner leaves, the admin who has been there longest owns the group, or else the member.
    #[oai(path = "/conversations/:id/members/:userId", method = "delete", operation_id = "removeMember")]
    #[allow(non_snake_case, reason = "the parameter's name in the document")]
    async fn remove(
        &self,
        who: Can<WriteMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        /// Whom to remove; myself, to leave.
        userId: Path<UserId>,
    ) -> Result<NoContent, Refusal<(NotFound, NotTheOwner, NotAnAdmin, DirectIsFixed)>> {
        self.messages.remove(who.user_id, id.0, userId.0).await?;
        Ok(NoContent)
    }

    /// Give a member of my group a role
    ///
    /// The owner may. To make somebody else the owner hands the group over: whoever owned it becomes an admin.
    /// Joined sockets are told with `memberChanged`.
    #[oai(path = "/conversations/:id/members/:userId/role", method = "put", operation_id = "setMemberRole")]
    #[allow(non_snake_case, reason = "the parameter's name in the document")]
    async fn set_role(
        &self,
        who: Can<WriteMessages>,
        /// The conversation.
        id: Path<ConversationId>,
        /// Whose role.
        userId: Path<UserId>,
        body: Valid<RoleChange>,
    ) -> Result<NoContent, Refusal<(NotFound, NotTheOwner, OwnerNeeded, DirectIsFixed)>> {
        self.messages.set_role(who.user_id, id.0, userId.0, body.0.role).await?;
        Ok(NoContent)
    }
}
