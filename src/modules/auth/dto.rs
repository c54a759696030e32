use poem_openapi::{Object, types::Email};
use serde::Serialize;
use validator::Validate;

use crate::{
    modules::users::UserDto,
    wire::{SessionId, Text, Timestamp},
};

/// A new account.
#[derive(Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, skip_serializing_if_is_none, example)]
pub struct Registration {
    #[oai(validator(max_length = 254))]
    pub email: Email,
    /// 3 to 30 letters, digits, `_`, `.` or `-`. Its case is kept but doesn't tell names apart.
    #[oai(validator(min_length = 3, max_length = 30, pattern = "^[A-Za-z0-9_.-]+$"))]
    pub username: String,
    /// Any characters; nothing is cut off.
    #[oai(validator(min_length = 8, max_length = 256))]
    pub password: String,
    /// Plain text.
    #[oai(validator(min_length = 1, max_length = 80))]
    pub display_name: Option<Text>,
}

/// Who wants in.
#[derive(Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct Login {
    /// E-mail address or username.
    #[oai(validator(min_length = 1, max_length = 254))]
    pub login: String,
    #[oai(validator(min_length = 1, max_length = 256))]
    pub password: String,
}

/// A refresh token.
#[derive(Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct Refresh {
    #[oai(validator(min_length = 1, max_length = 256))]
    pub refresh_token: String,
}

/// A signed-in person and their tokens.
#[derive(Object, Serialize)]
#[oai(rename = "SignedIn", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct SignedInDto {
    pub user: UserDto,
    /// Send it as a bearer token, and as `auth.token` in a socket's handshake.
    pub access_token: String,
    /// Good for one refresh. Keep it where scripts of others can't read it.
    pub refresh_token: String,
    /// Seconds until the access token expires.
    pub expires_in: u64,
}

/// One of my sessions.
#[derive(Object, Serialize)]
#[oai(rename = "Session", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct SessionDto {
    pub id: SessionId,
    /// Whether it is the one that asks.
    pub current: bool,
    #[oai(nullable)]
    pub user_agent: Option<String>,
    #[oai(nullable)]
    pub address: Option<String>,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A new access token for this socket.
#[derive(Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct Renewal {
    #[oai(validator(min_length = 1, max_length = 4096))]
    pub token: String,
}

/// Until when the socket may go on.
#[derive(Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct Renewed {
    pub expires_at: Timestamp,
}
