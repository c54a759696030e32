//! What the documents show. The secrets aren't anybody's.

use poem_openapi::types::{Email, Example};

use super::{
    dto::{Login, Refresh, Registration, Renewal, Renewed, SessionDto, SignedInDto},
    events::{AccountChanged, SessionEnded},
};
use crate::{
    guards::Role,
    modules::users::UserDto,
    wire::{SessionId, Text, Timestamp},
};

const ACCESS_TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl";
const REFRESH_TOKEN: &str = "ZXhhbXBsZSByZWZyZXNoIHRva2Vu";
const PASSWORD: &str = "correct horse battery";

impl Example for Registration {
    fn example() -> Self {
        Self {
            email: Email("ana@example.com".into()),
            username: "ana".into(),
            password: PASSWORD.into(),
            display_name: Some(Text("Ana".into())),
        }
    }
}

impl Example for SessionEnded {
    fn example() -> Self {
        Self {
            seq: 8,
            at: Timestamp::example(),
            session_id: SessionId::example(),
            reason: "loggedOut".into(),
        }
    }
}

impl Example for AccountChanged {
    fn example() -> Self {
        Self { seq: 7, at: Timestamp::example(), role: Role::Moderator }
    }
}

impl Example for Login {
    fn example() -> Self {
        Self { login: "ana".into(), password: PASSWORD.into() }
    }
}

impl Example for Refresh {
    fn example() -> Self {
        Self { refresh_token: REFRESH_TOKEN.into() }
    }
}

impl Example for SignedInDto {
    fn example() -> Self {
        Self {
            user: UserDto::example(),
            access_token: ACCESS_TOKEN.into(),
            refresh_token: REFRESH_TOKEN.into(),
            expires_in: 900,
        }
    }
}

impl Example for SessionDto {
    fn example() -> Self {
        Self {
            id: SessionId::example(),
            current: true,
            user_agent: Some("Mozilla/5.0".into()),
            address: Some("192.0.2.7".into()),
            created_at: Timestamp::example(),
            last_used_at: Timestamp::example(),
            expires_at: Timestamp::example(),
        }
    }
}

impl Example for Renewal {
    fn example() -> Self {
        Self { token: ACCESS_TOKEN.into() }
    }
}

impl Example for Renewed {
    fn example() -> Self {
        Self { expires_at: Timestamp::example() }
    }
}
