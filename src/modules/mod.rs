//! The features. Each is one folder of one shape; `app.rs` is where they meet.

pub mod admin;
pub mod auth;
pub mod health;
pub mod inbox;
pub mod messages;
pub mod posts;
pub mod presence;
pub mod users;
