//! The contract over HTTP, feature by feature.

mod admin;
mod auth;
mod blocks;
mod commands;
mod conversations;
mod groups;
mod health;
mod ids;
mod marks;
mod messages;
mod policy;
mod posts;
mod search;
mod server;
mod start;
mod stories;
mod users;
