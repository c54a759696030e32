use crate::guards::{Permission, Role};

/// Read posts.
pub struct ReadPosts;

/// Write posts, change one's own, and react.
pub struct WritePosts;

impl Permission for ReadPosts {
    const NAME: &'static str = "posts:read";
    const ROLES: &'static [Role] = &[Role::User, Role::Moderator, Role::Admin];
}

impl Permission for WritePosts {
    const NAME: &'static str = "posts:write";
    const ROLES: &'static [Role] = &[Role::User, Role::Moderator, Role::Admin];
}
