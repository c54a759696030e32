//! How the API document groups its operations.

use poem_openapi::Tags;

#[derive(Tags)]
pub enum Tag {
    /// Registering, signing in and out, sessions.
    Auth,
    /// People and their profiles.
    Users,
    /// Posts and reactions.
    Posts,
    /// Conversations and messages; the same over Socket.IO.
    Messages,
    /// Administering accounts.
    Admin,
    /// Probes and metrics.
    Health,
}
