//! What the documents show.

use poem_openapi::types::Example;
use uuid::uuid;

use super::dto::{AccountDto, AccountEdit, AuditDto, JobDto, State, Stats};
use crate::{
    guards::Role,
    modules::users::UserStatus,
    wire::{Timestamp, UserId},
};

impl Example for AccountDto {
    fn example() -> Self {
        Self {
            id: UserId::example(),
            username: "ana".into(),
            email: "ana@example.com".into(),
            display_name: Some("Ana".into()),
            role: Role::Moderator,
            status: UserStatus::Active,
            created_at: Timestamp::example(),
        }
    }
}

impl Example for AccountEdit {
    fn example() -> Self {
        Self { role: Some(Role::Moderator), status: None }
    }
}

impl Example for Stats {
    fn example() -> Self {
        Self {
            users: 1200,
            suspended_users: 3,
            posts: 56_000,
            conversations: 4100,
            events: 980_000,
            sockets: 310,
            memory: Some(48 * 1024 * 1024),
        }
    }
}

impl Example for AuditDto {
    fn example() -> Self {
        Self {
            id: uuid!("01980a1e-7c00-7000-8000-0000000000aa"),
            at: Timestamp::example(),
            actor_id: Some(UserId::example()),
            action: "user.role".into(),
            subject_id: Some(UserId::example()),
            detail: "user → moderator".into(),
            address: Some("192.0.2.7".into()),
            request_id: Some("01980a1e-7c00-7000-8000-0000000000ab".into()),
        }
    }
}

impl Example for JobDto {
    fn example() -> Self {
        Self {
            id: uuid!("01980a1e-7c00-7000-8000-0000000000ac"),
            kind: "tidy".into(),
            state: State::Dead,
            attempt: 12,
            created_at: Timestamp::example(),
            run_at: Timestamp::example(),
            due_at: Timestamp::example(),
            deadline: None,
            error: Some("it took longer than 60s".into()),
            dead_at: Some(Timestamp::example()),
        }
    }
}
