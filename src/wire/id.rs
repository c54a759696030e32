//! One type per kind of id, so that a post's can't be passed for a user's.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Declares a UUID newtype that travels, is stored, and is documented as a UUID. Ids that only one
/// feature knows are declared in its `entity.rs`.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $example:literal) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, sea_orm::DeriveValueType, poem_openapi::NewType,
        )]
        #[serde(transparent)]
        #[oai(example)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A new id; ids made later sort later (UUID version 7).
            pub fn generate() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        impl poem_openapi::types::Example for $name {
            fn example() -> Self {
                Self(uuid::uuid!($example))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        /// Asked for by the ORM of every primary key; a UUID never comes from a number.
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    };
}

pub(crate) use id;

id!(
    /// A person's account.
    UserId, "01980a1e-7c00-7000-8000-000000000001"
);
id!(
    /// One sign-in and everything refreshed from it (a token family).
    SessionId, "01980a1e-7c00-7000-8000-000000000002"
);
id!(
    /// A conversation; its stream has the same id.
    ConversationId, "01980a1e-7c00-7000-8000-000000000004"
);
id!(
    /// Chosen by the sender, unique in its conversation.
    MessageId, "01980a1e-7c00-7000-8000-000000000005"
);
id!(
    /// An ordered row of durable facts; has the id of what it is about.
    StreamId, "01980a1e-7c00-7000-8000-000000000006"
);

impl StreamId {
    /// The stream that a feature keeps for something that has an id: somebody's notifications, say.
    /// Always the same one (UUID version 8: SHA-256 of both).
    pub fn of(feature: &str, id: Uuid) -> Self {
        let digest = Sha256::new_with_prefix(feature).chain_update([0]).chain_update(id).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl From<ConversationId> for StreamId {
    fn from(id: ConversationId) -> Self {
        Self(id.0)
    }
}

/// A user's own stream.
impl From<UserId> for StreamId {
    fn from(id: UserId) -> Self {
        Self(id.0)
    }
}
