mod jobs;

use std::sync::Arc;

use poem_openapi::{
    OpenApi, Tags,
    param::{Path, Query},
};

use super::{
    dto::{AccountDto, AccountEdit, AccountFilter, AuditDto, Stats},
    error::OwnAccount,
    permissions::{ManageAccounts, ReadAccounts, ReadAudit, ReadStats},
    service::AdminService,
};
use crate::{
    guards::{Caller, Can, Role},
    modules::users::UserStatus,
    problem::{Refusal, codes::NotFound},
    wire::{Page, PageQuery, Reply, UserId, Valid},
};

pub use jobs::JobsController;

/// Administering over REST.
pub struct AdminController {
    admin: Arc<AdminService>,
}

impl AdminController {
    pub fn new(admin: Arc<AdminService>) -> Self {
        Self { admin }
    }
}

#[derive(Tags)]
enum Tag {
    /// Administering accounts, and what is done in the background.
    Admin,
}

#[OpenApi(tag = "Tag::Admin")]
impl AdminController {
    /// Accounts, newest first
    ///
    /// `query` finds usernames that begin with it and display names that hold it.
    #[oai(path = "/admin/users", method = "get", operation_id = "adminListUsers")]
    async fn list(
        &self,
        _who: Can<ReadAccounts>,
        /// The beginning of a username, or a piece of a display name, whichever case.
        #[oai(validator(min_length = 1, max_length = 80))]
        query: Query<Option<String>>,
        /// Only those of this role.
        role: Query<Option<Role>>,
        /// Only those with this status.
        status: Query<Option<UserStatus>>,
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))] limit: Query<Option<u64>>,
        cursor: Query<Option<String>>,
    ) -> Result<Reply<Page<AccountDto>>, Refusal> {
        let filter = AccountFilter { text: query.0, role: role.0, status: status.0 };
        Ok(Reply(self.admin.list(filter, PageQuery::new(limit.0, cursor.0)?).await?))
    }

    /// One account
    ///
    /// With its e-mail address and whether it is suspended.
    #[oai(path = "/admin/users/:id", method = "get", operation_id = "adminGetUser")]
    async fn get(
        &self,
        _who: Can<ReadAccounts>,
        /// The account.
        id: Path<UserId>,
    ) -> Result<Reply<AccountDto>, Refusal<NotFound>> {
        Ok(Reply(self.admin.get(id.0).await?))
    }

    /// Change a role, suspend or reinstate
    ///
    /// Takes effect at once; suspending ends every session and socket of the account.
    #[oai(path = "/admin/users/:id", method = "patch", operation_id = "adminEditUser")]
    async fn edit(
        &self,
        who: Can<ManageAccounts>,
        /// The account.
        id: Path<UserId>,
        caller: Caller,
        body: Valid<AccountEdit>,
    ) -> Result<Reply<AccountDto>, Refusal<(NotFound, OwnAccount)>> {
        Ok(Reply(self.admin.edit(who.user_id, id.0, body.0, caller).await?))
    }

    /// Figures about the whole installation
    ///
    /// Counted as of now; `sockets` and `memory` are this node's alone.
    #[oai(path = "/admin/stats", method = "get", operation_id = "adminGetStats")]
    async fn stats(&self, _who: Can<ReadStats>) -> Result<Reply<Stats>, Refusal> {
        Ok(Reply(self.admin.stats().await?))
    }

    /// Who did what, newest first
    ///
    /// Every change of a role or a status, from where, and by which request.
    #[oai(path = "/admin/audit", method = "get", operation_id = "adminListAudit")]
    async fn audit(
        &self,
        _who: Can<ReadAudit>,
        /// Only what was done to this account.
        subject: Query<Option<UserId>>,
        /// Only what this account did.
        actor: Query<Option<UserId>>,
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))] limit: Query<Option<u64>>,
        cursor: Query<Option<String>>,
    ) -> Result<Reply<Page<AuditDto>>, Refusal> {
        let page = PageQuery::new(limit.0, cursor.0)?;
        Ok(Reply(self.admin.audit(subject.0, actor.0, page).await?))
    }
}
