use crate::guards::{Permission, Role};

/// See whether the people of one's conversations are there.
pub struct ReadPresence;

impl Permission for ReadPresence {
    const NAME: &'static str = "presence:read";
    const ROLES: &'static [Role] = &[Role::User, Role::Moderator, Role::Admin];
}
