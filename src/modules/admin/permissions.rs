use crate::guards::{Permission, Role};

/// See every account, e-mail addresses included.
pub struct ReadAccounts;

/// Change roles, suspend and reinstate.
pub struct ManageAccounts;

/// See figures about the whole installation.
pub struct ReadStats;

/// See who did what.
pub struct ReadAudit;

/// See what is done in the background.
pub struct ReadJobs;

/// Try what was given up again, or throw it away.
pub struct ManageJobs;

impl Permission for ReadAccounts {
    const NAME: &'static str = "admin:users:read";
    const ROLES: &'static [Role] = &[Role::Moderator, Role::Admin];
}

impl Permission for ManageAccounts {
    const NAME: &'static str = "admin:users:write";
    const ROLES: &'static [Role] = &[Role::Admin];
}

impl Permission for ReadStats {
    const NAME: &'static str = "admin:stats:read";
    const ROLES: &'static [Role] = &[Role::Moderator, Role::Admin];
}

impl Permission for ReadAudit {
    const NAME: &'static str = "admin:audit:read";
    const ROLES: &'static [Role] = &[Role::Admin];
}

impl Permission for ReadJobs {
    const NAME: &'static str = "admin:jobs:read";
    const ROLES: &'static [Role] = &[Role::Admin];
}

impl Permission for ManageJobs {
    const NAME: &'static str = "admin:jobs:write";
    const ROLES: &'static [Role] = &[Role::Admin];
}
