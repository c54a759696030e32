//! What a role may do. Each module declares its permissions as zero-sized types.

use super::Role;

/// Something that can be allowed, and to whom.
///
/// ```
/// use rookery::guards::{Permission, Role};
///
/// struct WritePosts;
/// impl Permission for WritePosts {
///     const NAME: &'static str = "posts:write";
///     const ROLES: &'static [Role] = &[Role::User, Role::Moderator, Role::Admin];
/// }
/// assert!(WritePosts::allows(Role::User));
/// ```
pub trait Permission: Send + Sync + 'static {
    /// `feature:act`, as the documents show it.
    const NAME: &'static str;
    /// The roles that hold it.
    const ROLES: &'static [Role];

    fn allows(role: Role) -> bool {
        Self::ROLES.contains(&role)
    }
}
