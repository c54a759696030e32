mod job;

use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;
use validator::Validate;

use super::entity;
use crate::{
    guards::Role,
    modules::users::{UserStatus, entity as user_rows},
    wire::{Timestamp, UserId},
};

pub use job::{JobDto, State};

/// Which accounts to list.
#[derive(Debug, Default)]
pub struct AccountFilter {
    pub text: Option<String>,
    pub role: Option<Role>,
    pub status: Option<UserStatus>,
}

/// An account, as those who administer it see it.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "Account", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct AccountDto {
    pub id: UserId,
    pub username: String,
    pub email: String,
    #[oai(nullable)]
    pub display_name: Option<String>,
    pub role: Role,
    pub status: UserStatus,
    pub created_at: Timestamp,
}

/// What to change about an account. A suspended one is signed out everywhere at once.
#[derive(Debug, Clone, Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, skip_serializing_if_is_none, example)]
pub struct AccountEdit {
    pub role: Option<Role>,
    pub status: Option<UserStatus>,
}

/// Figures about the whole installation, as of now.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    pub users: i64,
    pub suspended_users: i64,
    pub posts: i64,
    pub conversations: i64,
    /// Everything that ever happened in conversations, messages above all.
    pub events: i64,
    /// Connected to this node.
    pub sockets: u64,
    /// Bytes of RAM this node holds, where the operating system tells.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<i64>,
}

/// One act.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "AuditEntry", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct AuditDto {
    pub id: Uuid,
    pub at: Timestamp,
    /// Who did it; nobody for an act at the console.
    #[oai(nullable)]
    pub actor_id: Option<UserId>,
    /// `user.role`, `user.status`, `job.retry` or `job.delete`.
    pub action: String,
    /// To whom, or to which job.
    #[oai(nullable)]
    pub subject_id: Option<UserId>,
    /// From what to what.
    pub detail: String,
    #[oai(nullable)]
    pub address: Option<String>,
    #[oai(nullable)]
    pub request_id: Option<String>,
}

impl From<user_rows::Model> for AccountDto {
    fn from(model: user_rows::Model) -> Self {
        let user_rows::Model { id, username, email, display_name, role, status, created_at, .. } = model;
        Self { id, username, email, display_name, role, status, created_at: created_at.into() }
    }
}

impl From<entity::Model> for AuditDto {
    fn from(model: entity::Model) -> Self {
        let entity::Model { id, at, actor_id, action, subject_id, detail, address, request_id } = model;
        Self { id, at: at.into(), actor_id, action, subject_id, detail, address, request_id }
    }
}
