//! Passwords and sessions.

/// Why sessions end: stored with them, and told to their sockets.
pub mod reason {
    pub const LOGGED_OUT: &str = "loggedOut";
    pub const SESSION_ENDED: &str = "sessionEnded";
    pub const ACCOUNT_SUSPENDED: &str = "accountSuspended";
    pub const REFRESH_TOKEN_REUSED: &str = "refreshTokenReused";
}

pub mod credentials {
    use crate::wire::UserId;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "credentials")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: UserId,
        /// PHC string.
        pub password_hash: String,
        pub changed_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod sessions {
    use crate::wire::{SessionId, UserId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SessionId,
        pub user_id: UserId,
        pub user_agent: Option<String>,
        pub address: Option<String>,
        pub created_at: DateTimeUtc,
        pub last_used_at: DateTimeUtc,
        /// Absolute.
        pub expires_at: DateTimeUtc,
        /// How often the refresh token has been rotated.
        pub generation: i64,
        pub rotated_at: DateTimeUtc,
        /// SHA-256 of the refresh token that is valid now.
        pub refresh_hash: Vec<u8>,
        pub revoked_at: Option<DateTimeUtc>,
        pub revoked_reason: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
