use poem_openapi::{Object, types::MaybeUndefined};
use serde::Serialize;
use validator::Validate;

use super::{
    entity::{self, PresenceFor},
    store::{BlockRow, ProfileChange},
};
use crate::{
    guards::Role,
    wire::{Text, Timestamp, UserId},
};

/// A person. Others see no e-mail address.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "User", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct UserDto {
    pub id: UserId,
    pub username: String,
    /// Only to oneself and to those who administer accounts.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Plain text.
    #[oai(nullable)]
    pub display_name: Option<String>,
    /// Plain text.
    #[oai(nullable)]
    pub bio: Option<String>,
    #[oai(nullable)]
    pub avatar_url: Option<String>,
    pub role: Role,
    /// Who may see whether I am there; only to oneself and to those who administer accounts.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence_for: Option<PresenceFor>,
    pub created_at: Timestamp,
}

/// A person beside what they wrote.
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize)]
#[oai(rename = "Author", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct AuthorDto {
    pub id: UserId,
    pub username: String,
    #[oai(nullable)]
    pub display_name: Option<String>,
    #[oai(nullable)]
    pub avatar_url: Option<String>,
}

/// Somebody whom one has blocked.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "Block", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct BlockDto {
    pub user: AuthorDto,
    /// Since when.
    pub created_at: Timestamp,
}

/// What to change about one's profile: an absent field stays, `null` clears it.
#[derive(Debug, Clone, Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct ProfileEdit {
    /// Plain text.
    #[oai(nullable, validator(min_length = 1, max_length = 80))]
    pub display_name: MaybeUndefined<Text>,
    /// Plain text.
    #[oai(nullable, validator(max_length = 500))]
    pub bio: MaybeUndefined<String>,
    /// An https address.
    #[oai(nullable, validator(max_length = 500, pattern = "^https://[!-~]+$"))]
    pub avatar_url: MaybeUndefined<String>,
    /// Who may see whether I am there, and when I was last: `conversations`, whoever shares one with me, or `nobody`.
    /// With `nobody` I don't see it of others either.
    pub presence_for: Option<PresenceFor>,
}

impl From<ProfileEdit> for ProfileChange {
    fn from(edit: ProfileEdit) -> Self {
        let ProfileEdit { display_name, bio, avatar_url, presence_for } = edit;
        let (display_name, bio, avatar_url) = (change(display_name), change(bio), change(avatar_url));
        Self { display_name, bio, avatar_url, presence_for }
    }
}

fn change(field: MaybeUndefined<impl Into<String>>) -> Option<Option<String>> {
    match field {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(text) => Some(Some(text.into())),
    }
}

impl From<BlockRow> for BlockDto {
    fn from(BlockRow { user, created_at }: BlockRow) -> Self {
        let entity::Model { id, username, display_name, avatar_url, .. } = user;
        Self { user: AuthorDto { id, username, display_name, avatar_url }, created_at: created_at.into() }
    }
}

impl UserDto {
    /// As anybody sees them.
    pub fn public(model: entity::Model) -> Self {
        Self { email: None, presence_for: None, ..Self::own(model) }
    }

    /// As they see themselves.
    pub fn own(model: entity::Model) -> Self {
        let entity::Model {
            id,
            username,
            email,
            display_name,
            bio,
            avatar_url,
            role,
            created_at,
            presence_for,
            ..
        } = model;
        Self {
            id,
            username,
            email: Some(email),
            display_name,
            bio,
            avatar_url,
            role,
            presence_for: Some(presence_for),
            created_at: created_at.into(),
        }
    }
}
