use crate::guards::{Permission, Role};

/// Read and follow one's own ~widgets~.
pub struct ReadWidgets;

/// Make, change and delete one's own ~widgets~.
pub struct WriteWidgets;

impl Permission for ReadWidgets {
    const NAME: &'static str = "widgets-path:read";
    const ROLES: &'static [Role] = &[Role::User, Role::Moderator, Role::Admin];
}

impl Permission for WriteWidgets {
    const NAME: &'static str = "widgets-path:write";
    const ROLES: &'static [Role] = &[Role::User, Role::Moderator, Role::Admin];
}
