use crate::guards::{Permission, Role};

/// Read the conversations one is a member of.
pub struct ReadMessages;

/// Begin conversations, change their members, and send.
pub struct WriteMessages;

impl Permission for ReadMessages {
    const NAME: &'static str = "messages:read";
    const ROLES: &'static [Role] = &[Role::User, Role::Moderator, Role::Admin];
}

impl Permission for WriteMessages {
    const NAME: &'static str = "messages:write";
    const ROLES: &'static [Role] = &[Role::User, Role::Moderator, Role::Admin];
}
