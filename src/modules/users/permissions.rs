use crate::guards::{Permission, Role};

/// Look people up.
pub struct ReadUsers;

/// Change one's own profile, and block people.
pub struct EditProfile;

impl Permission for ReadUsers {
    const NAME: &'static str = "users:read";
    const ROLES: &'static [Role] = &[Role::User, Role::Moderator, Role::Admin];
}

impl Permission for EditProfile {
    const NAME: &'static str = "users:edit-self";
    const ROLES: &'static [Role] = &[Role::User, Role::Moderator, Role::Admin];
}
