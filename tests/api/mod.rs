//! The contract over HTTP, feature by feature.

mod auth;
mod health;
mod posts;
mod server;
mod start;
mod users;
