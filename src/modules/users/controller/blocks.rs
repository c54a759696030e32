use std::sync::Arc;

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};

use super::Tag;
use crate::{
    guards::Can,
    modules::users::{
        dto::BlockDto,
        error::{BlocksThemselves, TooManyBlocked},
        permissions::EditProfile,
        service::UsersService,
    },
    problem::{Refusal, codes::NotFound},
    wire::{NoContent, Page, PageQuery, Reply, UserId},
};

/// Whom one has blocked, over REST.
pub struct BlocksController {
    users: Arc<UsersService>,
}

impl BlocksController {
    pub fn new(users: Arc<UsersService>) -> Self {
        Self { users }
    }
}

#[OpenApi(tag = "Tag::Users")]
impl BlocksController {
    /// Block somebody
    ///
    /// They aren't told. They can't begin a conversation with me, add me to a group, or send into our direct
    /// conversation; neither can I send there. What they do in groups is hidden from me. Once more changes nothing.
    #[oai(path = "/users/:id/block", method = "put", operation_id = "blockUser")]
    async fn block(
        &self,
        who: Can<EditProfile>,
        /// Whom to block.
        id: Path<UserId>,
    ) -> Result<NoContent, Refusal<(NotFound, BlocksThemselves, TooManyBlocked)>> {
        self.users.block(who.user_id, id.0).await?;
        Ok(NoContent)
    }

    /// Take a block back
    ///
    /// What was hidden is there again. When there is no block, nothing changes.
    #[oai(path = "/users/:id/block", method = "delete", operation_id = "unblockUser")]
    async fn unblock(
        &self,
        who: Can<EditProfile>,
        /// Whom I have blocked.
        id: Path<UserId>,
    ) -> Result<NoContent, Refusal> {
        self.users.unblock(who.user_id, id.0).await?;
        Ok(NoContent)
    }

    /// Whom I have blocked, by username
    ///
    /// Nobody else sees this list.
    #[oai(path = "/users/me/blocks", method = "get", operation_id = "listBlocks")]
    async fn list(
        &self,
        who: Can<EditProfile>,
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))] limit: Query<Option<u64>>,
        cursor: Query<Option<String>>,
    ) -> Result<Reply<Page<BlockDto>>, Refusal> {
        let page = PageQuery::new(limit.0, cursor.0)?;
        Ok(Reply(self.users.blocks(who.user_id, page).await?))
    }
}
