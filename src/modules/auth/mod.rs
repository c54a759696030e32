//! Signing in: registration, passwords, access and refresh tokens, sessions.
//!
//! Exports [`Sessions`], which other features use to end somebody's sessions, and which answers the
//! gate's questions. Leaves out roles and suspension (admin), profiles (users), and, until they have
//! mail to send, verification and password reset.

mod controller;
mod dto;
mod entity;
mod error;
mod events;
mod examples;
mod gateway;
mod hasher;
mod module;
mod refresh_token;
mod service;
mod sessions;
mod store;
#[cfg(test)]
mod tests;

pub use controller::AuthController;
pub use dto::Registration;
pub use module::{AuthDeps, AuthModule};
pub use service::AuthService;
pub use sessions::Sessions;
