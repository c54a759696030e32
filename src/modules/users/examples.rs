//! What the documents show.

use poem_openapi::types::{Example, MaybeUndefined};

use super::{
    dto::{AuthorDto, BlockDto, ProfileEdit, UserDto},
    entity::PresenceFor,
};
use crate::{
    guards::Role,
    wire::{Text, Timestamp, UserId},
};

impl Example for UserDto {
    fn example() -> Self {
        Self {
            id: UserId::example(),
            username: "ana".into(),
            email: Some("ana@example.com".into()),
            display_name: Some("Ana".into()),
            bio: Some("I keep rooks.".into()),
            avatar_url: Some("https://example.com/ana.png".into()),
            role: Role::User,
            presence_for: Some(PresenceFor::Conversations),
            created_at: Timestamp::example(),
        }
    }
}

impl Example for AuthorDto {
    fn example() -> Self {
        let UserDto { id, username, display_name, avatar_url, .. } = UserDto::example();
        Self { id, username, display_name, avatar_url }
    }
}

impl Example for BlockDto {
    fn example() -> Self {
        Self { user: AuthorDto::example(), created_at: Timestamp::example() }
    }
}

impl Example for ProfileEdit {
    fn example() -> Self {
        Self {
            display_name: MaybeUndefined::Value(Text("Ana of the rooks".into())),
            bio: MaybeUndefined::Null,
            avatar_url: MaybeUndefined::Undefined,
            presence_for: Some(PresenceFor::Nobody),
        }
    }
}
