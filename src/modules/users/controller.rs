mod blocks;

pub use blocks::BlocksController;

use std::sync::Arc;

use poem_openapi::{
    OpenApi, Tags,
    param::{Path, Query},
};

use super::{
    dto::{ProfileEdit, UserDto},
    permissions::{EditProfile, ReadUsers},
    service::UsersService,
};
use crate::{
    guards::{Can, SignedIn},
    problem::{Refusal, codes::NotFound},
    wire::{Page, PageQuery, Reply, Valid},
};

/// People over REST.
pub struct UsersController {
    users: Arc<UsersService>,
}

impl UsersController {
    pub fn new(users: Arc<UsersService>) -> Self {
        Self { users }
    }
}

#[derive(Tags)]
enum Tag {
    /// People and their profiles.
    Users,
}

#[OpenApi(tag = "Tag::Users")]
impl UsersController {
    /// My own profile
    ///
    /// The only profile with my e-mail address in it.
    #[oai(path = "/users/me", method = "get", operation_id = "getMe")]
    async fn me(&self, who: SignedIn) -> Result<Reply<UserDto>, Refusal> {
        Ok(Reply(self.users.me(who.user_id).await?))
    }

    /// Change my profile
    ///
    /// An absent field stays as it is, `null` clears it; at least one must be named.
    #[oai(path = "/users/me", method = "patch", operation_id = "editMe")]
    async fn edit(&self, who: Can<EditProfile>, body: Valid<ProfileEdit>) -> Result<Reply<UserDto>, Refusal> {
        Ok(Reply(self.users.edit(who.user_id, body.0).await?))
    }

    /// Somebody's profile, by id or username
    ///
    /// As anybody sees them: without the e-mail address.
    #[oai(path = "/users/:idOrUsername", method = "get", operation_id = "getUser")]
    #[allow(non_snake_case, reason = "the parameter's name in the document")]
    async fn look_up(
        &self,
        _who: Can<ReadUsers>,
        /// What is a UUID is an id, anything else a username, whichever case.
        idOrUsername: Path<String>,
    ) -> Result<Reply<UserDto>, Refusal<NotFound>> {
        Ok(Reply(self.users.look_up(&idOrUsername).await?))
    }

    /// People, by username
    ///
    /// `query` finds usernames that begin with it and display names that hold it.
    #[oai(path = "/users", method = "get", operation_id = "listUsers")]
    async fn list(
        &self,
        _who: Can<ReadUsers>,
        /// The beginning of a username, or a piece of a display name, whichever case.
        #[oai(validator(min_length = 1, max_length = 80))]
        query: Query<Option<String>>,
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))] limit: Query<Option<u64>>,
        cursor: Query<Option<String>>,
    ) -> Result<Reply<Page<UserDto>>, Refusal> {
        let page = PageQuery::new(limit.0, cursor.0)?;
        Ok(Reply(self.users.list(query.0.as_deref(), page).await?))
    }
}
