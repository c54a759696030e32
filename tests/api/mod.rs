//! The contract over HTTP, feature by feature.

mod admin;
mod auth;
mod conversations;
mod health;
mod posts;
mod server;
mod start;
mod users;
