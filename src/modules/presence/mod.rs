//! Presence: whether the people with whom I share a conversation are connected, and when they were last.
//!
//! Exports [`PresenceModule`] and the ports that it asks through. Leaves out how nodes know who is connected, which the
//! sockets do, and whether somebody wants to be seen, which is in their profile (users).

mod controller;
mod events;
mod examples;
mod gateway;
mod module;
mod permissions;
mod service;

pub use controller::PresenceController;
pub use module::{PresenceDeps, PresenceModule};
pub use service::{CirclePort, LastSeenPort};
